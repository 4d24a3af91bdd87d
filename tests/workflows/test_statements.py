"""How many statements a deed takes. A change here is a decision, not an accident."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cycle.models import Matter
from cycle.services import stages
from tests.workflows import county
from workflows.flows import BY_KIND
from workflows.models import WorkItem
from workflows.services import starting, tasks

pytestmark = pytest.mark.django_db
FRAME = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")

COMPLETION = {
    # hold, posting, record, its new state, numbers of the streams, everything else in one string
    "approve": 6,
    "first_review": 6,
    "decide": 6,
    "sign": 6,
    # the same and: does anybody else owe it? their opinion
    "joint_review, others still open": 7,
    # the same and: the record again for closing the review
    "joint_review, last": 9,
    # hold, posting, record, opinion, was there one in this round? its new state, numbers, everything else
    "joint_review, return": 8,
}
START = ("time", "processes", "numbers of the streams", "tasks, links, items, ledger and outbox")


def counted(command: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as seen:
        command()
    return sum(not each["sql"].startswith(FRAME) for each in seen)


@pytest.fixture
def warm() -> None:
    """A county in which another unit has gone the whole way, so that every cache is filled."""
    county.setting(reviewers=3)
    (item,) = county.walk("sign")
    county.do(item, county.HEAD)


def other_unit_at(step: str) -> list[WorkItem]:
    """Bring the second unit to a step."""
    for at, username in county.PATH:
        items = list(WorkItem.objects.filter(subject__code="xinchengpu", step=at, state="open"))
        if at == step:
            return sorted(items, key=lambda item: item.office.title)
        for item in items:
            county.do(item, person(item, username))
    raise AssertionError(step)


def person(item: WorkItem, username: str) -> str:
    if item.step == "joint_review":
        return county.reviewer_of(item)
    return username.replace("nanniu", "xinchengpu")


@pytest.mark.parametrize("step", ["approve", "first_review", "decide", "sign"])
def test_an_ordinary_completion(warm: None, step: str) -> None:
    (item,) = other_unit_at(step)
    username = person(item, dict(county.PATH)[step])
    command = partial(tasks.complete, item.pk, user_id=county.user(username))
    assert counted(command) == COMPLETION[step]


def test_a_joint_review(warm: None) -> None:
    items = other_unit_at("joint_review")
    counts = [
        counted(partial(tasks.complete, item.pk, user_id=county.user(county.reviewer_of(item))))
        for item in items
    ]
    more, last = COMPLETION["joint_review, others still open"], COMPLETION["joint_review, last"]
    assert counts == [more, more, last]


def test_a_return_out_of_a_joint_review(warm: None) -> None:
    item = other_unit_at("joint_review")[0]
    command = partial(
        tasks.complete, item.pk, user_id=county.user("reviewer-1"), choice="back_declare", comment="理由"
    )
    assert counted(command) == COMPLETION["joint_review, return"]


def test_locks_are_taken_in_one_order_and_never_on_the_cycle(warm: None) -> None:
    """Process, task, item in one statement, then the record: two completions cannot wait for each other."""
    (item,) = other_unit_at("approve")
    with CaptureQueriesContext(connection) as seen:
        tasks.complete(item.pk, user_id=county.user("xinchengpu-head"))
    locks = [each["sql"].split("FOR NO KEY UPDATE")[1] for each in seen if "FOR NO KEY UPDATE" in each["sql"]]
    assert [re.findall(r'"(\w+)"', lock) for lock in locks] == [
        ["workflows_process", "workflows_task", "workflows_workitem"],
        ["cycle_matter"],
    ]
    assert not any("FOR UPDATE" in each["sql"] for each in seen)


def test_starting_takes_the_same_number_for_any_number() -> None:
    """Also every deadline is computed once: none of the statements is per unit."""
    cycle = county.prepared()
    stages.open_stage(cycle.pk, "indicator_setting", user_id=county.user(county.CHIEF))
    matters = list(Matter.objects.filter(kind="sheet").select_related("subject", "cycle").order_by("id"))
    flow = BY_KIND["sheet"]
    starting.start_all(flow, matters[:1])
    few = counted(partial(starting.start_all, flow, matters[1:2]))
    many = counted(partial(starting.start_all, flow, matters[2:]))
    assert len(matters[2:]) == 4
    assert few == many == len(START)
