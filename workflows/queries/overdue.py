"""Open tasks of a cycle with all that one needs to chase them: deadline, people, phones, leader, urges."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q, QuerySet

from audit import clock
from cycle.models import Cycle
from cycle.queries.calendar import current_calendar
from offices.models import LeaderAssignment, Office, Posting
from policies.clocks import shift
from workflows.flows import BY_KEY
from workflows.models import WorkItem
from workflows.queries.deadlines import Due, due_of, moment_text
from workflows.queries.diagram import flow_title
from workflows.queries.office_names import short_name
from workflows.queries.urges import urges_of

LATE, SOON, ALL = "late", "soon", "all"
SOON_DAYS = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which open tasks are asked for; empty fields do not narrow. `step` is `flow` or `flow.step`."""

    due: str = LATE
    stage: str = ""
    office: UUID | None = None
    step: str = ""
    leader: UUID | None = None


@dataclass(frozen=True, slots=True)
class Chased:
    """One open task and whom to call about it."""

    item: WorkItem
    step: str
    due: Due
    urged: str
    people: list[str] = field(default_factory=list)
    leaders: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What it is about."""
        return str(self.item.matter.title)

    @property
    def office(self) -> str:
        """The short name of the office that owes it."""
        return short_name(self.item.office)


def open_items(cycle: Cycle, wanted: Wanted, now: dt.datetime) -> QuerySet[WorkItem]:
    """The open tasks that are asked for, longest overdue first."""
    rows = WorkItem.objects.filter(cycle=cycle, state=WorkItem.State.OPEN)
    if wanted.due == LATE:
        rows = rows.filter(due_at__lte=now)
    elif wanted.due == SOON:
        last = shift(clock.local_date(now), SOON_DAYS, current_calendar())
        rows = rows.filter(due_at__gt=now, due_at__lte=clock.end_of(last))
    if wanted.stage:
        rows = rows.filter(stage=wanted.stage)
    if wanted.office:
        rows = rows.filter(office=wanted.office)
    if wanted.step:
        flow, _, step = wanted.step.partition(".")
        rows = rows.filter(flow=flow, **({"step": step} if step else {}))
    if wanted.leader:
        assigned = LeaderAssignment.objects.filter(_in_force(now), leader=wanted.leader)
        rows = rows.filter(subject__organisation__in=assigned.values("unit"))
    return rows.order_by("due_at", "id")


def chased(rows: Iterable[WorkItem], now: dt.datetime) -> list[Chased]:
    """Add deadline, people, leaders in charge and urges to tasks loaded with matter, office and subject."""
    items = list(rows)
    people, leaders, urges = _people(items, now), _leaders(items, now), urges_of(items)
    calendar = current_calendar()
    return [
        Chased(
            item=item,
            step=step_title(item),
            due=due_of(item.due_at, now, calendar, provisional=bool(item.basis.get("provisional"))),
            urged=f"{moment_text(urges[item.pk].last, now)} 第 {urges[item.pk].count} 次"
            if item.pk in urges
            else "未催办",
            people=people[item.office_id],
            leaders=leaders[item.subject.organisation_id] if item.subject else [],
        )
        for item in items
    ]


def step_title(item: WorkItem) -> str:
    """The flow and step of a task in words: 完成情况报告 · 填报."""
    flow = BY_KEY[item.flow]
    return f"{flow_title(flow)} · {flow.instance.node(item.step).task_title}"


def _in_force(now: dt.datetime) -> Q:
    day = clock.local_date(now)
    return Q(since__lte=day) & (Q(until__isnull=True) | Q(until__gte=day))


def _people(items: Sequence[WorkItem], now: dt.datetime) -> dict[object, list[str]]:
    """Each office's handlers and heads with their phones."""
    offices = {item.office_id for item in items}
    found: dict[object, list[str]] = defaultdict(list)
    rows = Posting.objects.filter(_in_force(now), office__in=offices, user__is_active=True)
    for each in rows.select_related("user").order_by("role", "since"):
        found[each.office_id].append(
            f"{each.user.name}（{each.get_role_display()}）{each.user.phone}".strip()
        )
    return found


def _leaders(items: Sequence[WorkItem], now: dt.datetime) -> dict[object, list[str]]:
    """The leaders in charge of each unit; the main leaders answer for all and are not named each time."""
    units = {item.subject.organisation_id for item in items if item.subject}
    found: dict[object, list[str]] = defaultdict(list)
    rows = LeaderAssignment.objects.filter(_in_force(now), unit__in=units).exclude(kind="main")
    for each in rows.select_related("leader").order_by("kind", "leader__title"):
        found[each.unit_id].append(f"{each.leader.title}（{each.get_kind_display()}）")
    return found


def offices_with_open(cycle: Cycle) -> list[tuple[str, str]]:
    """The offices with open tasks, for the filter."""
    open_here = WorkItem.objects.filter(cycle=cycle, state=WorkItem.State.OPEN).values("office")
    return [
        (str(pk), title)
        for pk, title in Office.objects.filter(pk__in=open_here).order_by("title").values_list("pk", "title")
    ]


def steps_with_open(cycle: Cycle) -> list[tuple[str, str]]:
    """The steps with open tasks, for the filter."""
    rows = (
        WorkItem.objects.filter(cycle=cycle, state=WorkItem.State.OPEN).values_list("flow", "step").distinct()
    )
    pairs = sorted(rows)
    return [(f"{flow}.{step}", step_title(WorkItem(flow=flow, step=step))) for flow, step in pairs]


def leaders_in_charge(cycle: Cycle) -> list[tuple[str, str]]:
    """The leaders who answer for units of the cycle, for the filter."""
    units = cycle.subjects.values("organisation")
    rows = Office.objects.filter(assignments__unit__in=units).exclude(assignments__kind="main").distinct()
    return [(str(pk), title) for pk, title in rows.order_by("title").values_list("pk", "title")]
