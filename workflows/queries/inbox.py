"""What an office has to do: the inbox with its views and counts, what is done, what is on its way."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from audit import clock
from cycle.queries.calendar import current_calendar
from offices.models import Posting
from offices.queries.seats import Seat
from policies.clocks import shift
from workflows.flows import FLOWS
from workflows.models import WorkItem
from workflows.nodes import Step

SOON_DAYS = 3
VIEWS = {"all": "全部待办", "review": "待我审核", "returned": "被退回"}
DUES = {"overdue": "已超期", "soon": "3 个工作日内", "later": "之后", "none": "无时限"}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many open tasks an office has, and how many it has done this week, as the strip shows them."""

    all: int = 0
    overdue: int = 0
    soon: int = 0
    returned: int = 0
    review: int = 0


def _steps() -> list[Step]:
    return [node for flow in FLOWS for node in flow.instance.nodes() if isinstance(node, Step)]


def _review() -> Q:
    """The steps that wait for a judgement (they can send it back) or for the head's own signature."""
    found = Q(pk=None)
    for step in _steps():
        if step.role == Posting.Role.HEAD or any(choice.is_return for choice in step.choices.values()):
            found |= Q(flow=step.flow_class.key, step=step.name)
    return found


REVIEW = _review()
RETURNED = Exists(
    # The return and the task that it serves carry the same moment: both are one transaction.
    WorkItem.objects.filter(
        process=OuterRef("process"), outcome__startswith="back_", closed_at=OuterRef("served_at")
    )
)


def open_items(seat: Seat) -> QuerySet[WorkItem]:
    """The open tasks that a person in this seat may do: those for heads only when the person is one."""
    rows = WorkItem.objects.filter(office=seat.office, state=WorkItem.State.OPEN)
    return rows if seat.is_head else rows.exclude(role=Posting.Role.HEAD)


def soon_until(at: dt.datetime) -> dt.datetime:
    """The end of the third working day from now."""
    return clock.end_of(shift(clock.local_date(at), SOON_DAYS, current_calendar()))


def counts(seat: Seat) -> Counts:
    """Count the open tasks of the seat, in one query."""
    soon = soon_until(seat.at)
    found = open_items(seat).aggregate(
        all=Count("id"),
        overdue=Count("id", filter=Q(due_at__lte=seat.at)),
        soon=Count("id", filter=Q(due_at__gt=seat.at, due_at__lte=soon)),
        returned=Count("id", filter=Q(RETURNED)),
        review=Count("id", filter=REVIEW),
    )
    return Counts(**found)


def inbox(
    seat: Seat, *, view: str = "all", stage: str = "", due: str = "", text: str = ""
) -> QuerySet[WorkItem]:
    """The open tasks of a view, nearest deadline first, those without one last."""
    rows = open_items(seat).filter(_due(due, seat.at))
    if view == "review":
        rows = rows.filter(REVIEW)
    elif view == "returned":
        rows = rows.filter(RETURNED)
    if stage:
        rows = rows.filter(stage=stage)
    if text:
        rows = rows.filter(Q(matter__title__icontains=text) | Q(subject__title__icontains=text))
    rows = rows.annotate(was_returned=RETURNED).select_related("matter", "subject", "cycle")
    return rows.order_by(F("due_at").asc(nulls_last=True), "served_at", "pk")


def _due(due: str, at: dt.datetime) -> Q:
    soon = soon_until(at)
    return {
        "overdue": Q(due_at__lte=at),
        "soon": Q(due_at__gt=at, due_at__lte=soon),
        "later": Q(due_at__gt=soon),
        "none": Q(due_at__isnull=True),
    }.get(due, Q())


def next_item(seat: Seat, after: UUID) -> WorkItem | None:
    """The most urgent other task of the seat."""
    return inbox(seat).exclude(pk=after).first()


def done(seat: Seat, *, text: str = "") -> QuerySet[WorkItem]:
    """What people of this office have done, newest first."""
    rows = WorkItem.objects.filter(office=seat.office, state=WorkItem.State.DONE)
    if text:
        rows = rows.filter(Q(matter__title__icontains=text) | Q(subject__title__icontains=text))
    return rows.select_related("matter", "subject", "closed_by").order_by("-closed_at", "-pk")


def done_this_week(seat: Seat) -> tuple[int, int]:
    """How many tasks the office has done since Monday, and how many of them in time."""
    today = clock.local_date(seat.at)
    monday = clock.at(today - dt.timedelta(days=today.weekday()))
    found = WorkItem.objects.filter(office=seat.office, state=WorkItem.State.DONE, closed_at__gte=monday)
    figures = found.aggregate(
        done=Count("id"), punctual=Count("id", filter=Q(due_at__isnull=True) | Q(closed_at__lte=F("due_at")))
    )
    return figures["done"], figures["punctual"]


def on_the_way(seat: Seat) -> QuerySet[WorkItem]:
    """Where the unit's matters stand with others (or with its own head), longest overdue first."""
    rows = WorkItem.objects.filter(state=WorkItem.State.OPEN, subject__office=seat.office)
    own = Q(office=seat.office) if seat.is_head else Q(office=seat.office) & ~Q(role=Posting.Role.HEAD)
    rows = rows.exclude(own).select_related("matter", "office", "subject")
    return rows.order_by(F("due_at").asc(nulls_last=True), "served_at", "pk")


def busiest(postings: Iterable[Posting]) -> UUID:
    """The office with most open tasks among somebody's postings, the first where none has any."""
    offices = list(dict.fromkeys(posting.office_id for posting in postings))
    rows = WorkItem.objects.filter(office__in=offices, state=WorkItem.State.OPEN)
    loads = dict(rows.values_list("office_id").annotate(n=Count("id")))
    return max(offices, key=lambda office: loads.get(office, 0))
