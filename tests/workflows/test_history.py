"""Whatever people do in whatever order, rows, open work and ledger tell the same story.

Hypothesis plays one process of indicator setting with a joint review against a model of it.
"""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from audit import clock
from audit.models import Event
from audit.refusals import NotAllowed, NotPossible
from cycle.models import Opinion
from tests.workflows import county
from tests.workflows.records import folded
from workflows.models import Process, Task, WorkItem
from workflows.queries.reconciling import reconcile
from workflows.services import sweeping, tasks

REVIEWERS = 3
WHO = dict(county.PATH)
NEXT = {step: after for (step, _), (after, _) in zip(county.PATH, county.PATH[1:], strict=False)}
BACK = {
    "approve": ["declare"],
    "first_review": ["declare"],
    "joint_review": ["declare", "approve"],
    "decide": ["declare", "first_review"],
}
STATE = {
    "declare": "draft",
    "approve": "declared",
    "first_review": "approved",
    "joint_review": "reviewed",
    "decide": "joint_reviewed",
    "issue": "decided",
    "sign": "issued",
    "": "signed",
}
WRONG = {
    "declare": "xinchengpu-handler",
    "approve": county.HANDLER,
    "first_review": county.HANDLER,
    "joint_review": county.CLERK,
    "decide": county.CHIEF,
    "issue": county.HEAD,
    "sign": county.HANDLER,
}
picks = st.integers(min_value=0, max_value=REVIEWERS - 1)


class OneProcess(RuleBasedStateMachine):
    """The model: the step, the round of review, who has spoken in it, how many deeds were done."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.step, self.round, self.spoken = "declare", 1, 0
        self.deeds = 0
        self.process = county.waiting().process

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.savepoint)

    @initialize(start=st.sampled_from([step for step, _ in county.PATH]))
    def begin(self, start: str) -> None:
        """Every step is as likely a beginning as the first."""
        while self.step != start:
            self.complete(0)

    @property
    def open_items(self) -> list[WorkItem]:
        rows = WorkItem.objects.filter(process=self.process, state="open")
        return list(rows.select_related("office", "subject").order_by("office__capacity"))

    def item(self, pick: int) -> WorkItem:
        return self.open_items[pick % len(self.open_items)]

    def person(self, item: WorkItem) -> str:
        return county.reviewer_of(item) if self.step == "joint_review" else WHO[self.step]

    @property
    def owed(self) -> int:
        """How many offices owe the present step."""
        if not self.step:
            return 0
        return REVIEWERS - self.spoken if self.step == "joint_review" else 1

    @precondition(lambda self: self.step)
    @rule(pick=picks)
    def complete(self, pick: int) -> None:
        """The right person agrees."""
        item = self.item(pick)
        county.do(item, self.person(item), comment="同意。")
        self.deeds += 1
        self.spoken += self.step == "joint_review"
        if self.step != "joint_review" or not self.owed:
            self.step = NEXT.get(self.step, "")

    @precondition(lambda self: self.step in BACK)
    @rule(pick=picks, way=picks)
    def give_back(self, pick: int, way: int) -> None:
        """The right person returns it; once somebody has given an opinion, a new round begins."""
        item = self.item(pick)
        target = BACK[self.step][way % len(BACK[self.step])]
        county.do(item, self.person(item), f"back_{target}", "请修改后再报。")
        self.deeds += 1
        if self.step in ("joint_review", "decide"):
            self.round, self.spoken = self.round + 1, 0
        self.step = target

    @precondition(lambda self: self.step in BACK)
    @rule(pick=picks)
    def give_back_without_a_word(self, pick: int) -> None:
        item = self.item(pick)
        with pytest.raises(NotPossible, match="请写明理由"):
            county.do(item, self.person(item), "back_declare", " ")

    @precondition(lambda self: self.deeds)
    @rule(pick=st.integers(min_value=0, max_value=99))
    def click_again(self, pick: int) -> None:
        """Anybody who ever closed an item, or whose item was ended, tries once more."""
        closed = WorkItem.objects.filter(process=self.process).exclude(state="open").order_by("id")
        item = closed[pick % len(closed)]
        person = county.reviewer_of(item) if item.step == "joint_review" else WHO[item.step]
        with pytest.raises(NotPossible, match="不能重复办理"):
            county.do(item, person)

    @precondition(lambda self: self.step)
    @rule(pick=picks)
    def wrong_person(self, pick: int) -> None:
        with pytest.raises(NotAllowed):
            county.do(self.item(pick), WRONG[self.step])

    @precondition(lambda self: self.step)
    @rule(pick=picks)
    def open_and_draft(self, pick: int) -> None:
        item = self.item(pick)
        tasks.receive(item.pk, user_id=county.user(self.person(item)))

    @rule(days=st.integers(min_value=1, max_value=4))
    def time_passes(self, days: int) -> None:
        clock.move_to(clock.now() + dt.timedelta(days=days))
        sweeping.fire_all()

    @invariant()
    def the_database_agrees(self) -> None:
        connection.check_constraints()
        assert {each.rule.name: each.examples for each in reconcile() if each.count} == {}

    @invariant()
    def the_model_agrees(self) -> None:
        items = self.open_items
        assert [item.step for item in items] == [self.step] * self.owed
        live = list(Task.objects.filter(process=self.process, status="NEW").values_list("pk", flat=True))
        assert {item.task_id for item in items} == set(live)
        assert len(live) == (1 if self.step else 0)
        process = Process.objects.get(pk=self.process.pk)
        assert (process.status, process.finished is None) == (("NEW", True) if self.step else ("DONE", False))

    @invariant()
    def the_ledger_agrees(self) -> None:
        sheet = county.sheet()
        told = folded(sheet.stream)
        assert told["state"] == sheet.state == STATE[self.step]
        assert told["text"] == sheet.text
        assert folded(self.process.stream)["status"] == Process.objects.get(pk=self.process.pk).status
        completed = Event.objects.filter(stream=self.process.stream, type="task.completed")
        assert completed.count() == self.deeds
        assert sheet.text.get("review_round", 1) == self.round
        assert Opinion.objects.filter(matter=sheet, round=self.round).count() == self.spoken


@pytest.mark.django_db
def test_any_order_of_deeds() -> None:
    county.setting(reviewers=REVIEWERS)
    run_state_machine_as_test(
        OneProcess,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
