"""The engine's rows as queued statements: they leave in the ledger's one batch."""

import datetime as dt
from uuid import UUID

from django.db.models import JSONField
from psycopg2.extras import Json
from viewflow.workflow.fields import get_task_ref

from audit import ledger
from workflows.models import Process, Task, WorkItem

__all__ = [
    "close_item",
    "close_task",
    "finish_process",
    "insert_item",
    "insert_task",
    "note_rungs",
    "supersede_items",
]

_ITEM_FIELDS = list(WorkItem._meta.concrete_fields)
_ITEM_SQL = "INSERT INTO workflows_workitem ({}) VALUES ({})".format(  # noqa: S608
    ", ".join(f'"{field.column}"' for field in _ITEM_FIELDS), ", ".join("%s" for _ in _ITEM_FIELDS)
)


def insert_task(task: Task, *, previous: Task, status: str) -> None:
    """Queue a task's row and its link to the task before."""
    ledger.write(
        "INSERT INTO workflows_task"
        " (id, process_id, flow_task, flow_task_type, status, created, started, finished, token)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            task.pk,
            task.process_id,
            get_task_ref(task.flow_task),
            task.flow_task_type,
            status,
            task.created,
            task.started,
            task.finished,
            str(task.token),
        ],
    )
    ledger.write(
        "INSERT INTO workflows_task_previous (from_task_id, to_task_id) VALUES (%s, %s)",
        [task.pk, previous.pk],
    )


def close_task(task: Task) -> None:
    """Queue the completion of a task."""
    ledger.write(
        "UPDATE workflows_task SET status = 'DONE', started = %s, finished = %s WHERE id = %s",
        [task.started, task.finished, task.pk],
    )


def insert_item(item: WorkItem) -> None:
    """Queue a work item's row."""
    values = []
    for field in _ITEM_FIELDS:
        value = getattr(item, field.attname)
        if isinstance(field, JSONField) and value is not None:
            value = Json(value, dumps=ledger.canonical)
        values.append(value)
    ledger.write(_ITEM_SQL, values)


def close_item(item: WorkItem, *, user_id: UUID, at: dt.datetime, outcome: str, comment: str) -> None:
    """Queue the closing of one work item; a draft is dropped with it."""
    ledger.write(
        "UPDATE workflows_workitem SET state = 'done', closed_at = %s, closed_by_id = %s, outcome = %s,"
        " comment = %s, draft = NULL, next_rung_at = NULL, opened_at = coalesce(opened_at, %s),"
        " opened_by_id = coalesce(opened_by_id, %s) WHERE id = %s",
        [at, user_id, outcome, comment, at, user_id, item.pk],
    )


def supersede_items(task: Task, *, but: WorkItem, at: dt.datetime) -> None:
    """Queue the end of the other offices' open items, because the matter goes back."""
    ledger.write(
        "UPDATE workflows_workitem SET state = 'superseded', closed_at = %s, next_rung_at = NULL,"
        " draft = NULL WHERE task_id = %s AND state = 'open' AND id <> %s",
        [at, task.pk, but.pk],
    )


def note_rungs(items: list[WorkItem]) -> None:
    """Queue what the sweep has fired on items, and when it has to look at them again."""
    ledger.write(
        "UPDATE workflows_workitem AS i SET rungs_fired = n.fired, next_rung_at = n.at"
        " FROM unnest(%s::uuid[], %s::int[], %s::timestamptz[]) AS n (id, fired, at) WHERE i.id = n.id",
        [
            [item.pk for item in items],
            [item.rungs_fired for item in items],
            [item.next_rung_at for item in items],
        ],
    )


def finish_process(process: Process) -> None:
    """Queue the end of a process."""
    ledger.write(
        "UPDATE workflows_process SET status = %s, finished = %s WHERE id = %s",
        [process.status, process.finished, process.pk],
    )
