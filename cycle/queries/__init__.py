"""Reads about cycles that more than one caller needs."""
