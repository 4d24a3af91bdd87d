"""Verifications of the whole ledger that were made: each is itself an event."""

from typing import Any

from django.db.models import Count

from audit.models import Event

TYPE = "integrity.verified"


def latest(limit: int = 10) -> list[Event]:
    """The newest verifications."""
    return list(Event.objects.filter(type=TYPE).order_by("-at", "-id")[:limit])


def extent() -> dict[str, Any]:
    """How many events and streams there are."""
    return Event.objects.aggregate(events=Count("id"), streams=Count("stream", distinct=True))
