"""Reads about people and offices that more than one caller needs."""
