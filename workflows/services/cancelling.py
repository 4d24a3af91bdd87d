"""Cancelling processes when their cycle is cancelled: work items close, nothing is deleted."""

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
    at = clock.now()
    batch = processes[:BATCH]
    open_items = WorkItem.objects.filter(process__in=batch, state=WorkItem.State.OPEN)
    open_items.update(state=WorkItem.State.CANCELLED, closed_at=at, next_rung_at=None, draft=None)
    Task.objects.filter(process__in=batch, status__in=LIVE).update(status=STATUS.CANCELED, finished=at)
    Process.objects.filter(pk__in=[process.pk for process in batch]).update(status=PROCESS.CANCELED, finished=at)
    for process in batch:
        ledger.record(
            "process.cancel", process.stream, by=by, at=at, policy=process.policy, why="考核周期已取消",
            was={"status": PROCESS.NEW}, set={"status": PROCESS.CANCELED},
        )  # fmt: skip
    return len(processes) > BATCH
