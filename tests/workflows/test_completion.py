"""Completing a task: who may, what is written, which step comes next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection

from audit import clock
from audit.models import Event
from audit.refusals import NotAllowed, NotPossible
from offices.models import Posting, User
from tests.county import fingerprint
from tests.workflows import county
from tests.workflows.records import folded, refusals
from workflows.models import Process, Task, WorkItem
from workflows.services import tasks

pytestmark = pytest.mark.django_db
YESTERDAY, TOMORROW = county.MONDAY - dt.timedelta(days=1), county.MONDAY + dt.timedelta(days=1)


def _stranger() -> str:
    User.objects.create(username="stranger", name="演示·无任职人员")
    return "stranger"


def _other_unit() -> str:
    return "xinchengpu-head"


def _performance_office() -> str:
    return county.CHIEF


def _handler_for_the_head() -> str:
    return county.HANDLER


def _posting_that_ended_yesterday() -> str:
    Posting.objects.filter(user__username=county.HEAD).update(until=YESTERDAY)
    return county.HEAD


def _posting_that_begins_tomorrow() -> str:
    Posting.objects.filter(user__username=county.HEAD).update(since=TOMORROW)
    return county.HEAD


def _deactivated() -> str:
    User.objects.filter(username=county.HEAD).update(is_active=False)
    return county.HEAD


WRONG_PEOPLE = [
    _stranger,
    _other_unit,
    _performance_office,
    _handler_for_the_head,
    _posting_that_ended_yesterday,
    _posting_that_begins_tomorrow,
    _deactivated,
]


@pytest.mark.parametrize("wrong", WRONG_PEOPLE, ids=lambda each: each.__name__.strip("_"))
@pytest.mark.parametrize("choice", ["next", "back_declare"])
def test_who_may_not_is_refused_in_the_service_and_nothing_is_written(
    wrong: Callable[[], str], choice: str
) -> None:
    county.setting()
    (item,) = county.walk("approve")
    username = wrong()
    before, events = fingerprint(), Event.objects.count()
    with pytest.raises(NotAllowed, match="由南牛乡的负责人办理"):
        county.do(item, username, choice, "目标值偏低。")
    assert fingerprint() == before
    assert Event.objects.count() == events + 1
    (refused,) = refusals()
    assert refused["kind"] == "NotAllowed"
    assert refused["target"]["item_id"] == str(item.pk)
    assert refused["by"]["id"] == str(county.user(username))


@pytest.mark.parametrize("username", ["xinchengpu-handler", "jxb-clerk"])
def test_drafts_and_receipts_are_the_offices_own_too(username: str) -> None:
    county.setting()
    item, before = county.waiting(), fingerprint()
    with pytest.raises(NotAllowed):
        tasks.receive(item.pk, user_id=county.user(username))
    with pytest.raises(NotAllowed):
        tasks.save_draft(item.pk, user_id=county.user(username), draft={"comment": "x"}, version="")
    assert fingerprint() == before


def test_a_step_that_asks_for_no_role_is_done_by_either() -> None:
    county.setting()
    county.do(county.waiting(), county.HEAD)
    assert county.sheet().state == "declared"


def test_what_a_completion_writes() -> None:
    county.setting()
    item, stream = county.waiting(), county.waiting().process.stream
    tasks.save_draft(item.pk, user_id=county.user(county.HANDLER), draft={"comment": "草稿"}, version="")
    (served,) = county.do(item, county.HANDLER, comment="  现予申报。 ")
    item.refresh_from_db()
    assert (item.state, item.outcome, item.comment) == ("done", "next", "现予申报。")
    assert item.closed_by_id == item.opened_by_id == county.user(county.HANDLER)
    assert item.opened_at == item.closed_at
    assert (item.draft, item.next_rung_at) == (None, None)
    task = item.task
    assert (task.status, task.started, task.finished) == ("DONE", item.closed_at, item.closed_at)
    assert list(served.task.previous.all()) == [task]
    assert (served.step, served.role, served.state) == ("approve", "head", "open")
    assert served.served_at == item.closed_at
    assert served.due_at is not None
    event = Event.objects.get(stream=stream, type="task.completed")
    facts = event.facts
    assert (facts["step"], facts["outcome"], facts["why"]) == ("declare", "next", "现予申报。")
    assert facts["item"] == str(item.pk)
    assert [each["item"] for each in facts["served"]] == [str(served.pk)]
    assert facts["served"][0]["basis"]["due_on"] == str(clock.local_date(served.due_at - dt.timedelta(1)))
    assert event.office_title == "南牛乡"
    assert event.policy == item.process.policy
    assert folded(county.sheet().stream)["state"] == "declared"


def test_the_first_opening_is_the_receipt() -> None:
    county.setting()
    item = county.waiting()
    assert tasks.receive(item.pk, user_id=county.user(county.HANDLER)) is True
    assert tasks.receive(item.pk, user_id=county.user(county.HEAD)) is False
    item.refresh_from_db()
    assert item.opened_by_id == county.user(county.HANDLER)
    assert Event.objects.filter(type="task.received").count() == 1
    county.do(item, county.HEAD)
    item.refresh_from_db()
    assert (item.opened_by_id, item.closed_by_id) == (county.user(county.HANDLER), county.user(county.HEAD))


def test_a_second_completion_is_refused_and_says_who_was_first() -> None:
    county.setting()
    (item,) = county.walk("approve")
    county.do(item, county.HEAD)
    before = fingerprint()
    with pytest.raises(NotPossible, match="已办，由演示·南牛乡负责人办理，不能重复办理"):
        county.do(item, county.HEAD)
    with pytest.raises(NotPossible, match="不能重复办理"):
        county.do(item, county.HEAD, "back_declare", "理由")
    assert fingerprint() == before


def test_a_closed_task_takes_no_draft_and_no_receipt() -> None:
    county.setting()
    item = county.waiting()
    county.do(item, county.HANDLER)
    before = fingerprint()
    with pytest.raises(NotPossible, match="不能重复办理"):
        tasks.save_draft(item.pk, user_id=county.user(county.HANDLER), draft={}, version="")
    assert tasks.receive(item.pk, user_id=county.user(county.HEAD)) is False
    assert fingerprint() == before


@pytest.mark.parametrize("comment", ["", "   ", "\n"])
def test_a_return_needs_a_reason(comment: str) -> None:
    county.setting()
    (item,) = county.walk("approve")
    before = fingerprint()
    with pytest.raises(NotPossible, match="请写明理由") as refused:
        county.do(item, county.HEAD, "back_declare", comment)
    assert refused.value.field == "comment"
    assert fingerprint() == before


def test_what_the_records_service_refuses_is_not_half_done() -> None:
    """A declaration without measures: the record refuses, the item stays open."""
    county.setting()
    item = county.waiting()
    lines = {key: {"measures": ""} for key in county.lines()}
    before = fingerprint()
    with pytest.raises(NotPossible, match="请填写"):
        tasks.complete(item.pk, user_id=county.user(county.HANDLER), form={"lines": lines})
    assert fingerprint() == before
    assert [each["kind"] for each in refusals()] == ["NotPossible"]


def test_the_policy_leaves_a_step_out_and_it_is_passed_over() -> None:
    county.setting()
    (item,) = county.walk("first_review")
    (served,) = county.do(item, county.CLERK)
    assert served.step == "decide"
    assert county.sheet().state == "reviewed"
    assert not Task.objects.filter(process=item.process, flow_task__endswith=".joint_review").exists()


def test_the_policy_asks_for_the_step_and_it_is_served() -> None:
    county.setting(reviewers=2)
    (item,) = county.walk("first_review")
    served = county.do(item, county.CLERK)
    assert [each.step for each in served] == ["joint_review"] * 2
    assert len({each.task_id for each in served}) == 1
    assert {each.office.capacity for each in served} == {"reviewer_1", "reviewer_2"}


RETURNS = [
    ("approve", county.HEAD, "back_declare", "draft"),
    ("first_review", county.CLERK, "back_declare", "draft"),
    ("decide", county.LEADING, "back_declare", "draft"),
    ("decide", county.LEADING, "back_first_review", "approved"),
]
JOINT_RETURNS = [
    ("joint_review", "reviewer-1", "back_declare", "draft"),
    ("joint_review", "reviewer-1", "back_approve", "declared"),
]


@pytest.mark.parametrize(
    ("reviewers", "at", "by", "choice", "state"),
    [*((0, *each) for each in RETURNS), *((1, *each) for each in RETURNS + JOINT_RETURNS)],
)
def test_back_to_the_named_step_and_on_to_the_end(
    reviewers: int, at: str, by: str, choice: str, state: str
) -> None:
    county.setting(reviewers=reviewers)
    (item,) = county.walk(at)
    (served,) = county.do(item, by, choice, "请修改后再报。")
    assert served.step == choice.removeprefix("back_")
    assert county.sheet().state == state
    assert served.task_id != item.task_id, "a new task: nothing is reopened"
    (last,) = county.walk("sign")
    county.do(last, county.HEAD)
    assert county.sheet().state == "signed"
    process = Process.objects.get(pk=item.process_id)
    assert process.status == "DONE"
    assert folded(county.sheet().stream)["state"] == "signed"


def test_the_last_step_ends_the_process() -> None:
    county.setting()
    (item,) = county.walk("sign")
    assert county.do(item, county.HEAD) == []
    process = Process.objects.get(pk=item.process_id)
    item.refresh_from_db()
    assert (process.status, process.finished) == ("DONE", item.closed_at)
    ended = Task.objects.get(process=process, flow_task_type="END")
    assert (ended.status, ended.finished, list(ended.previous.all())) == ("DONE", item.closed_at, [item.task])
    assert not WorkItem.objects.filter(process=process, state="open").exists()
    assert not Task.objects.filter(process=process).exclude(status="DONE").exists()
    connection.check_constraints()
    numbers = Event.objects.filter(stream=process.stream).order_by("seq").values_list("seq", flat=True)
    assert list(numbers) == list(range(1, len(county.PATH) + 1))
