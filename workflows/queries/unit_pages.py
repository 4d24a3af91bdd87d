"""One unit's year on one page: open tasks, matters by kind, leaders, cards, result, uses."""

import datetime as dt
from collections import defaultdict
from typing import Any

from django.db.models import Q

from audit import clock
from audit.models import Event
from cycle.models import KINDS, Cycle, Grade, Indicator, Matter, Subject
from cycle.queries.packs import rules_of
from cycle.queries.result_pages import grade_tone
from cycle.queries.results import approved_run, latest_run
from offices.models import LeaderAssignment
from workflows.models import Process, WorkItem
from workflows.queries.overdue import Chased, Wanted, chased, open_items

CARDS = {"deadline.yellow_card": "黄牌", "deadline.red_card": "红牌"}


def open_tasks(cycle: Cycle, subject: Subject, now: dt.datetime) -> list[Chased]:
    """Open tasks on the unit's matters, whoever has them in hand, the most urgent first."""
    rows = open_items(cycle, Wanted(due="all"), now).filter(subject=subject)
    return chased(rows.select_related("matter", "office__organisation", "subject"), now)


def matters_by_kind(subject: Subject) -> list[dict[str, Any]]:
    """The unit's matters of the year, kind by kind, each with the address of its process."""
    processes = dict(Process.objects.filter(subject=subject).values_list("matter_id", "pk"))
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for matter in Matter.objects.filter(subject=subject).order_by("kind", "key", "created_at"):
        found[matter.kind].append({"matter": matter, "process": processes.get(matter.pk)})
    return [
        {
            "title": model.TITLE,
            "rows": found[kind],
            "done": sum(row["matter"].is_final for row in found[kind]),
        }
        for kind, model in KINDS.items()
        if kind in found
    ]


def record_of(subject: Subject) -> dict[str, int]:
    """The unit's own record: tasks done, late, returned to it, and the cards it was shown."""
    items = WorkItem.objects.filter(cycle=subject.cycle_id, office=subject.office_id)
    closed = list(items.filter(state=WorkItem.State.DONE).only("due_at", "closed_at"))
    backs = WorkItem.objects.filter(subject=subject, outcome__startswith="back_")
    streams = [f"process/{pk}" for pk in items.values_list("process_id", flat=True).distinct()]
    cards = [
        event
        for event in Event.objects.filter(stream__in=streams, type__in=list(CARDS))
        if event.facts.get("office") == str(subject.office_id)
    ]
    return {
        "done": len(closed),
        "late": sum(bool(each.due_at and each.closed_at and each.closed_at > each.due_at) for each in closed),
        "returned": backs.count(),
        "yellow": sum(event.type.endswith("yellow_card") for event in cards),
        "red": sum(event.type.endswith("red_card") for event in cards),
    }


def leaders_of(subject: Subject, now: dt.datetime) -> list[LeaderAssignment]:
    """The leaders who answer for the unit today."""
    day = clock.local_date(now)
    rows = LeaderAssignment.objects.filter(unit=subject.organisation_id, since__lte=day)
    return list(
        rows.filter(Q(until__isnull=True) | Q(until__gte=day))
        .select_related("leader")
        .order_by("kind", "leader__title")
    )


def result_of(cycle: Cycle, subject: Subject) -> dict[str, Any] | None:
    """The unit's grade in the approved or newest run."""
    run = approved_run(cycle) or latest_run(cycle)
    grade = Grade.objects.filter(run=run, subject=subject).first() if run else None
    if grade is None:
        return None
    return {"grade": grade, "run": run, "tone": grade_tone(rules_of(cycle), subject.group, grade.grade)}


def indicators_of(subject: Subject) -> int:
    """How many indicators the unit has now."""
    current = [Indicator.State.DRAFT, Indicator.State.ISSUED]
    return Indicator.objects.filter(subject=subject, state__in=current).count()
