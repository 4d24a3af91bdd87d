"""The auditors' pages, and the answers that every page gives alike."""
