"""Verbs of the ledger itself."""
