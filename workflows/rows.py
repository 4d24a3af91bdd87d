"""The engine's rows as queued statements: they leave in the ledger's one batch."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
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
    "insert_items",
    "insert_tasks",
    "link_tasks",
    "note_rungs",
    "supersede_items",
]

_TASK_COLUMNS = "id, process_id, flow_task, flow_task_type, status, created, started, finished, token"
_ITEM_FIELDS = list(WorkItem._meta.concrete_fields)
_ITEM_COLUMNS = ", ".join(f'"{field.column}"' for field in _ITEM_FIELDS)


def insert_tasks(tasks: list[Task], *, status: str) -> None:
    """Queue the rows of tasks that begin with this status."""
    ledger.insert(
        "workflows_task",
        _TASK_COLUMNS,
        [
            (
                task.pk,
                task.process_id,
                get_task_ref(task.flow_task),
                task.flow_task_type,
                status,
                task.created,
                task.started,
                task.finished,
                str(task.token),
            )
            for task in tasks
        ],
    )


def link_tasks(pairs: Iterable[tuple[Task, Task]]) -> None:
    """Queue the links of tasks to the task before each."""
    rows = [(task.pk, previous.pk) for task, previous in pairs]
    ledger.insert("workflows_task_previous", "from_task_id, to_task_id", rows)


def close_task(task: Task) -> None:
    """Queue the completion of a task."""
    ledger.write(
        "UPDATE workflows_task SET status = 'DONE', started = %s, finished = %s WHERE id = %s",
        [task.started, task.finished, task.pk],
    )


def insert_items(items: list[WorkItem]) -> None:
    """Queue the rows of work items."""
    ledger.insert("workflows_workitem", _ITEM_COLUMNS, [_item_row(item) for item in items])


def _item_row(item: WorkItem) -> tuple[Any, ...]:
    values = []
    for field in _ITEM_FIELDS:
        value = getattr(item, field.attname)
        if isinstance(field, JSONField) and value is not None:
            value = Json(value, dumps=ledger.canonical)
        values.append(value)
    return tuple(values)


def close_item(item: WorkItem, *, user_id: UUID | None, at: dt.datetime, outcome: str, comment: str) -> None:
    """Queue the closing of one work item; its draft is dropped. The system (None) has opened nothing."""
    if user_id is None:
        ledger.write(
            "UPDATE workflows_workitem SET state = 'done', closed_at = %s, outcome = %s, comment = %s,"
            " draft = NULL, next_rung_at = NULL WHERE id = %s",
            [at, outcome, comment, item.pk],
        )
        return
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
