"""Joint review: one task, an item for each office; the last who agrees moves it, any who returns ends it."""

from __future__ import annotations

import random
from functools import partial

import pytest

from audit.models import Event
from audit.refusals import NotPossible
from cycle.models import Opinion
from tests.county import fingerprint
from tests.workflows import county
from tests.workflows.racing import failures, race
from tests.workflows.records import folded
from workflows.models import Task, WorkItem

pytestmark = pytest.mark.django_db


def opinions() -> list[tuple[int, str, bool]]:
    """(round, office, agrees) of the sheet."""
    rows = Opinion.objects.filter(matter=county.sheet()).order_by("round", "office__capacity")
    return [(each.round, each.office.capacity, each.agrees) for each in rows.select_related("office")]


def at_review(offices: int) -> list[WorkItem]:
    county.setting(reviewers=offices)
    return county.walk("joint_review")


def test_the_last_office_moves_it_on() -> None:
    first, second, third = at_review(3)
    for item in (second, first):
        assert county.do(item, county.reviewer_of(item), comment="同意。") == []
        assert county.sheet().state == "reviewed"
        assert Task.objects.get(pk=item.task_id).status == "NEW"
    (served,) = county.do(third, county.reviewer_of(third))
    assert served.step == "decide"
    assert county.sheet().state == "joint_reviewed"
    assert Task.objects.get(pk=first.task_id).status == "DONE"
    assert opinions() == [(1, f"reviewer_{number}", True) for number in (1, 2, 3)]
    assert Event.objects.filter(type="sheet.close_review").count() == 1


def test_an_office_agrees_once() -> None:
    first, _, _ = at_review(3)
    county.do(first, "reviewer-1")
    before = fingerprint()
    with pytest.raises(NotPossible, match="已办，由演示·会审1组经办员办理"):
        county.do(first, "reviewer-1")
    assert fingerprint() == before


@pytest.mark.parametrize("already", [0, 1, 2])
def test_a_return_ends_the_others_and_begins_a_new_round(already: int) -> None:
    """Also when nobody has spoken before: the office that returns is on record as disagreeing."""
    items = at_review(3)
    for item in items[:already]:
        county.do(item, county.reviewer_of(item))
    returning, *silent = items[already:]
    (served,) = county.do(returning, county.reviewer_of(returning), "back_declare", "测算依据不足。")
    assert (served.step, county.sheet().state) == ("declare", "draft")
    states = WorkItem.objects.filter(task=items[0].task).values_list("office__capacity", "state")
    assert sorted(state for _, state in states) == ["done"] * (already + 1) + ["superseded"] * len(silent)
    assert [agrees for _, _, agrees in opinions()] == [True] * already + [False]
    for item in silent:
        with pytest.raises(NotPossible, match="因退回而终止，不能重复办理"):
            county.do(item, county.reviewer_of(item))
    again = county.walk("joint_review")
    assert len(again) == 3
    assert {item.task_id for item in again}.isdisjoint({items[0].task_id})
    for item in again:
        county.do(item, county.reviewer_of(item))
    assert county.sheet().state == "joint_reviewed"
    assert [each for each in opinions() if each[0] == 2] == [
        (2, f"reviewer_{number}", True) for number in (1, 2, 3)
    ]
    assert folded(county.sheet().stream)["text"] == {"review_round": 2}


def test_two_returns_at_once_are_one() -> None:
    first, second = at_review(2)
    county.do(first, "reviewer-1", "back_approve", "请负责人再核。")
    assert county.sheet().state == "declared"
    with pytest.raises(NotPossible, match="因退回而终止"):
        county.do(second, "reviewer-2", "back_declare", "测算依据不足。")
    assert county.waiting().step == "approve"


def _agree(item: WorkItem) -> object:
    return county.do(item, county.reviewer_of(item))


def _return(item: WorkItem) -> object:
    return county.do(item, county.reviewer_of(item), "back_declare", "测算依据不足。")


@pytest.mark.django_db(transaction=True)
def test_nine_offices_at_the_same_moment() -> None:
    items = at_review(9)
    results = race([partial(_agree, item) for item in items])
    assert failures(results) == []
    assert sum(bool(served) for served in results) == 1
    assert county.sheet().state == "joint_reviewed"
    assert len(opinions()) == 9
    (ahead,) = WorkItem.objects.filter(process=items[0].process, state="open")
    assert ahead.step == "decide"
    assert Task.objects.filter(process=items[0].process, status="NEW").count() == 1
    numbers = Event.objects.filter(stream=items[0].process.stream).values_list("seq", flat=True)
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


@pytest.mark.django_db(transaction=True)
def test_eight_agree_while_one_returns() -> None:
    """Whoever comes first: the sheet goes back, late ones are told, no item stays open behind."""
    items = at_review(9)
    commands = [partial(_agree, item) for item in items[1:]]
    commands.insert(random.randrange(9), partial(_return, items[0]))
    results = race(commands)
    refused = failures(results)
    assert {type(each) for each in refused} <= {NotPossible}
    assert county.sheet().state == "draft"
    assert county.waiting().step == "declare"
    states = list(WorkItem.objects.filter(task=items[0].task).values_list("state", flat=True))
    assert states.count("superseded") == len(refused)
    assert states.count("done") == 9 - len(refused)
    assert len(opinions()) == 9 - len(refused)
