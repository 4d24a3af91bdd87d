"""Stored bytes, named by their hash."""

from django.db import models
from django.db.models.functions import Now


class Blob(models.Model):
    """That the bytes with this SHA-256 are stored (see `audit.blobs`), and how many they are."""

    digest = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField()
    stored_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.digest
