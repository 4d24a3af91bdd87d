"""Serving a task: which offices, by when, and why by then."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any
from uuid import UUID

from audit import clock
from audit.refusals import NotPossible
from cycle.models import Matter, Subject
from cycle.queries.calendar import current_calendar
from cycle.queries.packs import pack_of
from cycle.queries.periods import period_end
from offices.queries.directory import office_of
from policies.clocks import Clock, WorkCalendar, deadline, shift
from workflows import rows
from workflows.models import Process, Task, WorkItem

_served: ContextVar[list[WorkItem] | None] = ContextVar("served", default=None)


@contextmanager
def collecting() -> Iterator[list[WorkItem]]:
    """Collect the work items that are served while the engine moves."""
    items: list[WorkItem] = []
    token = _served.set(items)
    try:
        yield items
    finally:
        _served.reset(token)


def rule_of(process: Process, node: Any) -> Any:
    """Return the policy's rule for a step: offices, clock, article, or that it is left out."""
    pack = pack_of(process.policy, process.cycle.year)
    return pack.step(node.flow_class.stage.value, *node.rule_for(process.matter))


def skips(process: Process, node: Any) -> bool:
    """Whether the policy leaves this step out, or this matter does not need it."""
    if rule_of(process, node).skip:
        return True
    return node.when is not None and not node.when(process.matter)


def serve(task: Task, node: Any, *, at: dt.datetime) -> list[WorkItem]:
    """Make and queue the work items of a task for each of its offices."""
    items = items_for(task, node, at=at)
    rows.insert_items(items)
    collected = _served.get()
    if collected is not None:
        collected.extend(items)
    return items


def items_for(task: Task, node: Any, *, at: dt.datetime) -> list[WorkItem]:
    """Make the work items of a task, without writing them."""
    process, matter = task.process, task.process.matter
    due_at, basis = deadline_of(process, node, at)
    rungs = basis.get("rungs", [])
    return [
        WorkItem(
            task=task,
            process=process,
            cycle_id=process.cycle_id,
            subject_id=process.subject_id,
            matter=matter,
            stage=matter.stage,
            flow=node.flow_class.key,
            step=node.name,
            office_id=office,
            role=role,
            served_at=at,
            due_at=due_at,
            basis=basis,
            next_rung_at=dt.datetime.fromisoformat(rungs[0]["at"]) if rungs else None,
        )
        for office, role in addresses(process, node, matter)
    ]


def addresses(process: Process, node: Any, matter: Matter) -> list[tuple[UUID, str]]:
    """Return the offices (id and role asked for) that a step of this process goes to."""
    if node.to is not None:
        found = [(office, node.role) for office in node.to(matter)]
    else:
        found = [_address(process, name, node.role) for name in rule_of(process, node).offices]
    if not found:
        raise NotPossible(f"“{node.task_title}”没有可以办理的机构，请在机构与岗位中设置后再办。")
    return found


def _address(process: Process, name: str, role: str) -> tuple[UUID, str]:
    if name in ("unit", "unit_head"):
        subject: Subject | None = process.subject
        if subject is None:
            raise NotPossible("此流程不属于某一个单位，不能交由单位办理。")
        return subject.office_id, "head" if name == "unit_head" else role
    return office_of(process.cycle.owner_id, name), role


def deadline_of(process: Process, node: Any, at: dt.datetime) -> tuple[dt.datetime | None, dict[str, Any]]:
    """Return when the step is due and the derivation that proves it; (None, …) where no clock runs.

    The matter's `text` may say `due` (step → a day that is fixed already, and why), `anchors` (days
    from which clocks run), `resumed` (step → the day it was first served, before a pause) and `pauses`.
    """
    matter, served_on = process.matter, clock.local_date(at)
    named = matter.text.get("due", {})
    if node.name in named:
        return fixed_deadline(process, rule_of(process, node), named[node.name], served_on)
    return _deadline(
        process.policy,
        (node.flow_class.stage.value, *node.rule_for(matter)),
        served_on,
        process.cycle.year,
        period_end(process.cycle.year, matter.key),
        _anchors(matter, node.name),
        tuple((dt.date.fromisoformat(one), dt.date.fromisoformat(two)) for one, two in _pauses(matter)),
        current_calendar(),
    )


