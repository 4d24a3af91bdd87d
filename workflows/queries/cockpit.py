"""The cockpit's figures: five stages and every step of every flow, counted at one moment.

Three statements read all counts, whatever the number of units; everything else is arithmetic on them.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Min, Q, Sum
from django.urls import reverse

from audit import clock
from audit.clock import last_day
from audit.models import Event
from cycle.models import KINDS, Cycle, Matter, Stage
from workflows.models import WorkItem
from workflows.queries.deadlines import day_text

ORDER = list(Stage)
_OPENED = {
    "cycle.open_setting": Stage.SETTING,
    "cycle.open_monitoring": Stage.MONITORING,
    "cycle.open_assessment": Stage.ASSESSMENT,
    "cycle.open_feedback": Stage.FEEDBACK,
    "cycle.open_uses": Stage.USES,
}


@dataclass(slots=True)
class StageFigures:
    """One stage: matters done of all, open and overdue tasks, dates."""

    stage: Stage
    state: str
    done: int = 0
    total: int = 0
    open: int = 0
    late: int = 0
    opened_on: dt.date | None = None
    next_due: dt.datetime | None = None

    @property
    def percent(self) -> int:
        """Done matters in per cent, rounded down: 100 only when all are done."""
        return self.done * 100 // self.total if self.total else 0


@dataclass(slots=True)
class StepFigures:
    """One step of one flow: tasks in hand, late, closed, how long they stayed, how often they went back."""

    open: int = 0
    late: int = 0
    closed: int = 0
    stay: dt.timedelta = dt.timedelta(0)
    returns: dict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(slots=True)
class Figures:
    """Everything that the cockpit counts, at one moment."""

    now: dt.datetime
    stages: dict[str, StageFigures]
    steps: dict[str, dict[str, StepFigures]]
    done_by_kind: dict[str, int]

    @property
    def late(self) -> int:
        """Overdue tasks of all stages."""
        return sum(each.late for each in self.stages.values())

    @property
    def open(self) -> int:
        """Open tasks of all stages."""
        return sum(each.open for each in self.stages.values())


def figures(cycle: Cycle, now: dt.datetime) -> Figures:
    """Count a cycle's matters and tasks by stage, flow and step."""
    stages = {stage.value: StageFigures(stage, _state(cycle, stage)) for stage in ORDER}
    done_by_kind = _count_matters(cycle, stages)
    steps = _count_items(cycle, stages, now)
    for type_, at in Event.objects.filter(stream=f"cycle/{cycle.pk}").values_list("type", "at"):
        if type_ in _OPENED:
            stages[_OPENED[type_].value].opened_on = clock.local_date(at)
    return Figures(now, stages, steps, done_by_kind)


def _state(cycle: Cycle, stage: Stage) -> str:
    if cycle.state == Cycle.State.ARCHIVED:
        return "done"
    if cycle.state not in Stage.values:
        return "todo"
    here, there = ORDER.index(Stage(cycle.state)), ORDER.index(stage)
    return "current" if here == there else "done" if there < here else "todo"


def _count_matters(cycle: Cycle, stages: dict[str, StageFigures]) -> dict[str, int]:
    done_by_kind: dict[str, int] = defaultdict(int)
    rows = Matter.objects.filter(cycle=cycle).values_list("stage", "kind", "state").annotate(n=Count("id"))
    for stage, kind, state, n in rows:
        stages[stage].total += n
        if state in KINDS[kind].FINAL:
            stages[stage].done += n
            done_by_kind[kind] += n
    return done_by_kind


def _count_items(
    cycle: Cycle, stages: dict[str, StageFigures], now: dt.datetime
) -> dict[str, dict[str, StepFigures]]:
    steps: dict[str, dict[str, StepFigures]] = defaultdict(lambda: defaultdict(StepFigures))
    is_open = Q(state=WorkItem.State.OPEN)
    rows = (
        WorkItem.objects.filter(cycle=cycle)
        .values("stage", "flow", "step", "outcome")
        .annotate(
            n_open=Count("id", filter=is_open),
            n_late=Count("id", filter=is_open & Q(due_at__lte=now)),
            n_closed=Count("id", filter=Q(state=WorkItem.State.DONE)),
            stay=Sum(F("closed_at") - F("served_at"), filter=Q(state=WorkItem.State.DONE)),
            next_due=Min("due_at", filter=is_open & Q(due_at__gt=now)),
        )
    )
    for row in rows:
        _add(stages[row["stage"]], steps[row["flow"]][row["step"]], row)
    return steps


def _add(stage: StageFigures, step: StepFigures, row: Mapping[str, Any]) -> None:
    stage.open += row["n_open"]
    stage.late += row["n_late"]
    if row["next_due"] and (stage.next_due is None or row["next_due"] < stage.next_due):
        stage.next_due = row["next_due"]
    step.open += row["n_open"]
    step.late += row["n_late"]
    step.closed += row["n_closed"]
    step.stay += row["stay"] or dt.timedelta(0)
    if row["outcome"].startswith("back_"):
        step.returns[row["outcome"].removeprefix("back_")] += row["n_closed"]


def stage_strip(found: Figures, year: int) -> list[dict[str, Any]]:
    """The five stages as components/stage_strip.html shows them."""
    return [
        {
            "label": each.stage.label,
            "state": each.state,
            "percent": each.percent,
            "done": each.done,
            "total": each.total,
            "late": each.late,
            "note": _note(each, found.now),
            "url": reverse("office-stage", args=[each.stage.value]) + f"?year={year}",
        }
        for each in found.stages.values()
    ]


def _note(stage: StageFigures, now: dt.datetime) -> str:
    if stage.state == "done":
        return f"{day_text(stage.opened_on, now)} 开始，已结束" if stage.opened_on else "已结束"
    if stage.next_due:
        return f"最近截止 {day_text(last_day(stage.next_due), now)}"
    if stage.state == "current" and stage.opened_on:
        return f"{day_text(stage.opened_on, now)} 开始"
    return "平时的轮次先办" if stage.total else "未开始"
