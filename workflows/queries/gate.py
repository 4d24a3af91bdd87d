"""A stage's gate: what is open by unit and step, with whom it lies and until when."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from cycle.models import KINDS, Cycle, Matter, Waiver
from cycle.models.matter import unfinished
from cycle.queries.calendar import current_calendar
from workflows.models import WorkItem
from workflows.queries.deadlines import Due, due_of
from workflows.queries.office_names import short_name
from workflows.queries.overdue import step_title


@dataclass(frozen=True, slots=True)
class Waiting:
    """One open matter: where it lies, how long it may, whether a waiver lets the gate pass over it."""

    matter: Matter
    items: list[WorkItem]
    due: Due
    waiver: Waiver | None

    @property
    def where(self) -> str:
        """The office or offices that have it in hand."""
        return "、".join(short_name(item.office) for item in self.items) or "尚未送达"

    @property
    def step(self) -> str:
        """The step it stands at."""
        return step_title(self.items[0]) if self.items else str(self.matter.state_title)


def open_rows(cycle: Cycle, stage: str, *, kind: str = "", unit: str = "") -> QuerySet[Matter]:
    """The open matters of a stage, unit by unit, perhaps of one kind or one unit."""
    rows = Matter.objects.filter(unfinished(), cycle=cycle, stage=stage)
    if kind in KINDS:
        rows = rows.filter(kind=kind)
    if unit:
        rows = rows.filter(subject__code=unit)
    return rows.select_related("subject", "office", "waiver").order_by("subject__position", "kind", "key")


def waited(matters: Iterable[Matter], now: dt.datetime) -> list[Waiting]:
    """Add to open matters the tasks they wait for, in one statement."""
    rows = list(matters)
    items: dict[Any, list[WorkItem]] = {}
    found = WorkItem.objects.filter(matter__in=[each.pk for each in rows], state=WorkItem.State.OPEN)
    for item in found.select_related("office__organisation").order_by("due_at"):
        items.setdefault(item.matter_id, []).append(item)
    calendar = current_calendar()
    return [
        Waiting(
            matter=each,
            items=items.get(each.pk, []),
            due=due_of(items[each.pk][0].due_at if each.pk in items else None, now, calendar),
            waiver=getattr(each, "waiver", None),
        )
        for each in rows
    ]


def by_kind(cycle: Cycle, stage: str) -> list[dict[str, Any]]:
    """For each kind of matter of a stage: how many there are, how many are done."""
    rows = (
        Matter.objects.filter(cycle=cycle, stage=stage)
        .values("kind")
        .annotate(total=Count("id"), open=Count("id", filter=unfinished()))
    )
    found = {row["kind"]: row for row in rows}
    return [
        {
            "kind": key,
            "title": model.TITLE,
            "total": found[key]["total"],
            "open": found[key]["open"],
            "done": found[key]["total"] - found[key]["open"],
        }
        for key, model in KINDS.items()
        if key in found
    ]


def waived(rows: QuerySet[Matter], today: dt.date) -> int:
    """How many of some open matters a waiver covers today."""
    return rows.filter(Q(waiver__until__gte=today)).count()
