"""Appeals as lists: the reviewers' queue by clock, a unit's own, those that wait for an answer."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from cycle.models import Appeal, PointKind, Subject
from cycle.queries.calendar import current_calendar
from offices.queries.seats import Seat
from workflows.models import WorkItem
from workflows.queries.contestable import TONES
from workflows.queries.deadlines import Due, due_of, moment_text
from workflows.queries.inbox import soon_until
from workflows.queries.office_names import short_name
from workflows.queries.visibility import matters_seen
from workflows.services.tasks import step_of

STANDING = (*Appeal.OPEN, "decided")
"""What is on its way: filed, and not yet signed for."""
PRIVATE = ("draft", "lapsed")
"""What a unit has not handed in is nobody else's business."""
STATES = {
    "standing": "在办",
    "overdue": "已超期",
    "soon": "3 个工作日内到期",
    **{state: Appeal.STATES[state] for state in STANDING},
    "closed": "已办结",
    "all": "全部",
}


@dataclass(frozen=True, slots=True)
class AppealRow:
    """One appeal in a list: where it stands, with whom, until when; `task` is the office's own open task."""

    appeal: Appeal
    tone: str
    step: str
    holder: str
    due: Due
    task: str
    filed: str
    result: str


def appeals_seen(seat: Seat) -> QuerySet[Appeal]:
    """The appeals that the office may read, with the deadline of whatever is open on each."""
    seen = matters_seen(seat).filter(kind=Appeal.KIND).values("pk")
    rows = Appeal.objects.filter(pk__in=seen)
    if seat.capacity != "unit":
        rows = rows.exclude(state__in=PRIVATE)
    open_items = WorkItem.objects.filter(matter=OuterRef("pk"), state=WorkItem.State.OPEN)
    return rows.annotate(due=Subquery(open_items.order_by("due_at").values("due_at")[:1]))


def queue(
    seat: Seat, *, state: str = "standing", year: str = "", unit: str = "", point: str = ""
) -> QuerySet[Appeal]:
    """The appeals of a list, the most urgent first; what is closed comes last, newest first."""
    rows = appeals_seen(seat).filter(_state(state, seat.at))
    if year:
        rows = rows.filter(cycle__year=year)
    if unit:
        rows = rows.filter(subject__organisation=UUID(unit))
    if point:
        rows = rows.filter(point=point)
    rows = rows.select_related("cycle", "subject", "indicator", "claim", "reviewer", "office")
    return rows.order_by(F("due").asc(nulls_last=True), F("decided_at").desc(nulls_first=True), "-created_at")


def _state(state: str, at: dt.datetime) -> Q:
    if state in Appeal.STATES:
        return Q(state=state)
    return {
        "overdue": Q(due__lte=at),
        "soon": Q(due__gt=at, due__lte=soon_until(at)),
        "closed": Q(state__in=Appeal.FINAL),
        "all": Q(),
    }.get(state, Q(state__in=STANDING))


def counts(seat: Seat) -> dict[str, int]:
    """How many appeals of each kind of attention the office sees."""
    wanted = ("standing", "overdue", "soon", "filed", "proposed", "closed")
    figures = {name: Count("pk", filter=_state(name, seat.at)) for name in wanted}
    return appeals_seen(seat).aggregate(**figures)


def units_of(seat: Seat) -> list[tuple[str, str]]:
    """The units whose appeals the office sees, for the filter."""
    rows = Subject.objects.filter(matters__in=appeals_seen(seat).values("pk")).order_by("title")
    found = dict(rows.values_list("organisation", "title"))
    return [(str(organisation), title) for organisation, title in found.items()]


def years_of(seat: Seat) -> list[int]:
    """The years whose appeals the office sees, newest first."""
    return sorted(set(appeals_seen(seat).values_list("cycle__year", flat=True)), reverse=True)


def rows_of(appeals: Iterable[Appeal], seat: Seat) -> list[AppealRow]:
    """Add the step, who has it in hand, and the office's own task to appeals of a list."""
    found = list(appeals)
    items = _open_items(found)
    return [_row(each, items.get(each.pk), seat) for each in found]


def _open_items(appeals: list[Appeal]) -> dict[UUID, WorkItem]:
    rows = WorkItem.objects.filter(matter__in=[each.pk for each in appeals], state=WorkItem.State.OPEN)
    return {item.matter_id: item for item in rows.select_related("office__organisation", "matter")}


def _row(appeal: Appeal, item: WorkItem | None, seat: Seat) -> AppealRow:
    due = due_of(item.due_at, seat.at, current_calendar()) if item else Due(None, "")
    mine = item is not None and seat.may_do(item.office_id, item.role)
    return AppealRow(
        appeal=appeal,
        tone=TONES.get(appeal.state, "info"),
        step=step_of(item).task_title if item else "",
        holder=short_name(item.office) if item else "",
        due=due,
        task=reverse("task", args=[item.pk]) if item and mine else "",
        filed=moment_text(appeal.filed_at, seat.at),
        result=result_words(appeal),
    )


def result_words(appeal: Appeal) -> str:
    """Return what came of an appeal: the decision with its number, or why there is none."""
    if appeal.decided_at:
        return f"{appeal.get_outcome_display()}（{appeal.number}）"
    if appeal.state == "refused":
        return str(appeal.text.get("refusal", ""))
    return ""


def strip(figures: dict[str, int], active: str) -> list[dict[str, Any]]:
    """Return the figures of the head of the queue, for components/summary_strip.html."""
    shown: list[tuple[str, str, str, str]] = [
        ("standing", "在办", "info", "inbox"),
        ("overdue", "已超期", "bad", "alert"),
        ("soon", "3 日内到期", "warn", "clock"),
        ("filed", "待受理", "neutral", "inbox"),
        ("proposed", "待批准", "neutral", "scale"),
        ("closed", "已办结", "neutral", "done"),
    ]
    return [
        {
            "label": label,
            "value": figures[key],
            "url": f"?state={key}",
            "icon": icon,
            "tone": tone if figures[key] else "neutral",
            "active": key == active,
        }
        for key, label, tone, icon in shown
    ]


POINTS = list(PointKind.choices)
