"""The performance office's pages."""
