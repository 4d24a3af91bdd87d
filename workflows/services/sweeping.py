"""The deadline sweep: fires each rung of the ladder once, however many sweep and however late."""

import datetime as dt

from django.db import connection

from audit import clock, ledger
from audit.actor import SYSTEM
from workflows import rows
from workflows.models import WorkItem

BATCH = 500

_DUE = """
SELECT i.id FROM workflows_workitem i JOIN workflows_process p ON p.id = i.process_id
WHERE i.state = 'open' AND i.next_rung_at <= business_now()
ORDER BY i.next_rung_at LIMIT %s
FOR NO KEY UPDATE OF p, i SKIP LOCKED
"""


@ledger.service
def fire(limit: int = BATCH) -> int:
    """Fire the rungs that are due on up to `limit` items; return how many items were touched.

    The process is held with the item, so that the event's number is ours; both are skipped when somebody is
    at work on them, and found again by the next sweep. After an outage every missed rung is fired, in order.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [limit])
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return 0
    at = clock.now()
    items = list(WorkItem.objects.filter(pk__in=ids).select_related("process"))
    for item in items:
        _fire_due_rungs(item, at)
    rows.note_rungs(items)
    return len(items)


def _fire_due_rungs(item: WorkItem, at: dt.datetime) -> None:
    rungs = item.basis.get("rungs", [])
    while item.rungs_fired < len(rungs):
        rung = rungs[item.rungs_fired]
        moment = dt.datetime.fromisoformat(rung["at"])
        if moment > at:
            item.next_rung_at = moment
            return
        item.rungs_fired += 1
        ledger.record(
            f"deadline.{rung['do']}",
            item.process.stream,
            by=SYSTEM,
            at=at,
            policy=item.process.policy,
            item=item.pk,
            step=item.step,
            office=item.office_id,
            due_at=item.due_at,
            rung=rung,
        )
    item.next_rung_at = None


def fire_all(max_batches: int = 10_000) -> int:
    """Sweep until nothing is due; return how many items were touched."""
    total = 0
    for _ in range(max_batches):
        touched = fire()
        total += touched
        if not touched:
            break
    return total
