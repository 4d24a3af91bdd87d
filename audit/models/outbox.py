"""Messages that a transaction leaves behind; the truth of all background work."""

from django.db import models
from django.db.models.functions import Now

from audit.ids import uuid7


class Outbox(models.Model):
    """One message: a topic, a key and a few facts, written in the transaction that caused it.

    The relay hands it to the subscriber of its topic until that succeeds (`done_at`) or gives up
    (`dead_at`); Celery and Redis only make it faster.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    topic = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())
    available_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(db_default=0)
    last_error = models.TextField(blank=True, db_default="")
    done_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["available_at"],
                name="audit_outbox_pending",
                condition=models.Q(done_at__isnull=True, dead_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"
