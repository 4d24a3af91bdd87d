"""Reads of the work that more than one page needs."""
