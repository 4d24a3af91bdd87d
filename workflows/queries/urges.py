"""How often and when a task was urged: read from the ledger, where each urge is an event."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from audit.models import Event
from workflows.models import WorkItem


@dataclass(frozen=True, slots=True)
class Urges:
    """How many times a task was urged and when last."""

    count: int
    last: dt.datetime


def urges_of(items: Iterable[WorkItem], since: dt.datetime | None = None) -> dict[UUID, Urges]:
    """The urges of some tasks (with their process ids), from `since` on; tasks never urged are absent."""
    streams = sorted({f"process/{item.process_id}" for item in items})
    events = Event.objects.filter(stream__in=streams, type="task.urged").order_by("stream", "seq")
    if since is not None:
        events = events.filter(at__gte=since)
    found: dict[UUID, Urges] = {}
    for event in events:
        item = UUID(event.facts["item"])
        found[item] = Urges(found[item].count + 1 if item in found else 1, event.at)
    return found


def urged_since(items: Iterable[WorkItem], since: dt.datetime) -> list[UUID]:
    """The tasks among `items` that were urged from `since` on."""
    return list(urges_of(items, since))
