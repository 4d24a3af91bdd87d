"""One row per thing that happened. Append-only by privilege and by trigger."""

import json
from typing import Any

from django.db import models
from django.db.models.functions import Now

from audit.ids import uuid7


class Event(models.Model):
    """A change, a refusal, a sign-in or an export, as canonical JSON bytes with their leaf hash.

    The columns repeat parts of `body` for queries; `body` is what is hashed and what counts. `seq`
    orders the events of one stream; nothing else orders history. `xid` (kept by the database) lets
    readers stay below the oldest running transaction, so that none is missed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    stream = models.CharField(max_length=120)
    seq = models.PositiveIntegerField()
    type = models.CharField(max_length=80)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=80)
    behalf_id = models.UUIDField(null=True)
    behalf_name = models.CharField(max_length=80, blank=True)
    office_id = models.UUIDField(null=True)
    office_title = models.CharField(max_length=120, blank=True)
    policy = models.CharField(max_length=71, blank=True)
    request_id = models.CharField(max_length=36)
    body = models.TextField()
    leaf_alg = models.CharField(max_length=24)
    leaf_hash = models.BinaryField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stream", "seq"], name="audit_event_stream_seq"),
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="audit_event_seq_positive"),
        ]
        indexes = [
            models.Index(fields=["at"], name="audit_event_at"),
            models.Index(fields=["type", "at"], name="audit_event_type_at"),
            models.Index(fields=["office_id", "at"], name="audit_event_office_at"),
        ]

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq} {self.type}"

    @property
    def facts(self) -> dict[str, Any]:
        """The body as a dictionary (`set`, `was`, `why` and the facts of this type of event)."""
        decoded: dict[str, Any] = json.loads(self.body)
        return decoded

    @property
    def digest(self) -> str:
        """The first twelve hexadecimal digits of the leaf hash, as pages show it."""
        return bytes(self.leaf_hash).hex()[:12]
