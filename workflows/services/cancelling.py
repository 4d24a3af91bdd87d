"""Cancelling processes: work items close, nothing is deleted."""

import datetime as dt
from uuid import UUID

from viewflow.workflow.status import PROCESS, STATUS

from audit import clock, ledger
from audit.actor import SYSTEM, Actor
from workflows.models import Process, Task, WorkItem
from workflows.models.process import LIVE

BATCH = 500


@ledger.service
def cancel_processes(cycle_id: UUID, *, by: Actor = SYSTEM) -> bool:
    """Cancel up to `BATCH` running processes of a cycle; return whether more are running."""
    running = Process.objects.filter(cycle_id=cycle_id, status=PROCESS.NEW).order_by("id")
    processes = list(running.select_for_update(no_key=True)[: BATCH + 1])
    cancel_all(processes[:BATCH], by=by, at=clock.now(), why="考核周期已取消")
    return len(processes) > BATCH


@ledger.service
def cancel_of(matter_id: UUID, *, why: str, by: Actor = SYSTEM) -> None:
    """Cancel what still runs for one matter that has ended otherwise; a second call finds nothing."""
    running = Process.objects.filter(matter=matter_id, status=PROCESS.NEW).order_by("id")
    cancel_all(list(running.select_for_update(no_key=True)), by=by, at=clock.now(), why=why)


def cancel_all(processes: list[Process], *, by: Actor, at: dt.datetime, why: str) -> None:
    """Cancel running processes that the caller holds: items and tasks close, each with its event."""
    open_items = WorkItem.objects.filter(process__in=processes, state=WorkItem.State.OPEN)
    open_items.update(state=WorkItem.State.CANCELLED, closed_at=at, next_rung_at=None, draft=None)
    Task.objects.filter(process__in=processes, status__in=LIVE).update(status=STATUS.CANCELED, finished=at)
    Process.objects.filter(pk__in=[each.pk for each in processes]).update(
        status=PROCESS.CANCELED, finished=at
    )
    for process in processes:
        ledger.record(
            "process.cancel",
            process.stream,
            by=by,
            at=at,
            policy=process.policy,
            why=why,
            was={"status": PROCESS.NEW},
            set={"status": PROCESS.CANCELED},
        )
