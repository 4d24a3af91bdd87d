"""The database holds it: a human task is live exactly when somebody owes it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from audit import clock
from audit.ids import uuid7
from tests.workflows import county
from workflows.flows import BY_KIND
from workflows.models import Process, Task, WorkItem
from workflows.services import starting

pytestmark = pytest.mark.django_db
LIVE = "must be live exactly when it has an open work item"


@pytest.fixture(autouse=True)
def living() -> None:
    """A county with declarations waiting, all constraints satisfied."""
    county.setting(reviewers=3)
    connection.check_constraints()


def run(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def violated(sql: str, *values: Any) -> None:
    """The statement is accepted at first (a completion passes through such states) and refused at the end."""
    with transaction.atomic():
        run(sql, *values)
        with pytest.raises(IntegrityError, match=LIVE), transaction.atomic():
            connection.check_constraints()
        transaction.set_rollback(True)


def test_a_live_task_needs_an_open_item() -> None:
    task = county.waiting().task
    violated(
        "INSERT INTO workflows_task (id, process_id, flow_task, flow_task_type, status, created, token)"
        " SELECT %s, process_id, flow_task, 'HUMAN', 'NEW', now(), token FROM workflows_task WHERE id = %s",
        uuid7(),
        task.pk,
    )


def test_the_last_open_item_does_not_close_without_its_task() -> None:
    item = county.waiting()
    violated("UPDATE workflows_workitem SET state = 'done', closed_at = now() WHERE id = %s", item.pk)


@pytest.mark.parametrize("status", ["DONE", "CANCELED"])
def test_a_task_does_not_end_with_an_open_item(status: str) -> None:
    violated("UPDATE workflows_task SET status = %s WHERE id = %s", status, county.waiting().task_id)


@pytest.mark.parametrize("status", ["DONE", "CANCELED"])
def test_nothing_is_reopened_on_an_ended_task(status: str) -> None:
    item = county.waiting()
    run("UPDATE workflows_workitem SET state = 'cancelled', closed_at = now() WHERE id = %s", item.pk)
    run("UPDATE workflows_task SET status = %s WHERE id = %s", status, item.task_id)
    connection.check_constraints()
    violated("UPDATE workflows_workitem SET state = 'open', closed_at = NULL WHERE id = %s", item.pk)


def test_one_of_several_items_may_close_alone() -> None:
    items = county.walk("joint_review")
    assert len(items) == 3
    for item in items[:2]:
        run("UPDATE workflows_workitem SET state = 'done', closed_at = now() WHERE id = %s", item.pk)
        connection.check_constraints()
    violated("UPDATE workflows_workitem SET state = 'done', closed_at = now() WHERE id = %s", items[2].pk)


def test_the_states_in_between_are_allowed_within_one_transaction() -> None:
    item = county.waiting()
    run("UPDATE workflows_task SET status = 'CANCELED' WHERE id = %s", item.task_id)
    run("UPDATE workflows_workitem SET state = 'cancelled', closed_at = now() WHERE id = %s", item.pk)
    connection.check_constraints()


def test_an_office_has_one_open_item_of_a_task() -> None:
    item = county.walk("joint_review")[0]
    item.pk = uuid7()
    with pytest.raises(IntegrityError, match="workflows_item_once_open"), transaction.atomic():
        item.save(force_insert=True)
    item.state, item.closed_at = WorkItem.State.SUPERSEDED, clock.now()
    item.save(force_insert=True)
    connection.check_constraints()


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("closed_at = now()", "workflows_item_open_closed"),
        ("state = 'done'", "workflows_item_open_closed"),
        ("state = 'lost', closed_at = now()", "workflows_item_state"),
        ("role = 'boss'", "workflows_item_role"),
    ],
)
def test_an_item_says_what_it_is(change: str, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        run(f"UPDATE workflows_workitem SET {change} WHERE id = %s", county.waiting().pk)  # noqa: S608


def test_a_matter_has_one_process_that_is_not_cancelled() -> None:
    flow, matter = BY_KIND["sheet"], county.sheet()
    with pytest.raises(IntegrityError, match="workflows_one_active_flow"), transaction.atomic():
        starting.start_all(flow, [matter])
    process = Process.objects.get(matter=matter)
    WorkItem.objects.filter(process=process).update(state="cancelled", closed_at=clock.now())
    Task.objects.filter(process=process, status="NEW").update(status="CANCELED")
    Process.objects.filter(pk=process.pk).update(status="CANCELED")
    starting.start_all(flow, [matter])
    connection.check_constraints()
    assert WorkItem.objects.filter(matter=matter, state="open").count() == 1
