"""Verbs: the only code that changes the state of a cycle's records."""
