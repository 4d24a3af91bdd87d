"""Wiring only: settings, URLs, background work, embedded services, checks of the configuration."""
