"""Why a task came back: who returned it, when, with which reason, and which lines the reason names."""

import datetime as dt
from dataclasses import dataclass

from audit.models import Event
from workflows.models import WorkItem


@dataclass(frozen=True, slots=True)
class Return:
    """A return (退回) as the one who has to mend it reads it; `concerns` are keys of the lines it names."""

    office: str
    person: str
    at: dt.datetime
    reason: str
    concerns: frozenset[str]


def return_of(item: WorkItem) -> Return | None:
    """Return the return that served this task, if one did.

    A return and the task that it serves carry the same moment: both are one transaction.
    """
    rows = WorkItem.objects.filter(
        process=item.process_id, outcome__startswith="back_", closed_at=item.served_at
    )
    source = rows.select_related("office", "closed_by").first()
    if source is None or source.closed_at is None:
        return None
    return Return(
        office=source.office.title,
        person=source.closed_by.name if source.closed_by else "",
        at=source.closed_at,
        reason=source.comment,
        concerns=_concerns(source, source.closed_at),
    )


def _concerns(source: WorkItem, at: dt.datetime) -> frozenset[str]:
    events = Event.objects.filter(stream=f"process/{source.process_id}", type="task.completed", at=at)
    facts = [event.facts for event in events]
    named = [each.get("concerns", []) for each in facts if each["item"] == str(source.pk)]
    return frozenset(key for keys in named for key in keys)
