"""The history of one process: who did what and when, how long against the clock, what came back."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from audit import clock
from audit.clock import last_day
from audit.models import Event
from audit.queries.verifying import Findings, is_intact, is_stored, verify
from cycle.models import Evidence
from cycle.queries.calendar import current_calendar
from cycle.queries.packs import pack_of
from policies.clocks import WorkCalendar
from workflows.flows import MatterFlow
from workflows.models import Process, WorkItem
from workflows.nodes import Step
from workflows.queries.deadlines import Due, due_of, moment_text, working_days_between
from workflows.queries.diagram import Diagram, Mark, draw
from workflows.queries.discretion import WITHHELD, is_deliberation, is_inner
from workflows.queries.event_words import words_of
from workflows.queries.versions import Version, labels_of, versions


@dataclass(frozen=True, slots=True)
class Visit:
    """One office's turn at one step."""

    item: WorkItem
    title: str
    visit: int
    button: str
    is_return: bool
    due: Due
    used: int
    limit: int | None

    @property
    def late(self) -> int:
        """Working days over the limit."""
        return max(self.used - self.limit, 0) if self.limit is not None else 0


@dataclass(frozen=True, slots=True)
class Line:
    """One event as the page lists it."""

    event: Event
    title: str
    detail: str
    digest: str
    intact: bool
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Filed:
    """One file of the matter; `stored` says whether its bytes are still those, None while nobody asked."""

    file: Evidence
    stored: bool | None


@dataclass(slots=True)
class History:
    """Everything that is known of one process."""

    process: Process
    visits: list[Visit]
    lines: list[Line]
    versions: list[Version]
    evidence: list[Filed]
    findings: Findings
    diagram: Diagram

    @property
    def returns(self) -> list[Visit]:
        """The turns that ended by sending the matter back."""
        return [each for each in self.visits if each.is_return]

    @property
    def bars(self) -> list[dict[str, Any]]:
        """Time used against the limit, for components/duration_bars.html."""
        return [
            {
                "label": each.title + (f" 第 {each.visit} 次" if each.visit > 1 else ""),
                "text": _bar_text(each),
                "used": each.used,
                "limit": each.limit or "",
                "late": each.late > 0,
            }
            for each in self.visits
        ]

    @property
    def scale(self) -> int:
        """The longest bar."""
        return max([1, *(each.used for each in self.visits), *(each.limit or 0 for each in self.visits)])


def history_of(
    process: Process, now: dt.datetime, *, with_files: bool = False, withheld: bool = False
) -> History:
    """Read a process (with matter, cycle and subject) from its tasks, its files and the ledger.

    `with_files` reads every file again and compares its bytes with its digest. `withheld`: the words of
    deliberation are left out; that something happened, when and by whom, stays.
    """
    matter, flow = process.matter, process.flow_class
    items = list(
        WorkItem.objects.filter(process=process)
        .select_related("office", "closed_by", "opened_by")
        .order_by("served_at", "id")
    )
    evidence = list(
        Evidence.objects.filter(matter=matter).select_related("blob", "office", "uploaded_by", "indicator")
    )
    streams = [process.stream, matter.stream, *(f"evidence/{each.pk}" for each in evidence)]
    events = list(Event.objects.filter(stream__in=streams).order_by("at", "recorded_at", "stream", "seq"))
    if withheld:
        _withhold(items)
    visits = _visits(flow, items, now)
    shown = [each for each in events if not (withheld and is_deliberation(each))]
    return History(
        process=process,
        visits=visits,
        lines=[_line(event, flow, withheld and is_deliberation(event)) for event in reversed(events)],
        versions=versions([each for each in shown if each.stream == matter.stream], labels_of(matter)),
        evidence=[Filed(each, is_stored(each.blob_id) if with_files else None) for each in evidence],
        findings=verify(events),
        diagram=_diagram(process, flow, visits),
    )