def fixed_deadline(
    process: Process, rule: Any, fixed: dict[str, Any], served_on: dt.date
) -> tuple[dt.datetime | None, dict[str, Any]]:
    """Return a deadline that the record itself names, with its ladder; no `due_on`: no clock runs yet."""
    if "due_on" not in fixed:
        return None, {"served_on": served_on.isoformat(), "cite": rule.cite or "", **fixed}
    due_on = max(dt.date.fromisoformat(fixed["due_on"]), served_on)
    ladder = pack_of(process.policy, process.cycle.year).ladder
    basis = {
        "served_on": served_on.isoformat(),
        "cite": rule.cite or "",
        "default": rule.basis_default,
        **fixed,
        "due_on": due_on.isoformat(),
        "rungs": _rungs(ladder, due_on, served_on, current_calendar()),
    }
    return clock.end_of(due_on), basis


def _anchors(matter: Matter, step: str) -> tuple[tuple[str, str], ...]:
    """The days that clocks run from, by what happened; a resumed step runs from its first service."""
    anchors = dict(matter.text.get("anchors", {}))
    resumed = matter.text.get("resumed", {}).get(step)
    return tuple(sorted((anchors | ({"service": resumed} if resumed else {})).items()))


def _pauses(matter: Matter) -> list[list[str]]:
    return [pause for pause in matter.text.get("pauses", []) if len(pause) == 2]


@lru_cache(maxsize=4096)
def _deadline(
    policy: str,
    step: tuple[str, str, str],
    served_on: dt.date,
    year: int,
    ends_on: dt.date | None,
    anchors: tuple[tuple[str, str], ...],
    pauses: tuple[tuple[dt.date, dt.date], ...],
    calendar: WorkCalendar,
) -> tuple[dt.datetime | None, dict[str, Any]]:
    pack = pack_of(policy, year)
    rule = pack.step(*step)
    basis: dict[str, Any] = {
        "served_on": served_on.isoformat(),
        "cite": rule.cite or "",
        "default": rule.basis_default,
    }
    if rule.clock is None:
        return None, basis
    start = _start(rule.clock, served_on, ends_on, dict(anchors))
    due = deadline(rule.clock, start=start, year=year, calendar=calendar, period_end=ends_on, paused=pauses)
    due_on = max(due.due_on, served_on)
    basis |= due.as_json() | {"due_on": due_on.isoformat(), "start": start.isoformat()}
    basis["rungs"] = _rungs(pack.ladder, due_on, served_on, calendar)
    return clock.end_of(due_on), basis


def _start(rule: Clock, served_on: dt.date, ends_on: dt.date | None, anchors: dict[str, str]) -> dt.date:
    """The day from which the clock counts: service, unless the rule names another day that is known."""
    named = anchors.get(rule.origin)
    if named:
        return dt.date.fromisoformat(named)
    if rule.after and ends_on:
        return max(ends_on, served_on)
    return served_on


def _rungs(ladder: Any, due_on: dt.date, served_on: dt.date, calendar: WorkCalendar) -> list[dict[str, Any]]:
    """Moments of the overdue ladder: before the deadline at its day's start, from it on at a day's end."""
    rungs = []
    for rung in ladder:
        if rung.do == "supervision":
            continue  # a supervision matter is opened by its own flow, not by the clock alone
        days = rung.at.count
        day = shift(due_on, days, calendar) if days else due_on
        moment = clock.at(day) if days < 0 else clock.end_of(day)
        if day > served_on:
            rungs.append({"at": moment.isoformat(), "do": rung.do, "to": list(rung.to)})
    return sorted(rungs, key=lambda rung: str(rung["at"]))
