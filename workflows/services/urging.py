"""Urging (催办): the performance office reminds an office of an open task, at most once a working day."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from audit import clock, ledger
from audit.actor import Actor
from audit.refusals import NotFound, NotPossible
from cycle.models import Cycle
from cycle.queries.calendar import current_calendar
from offices.queries.acting import acting_as
from policies.clocks import shift
from workflows.models import WorkItem
from workflows.queries.urges import urged_since

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Urged:
    """How many tasks were urged, and how many were passed over: closed meanwhile, or urged already."""

    done: int
    skipped: int


@ledger.service
def urge(item_id: UUID, *, cycle_id: UUID, user_id: UUID) -> None:
    """Urge one open task; each urge is an event of its process.

    Raises NotFound for a task of another cycle, NotPossible when it is closed or was urged today already.
    """
    by, at, items = _hold(cycle_id, [item_id], user_id)
    if not items:
        raise NotFound("没有找到这项任务，它可能不属于本年度。")
    item = items[0]
    if item.state != WorkItem.State.OPEN:
        raise NotPossible(f"这项任务{item.get_state_display()}，不需要再催办。")
    if item.pk in _urged_lately(items, at):
        raise NotPossible("这项任务今天已经催办过，同一事项每个工作日只催办一次，请下一个工作日再催办。")
    _record(item, by, at)


@ledger.service
def urge_all(item_ids: Sequence[UUID], *, cycle_id: UUID, user_id: UUID) -> Urged:
    """Urge many tasks at once; those that are closed or were urged today are passed over and counted."""
    if not item_ids:
        raise NotPossible("没有选中要催办的事项，请先勾选。")
    if len(item_ids) > AT_ONCE:
        raise NotPossible(f"一次最多催办 {AT_ONCE} 项，请缩小范围后再催办。")
    by, at, items = _hold(cycle_id, item_ids, user_id)
    lately = _urged_lately(items, at)
    due = [each for each in items if each.state == WorkItem.State.OPEN and each.pk not in lately]
    for item in due:
        _record(item, by, at)
    return Urged(len(due), len(set(item_ids)) - len(due))


def _hold(
    cycle_id: UUID, item_ids: Iterable[UUID], user_id: UUID
) -> tuple[Actor, dt.datetime, list[WorkItem]]:
    cycle = Cycle.objects.get(pk=cycle_id)
    rows = WorkItem.objects.filter(cycle=cycle, pk__in=item_ids).select_related("process")
    held = rows.select_for_update(no_key=True, of=("process", "self")).order_by("process_id", "id")
    items = list(held)
    by, at = acting_as(user_id, cycle.owner_id, "performance_office")
    return by, at, items


def _urged_lately(items: list[WorkItem], at: dt.datetime) -> set[UUID]:
    """The tasks urged since this working day began; a rest day belongs to the working day before it."""
    calendar, day = current_calendar(), clock.local_date(at)
    since = day if calendar.is_working(day) else shift(day, -1, calendar)
    return set(urged_since(items, clock.at(since)))


def _record(item: WorkItem, by: Actor, at: dt.datetime) -> None:
    ledger.record(
        "task.urged",
        item.process.stream,
        by=by,
        at=at,
        policy=item.process.policy,
        item=item.pk,
        step=item.step,
        to=item.office_id,
        due_at=item.due_at,
    )
