"""Measured comparisons with the alternatives. `python -m benchmarks` runs them all at modest size."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