def _visits(flow: type[MatterFlow], items: list[WorkItem], now: dt.datetime) -> list[Visit]:
    calendar, turns = current_calendar(), Counter[tuple[str, object]]()
    found = []
    for item in items:
        turns[item.step, item.office_id] += 1
        found.append(_visit(flow, item, turns[item.step, item.office_id], now, calendar))
    return found


def _visit(
    flow: type[MatterFlow], item: WorkItem, number: int, now: dt.datetime, calendar: WorkCalendar
) -> Visit:
    node = flow.instance.node(item.step)
    choice = node.choices.get(item.outcome)
    end = item.closed_at or now
    served = clock.local_date(item.served_at)
    return Visit(
        item=item,
        title=node.task_title,
        visit=number,
        button=choice.title
        if choice
        else ""
        if item.state == WorkItem.State.DONE
        else item.get_state_display(),
        is_return=item.outcome.startswith("back_"),
        due=due_of(item.due_at, now, calendar, closed_at=item.closed_at),
        used=working_days_between(served, clock.local_date(end), calendar),
        limit=working_days_between(served, last_day(item.due_at), calendar) if item.due_at else None,
    )


def _bar_text(visit: Visit) -> str:
    state = "" if visit.item.closed_at else "，在办"
    if visit.limit is None:
        return f"{visit.used} 天{state}"
    over = f"，超 {visit.late} 天" if visit.late else ""
    return f"{visit.used} / {visit.limit} 天{over}{state}"


def _withhold(items: list[WorkItem]) -> None:
    for item in items:
        if item.comment and is_inner(item):
            item.comment = WITHHELD


def _line(event: Event, flow: type[MatterFlow], withheld: bool) -> Line:
    title, detail = words_of(event, flow)
    return Line(event, title, WITHHELD if withheld else detail, event.digest, is_intact(event), withheld)


def _diagram(process: Process, flow: type[MatterFlow], visits: list[Visit]) -> Diagram:
    """The flow with the steps that were visited, where it stands, and the ways back that were taken."""
    marks, returns = {}, Counter[tuple[str, str]]()
    for each in visits:
        is_open = each.item.state == WorkItem.State.OPEN
        late = is_open and each.due.days_left is not None and each.due.days_left < 0
        marks[each.item.step] = Mark(state="late" if late else "active" if is_open else "done")
        if each.is_return:
            returns[each.item.step, each.item.outcome.removeprefix("back_")] += 1
    without = _not_needed(process, flow, set(marks))
    for name in flow.instance._nodes_by_name:
        marks.setdefault(name, Mark(state="off"))
    pack = pack_of(process.policy, process.cycle.year)
    return draw(flow, pack, marks, returns, process.matter, without)


def _not_needed(process: Process, flow: type[MatterFlow], visited: set[str]) -> set[str]:
    """The steps that this matter has not come to and does not need (a target list is shown, not closed)."""
    return {
        node.name
        for node in flow.instance.nodes()
        if isinstance(node, Step)
        and node.name not in visited
        and node.when is not None
        and not node.when(process.matter)
    }


def facts_of(history: History, now: dt.datetime) -> list[dict[str, str]]:
    """The head of the page as pairs for components/key_values.html."""
    process = history.process
    standing = "、".join(
        dict.fromkeys(
            f"{each.title}（{each.item.office.title}）"
            for each in history.visits
            if each.item.state == WorkItem.State.OPEN
        )
    )
    ended = "已办结" if process.status == "DONE" else "已取消"
    span = f"{moment_text(process.created, now)} 至 {moment_text(process.finished, now)}"
    return [
        {
            "label": "目前",
            "value": f"{ended}，{process.matter.state_title}" if process.finished else standing or "等待送达",
        },
        {"label": "起止", "value": span if process.finished else f"{moment_text(process.created, now)} 开始"},
        {"label": "退回", "value": f"{len(history.returns)} 次"},
        {"label": "流程编号", "value": str(process.pk), "wide": "1"},
    ]
