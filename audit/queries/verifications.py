"""Verifications of the whole ledger, themselves on record: what the last one found and where to go on."""

from typing import Any

from django.db.models import Count
from django.db.models.functions import Now

from audit import ledger
from audit.actor import Actor
from audit.ids import uuid7
from audit.models import Event
from audit.queries.verifying import SHOWN, Findings, verify_ledger

TYPE = "integrity.verified"


def run(*, by: Actor) -> Findings:
    """Verify from where the last unfinished verification stopped, else from the beginning; record what was found."""
    last = latest(1)
    facts = last[0].facts if last else {}
    unfinished = bool(facts) and not facts["complete"]
    place = (facts["last"][0], facts["last"][1]) if unfinished else ("", 0)
    found = verify_ledger(place)
    before = facts["checked_in_all"] if unfinished else 0
    ledger.note(
        TYPE, f"integrity/{uuid7()}", by=by, checked=found.checked, checked_in_all=before + found.checked,
        altered=found.altered[:SHOWN], gaps=found.gaps[:SHOWN], complete=found.complete, last=list(found.last),
    )  # fmt: skip
    return found


def latest(limit: int = 10) -> list[Event]:
    """The newest verifications."""
    return list(Event.objects.filter(type=TYPE).order_by("-at", "-id")[:limit])


def extent() -> dict[str, Any]:
    """How many events and streams there are, and the database's time of the count."""
    return Event.objects.aggregate(events=Count("id"), streams=Count("stream", distinct=True), at=Now())
