"""Verbs: the only code that changes people, offices and postings."""
