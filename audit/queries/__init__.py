"""Reads of the ledger that more than one page needs."""
