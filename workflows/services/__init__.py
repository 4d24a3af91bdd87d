"""Verbs of the engine: start, serve, complete, sweep, relay."""
