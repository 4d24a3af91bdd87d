"""Two people at the same moment: one wins, the other is told what happened, and nothing is written twice."""

from __future__ import annotations

import datetime as dt
import threading
import time
from functools import partial
from uuid import UUID

import pytest
from django.db import connection, transaction

from audit import clock
from audit.models import Event
from audit.refusals import NotAllowed, NotPossible
from cycle.models import Cycle, Matter
from cycle.services import stages
from offices.models import Posting
from tests.workflows import county
from tests.workflows.racing import Command, failures, race
from workflows.models import Process, Task, WorkItem
from workflows.services import cancelling, relaying, starting, sweeping, tasks

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 3
LAST_YEAR = dt.date(2025, 12, 31)


def consistent(process_id: UUID) -> None:
    """One open step with its items, a gapless ledger."""
    process = Process.objects.get(pk=process_id)
    live = Task.objects.filter(process=process, status="NEW").count()
    opened = WorkItem.objects.filter(process=process, state="open").count()
    assert (live, opened) == ((0, 0) if process.status != "NEW" else (1, 1))
    numbers = Event.objects.filter(stream=process.stream).values_list("seq", flat=True)
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


def one_refused(results: list[object]) -> NotPossible:
    (refused,) = failures(results)
    assert isinstance(refused, NotPossible), refused
    return refused


def test_two_submits() -> None:
    county.setting()
    for unit in ("nanniu", "xinchengpu"):
        item = county.waiting(unit)
        people = [f"{unit}-handler", f"{unit}-head"]
        results = race([partial(county.do, item, username) for username in people])
        assert "不能重复办理" in str(one_refused(results))
        assert county.sheet(unit).state == "declared"
        assert Event.objects.filter(stream=county.sheet(unit).stream, type="sheet.declare").count() == 1
        consistent(item.process_id)


def test_two_approvals_and_the_second_learns_who_was_first() -> None:
    county.setting()
    for _ in range(ROUNDS):
        (item,) = county.walk("approve")
        results = race([partial(county.do, item, county.HEAD)] * 2)
        assert "由演示·南牛乡负责人办理" in str(one_refused(results))
        assert county.sheet().state == "approved"
        consistent(item.process_id)
        county.do(county.waiting(), county.CLERK, "back_declare", "再来一次。")


def test_approval_against_return() -> None:
    county.setting()
    for _ in range(ROUNDS):
        (item,) = county.walk("approve")
        results = race(
            [
                partial(county.do, item, county.HEAD),
                partial(county.do, item, county.HEAD, "back_declare", "目标偏低。"),
            ]
        )
        one_refused(results)
        item.refresh_from_db()
        expected = {"next": ("approved", "first_review"), "back_declare": ("draft", "declare")}
        assert (county.sheet().state, county.waiting().step) == expected[item.outcome]
        consistent(item.process_id)
        if item.outcome == "next":
            county.do(county.waiting(), county.CLERK, "back_declare", "再来一次。")


def test_a_draft_against_a_submit() -> None:
    county.setting()
    item = county.waiting()
    draft = partial(
        tasks.save_draft, item.pk, user_id=county.user(county.HEAD), draft={"comment": "x"}, version=""
    )
    results = race([partial(county.do, item, county.HANDLER), draft])
    assert {type(each) for each in failures(results)} <= {NotPossible}
    item.refresh_from_db()
    assert (item.state, item.draft) == ("done", None)


def test_two_receipts_are_one() -> None:
    county.setting()
    item = county.waiting()
    people = [county.HANDLER, county.HEAD]
    results = race([partial(tasks.receive, item.pk, user_id=county.user(each)) for each in people])
    assert sorted(results) == [False, True]
    assert Event.objects.filter(type="task.received").count() == 1


def test_two_stage_openings() -> None:
    cycle = county.prepared()
    chief = county.user(county.CHIEF)
    command = partial(stages.open_stage, cycle.pk, "indicator_setting", user_id=chief)
    refused = one_refused(race([command] * 2))
    assert "不能进入“指标设置”" in str(refused)
    assert Cycle.objects.get(pk=cycle.pk).state == "indicator_setting"
    assert Matter.objects.filter(cycle=cycle, kind="sheet").count() == sum(county.UNITS.values())
    assert Event.objects.filter(stream=f"cycle/{cycle.pk}", type="cycle.open_setting").count() == 1


def test_two_starts_of_the_same_matters() -> None:
    """The same message twice: each unit has one process whoever is quicker."""
    cycle = county.prepared()
    stages.open_stage(cycle.pk, "indicator_setting", user_id=county.user(county.CHIEF))
    assert race([partial(starting.start_waiting, cycle.pk, "sheet")] * 2) == [False, False]
    assert starting.start_waiting(cycle.pk, "sheet") is False
    assert Process.objects.count() == sum(county.UNITS.values())
    assert WorkItem.objects.filter(state="open").count() == sum(county.UNITS.values())


def test_a_cancellation_against_completions() -> None:
    cycle = county.setting()
    items = list(WorkItem.objects.filter(state="open").select_related("subject"))
    commands = [partial(county.do, item, f"{item.subject.code}-handler") for item in items if item.subject]
    results = race([partial(cancelling.cancel_processes, cycle.pk), *commands])
    assert {type(each) for each in failures(results)} <= {NotPossible}
    assert not WorkItem.objects.filter(state="open").exists()
    assert not Task.objects.filter(status="NEW").exists()
    assert set(Process.objects.values_list("status", flat=True)) == {"CANCELED"}


def test_a_sweep_against_completions() -> None:
    """The sweep holds the process too; else its events would race for the numbers of the stream."""
    county.setting()
    WorkItem.objects.filter(state="open").update(next_rung_at="2026-01-01T00:00:00Z")
    items = list(WorkItem.objects.filter(state="open").select_related("subject"))
    commands = [partial(county.do, item, f"{item.subject.code}-handler") for item in items if item.subject]
    results = race([sweeping.fire, *commands, sweeping.fire])
    assert failures(results) == []
    for item in items:
        consistent(item.process_id)


def _until_somebody_waits() -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits: was the lock refused at once?")


def behind(item: WorkItem, command: Command, *, meanwhile: Command, then: Command = lambda: None) -> object:
    """What a command answers that comes while somebody else holds the process.

    The other holds it until the command waits and `meanwhile` has happened, does `then`, and commits.
    """
    held, go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            tasks.hold(item.pk)
            held.set()
            assert go.wait(20)
            then()

    def wait() -> object:
        assert held.wait(20)
        return command()

    def conduct() -> None:
        assert held.wait(20)
        try:
            _until_somebody_waits()
            meanwhile()
        finally:
            go.set()

    other, answer, conductor = race([hold, wait, conduct])
    assert (other, conductor) == (None, None)
    return answer


def test_a_held_process_is_waited_for_and_seen_fresh_afterwards() -> None:
    """No `nowait`; and what was true before the wait does not count: the second click fails."""
    county.setting()
    (item,) = county.walk("approve")
    answer = behind(
        item,
        partial(county.do, item, county.HEAD, "back_declare", "理由"),
        meanwhile=lambda: None,
        then=partial(county.do, item, county.HEAD),
    )
    assert isinstance(answer, NotPossible)
    assert "由演示·南牛乡负责人办理" in str(answer)
    assert county.sheet().state == "approved"


def test_who_lost_the_post_while_waiting_may_not() -> None:
    """The posting is read under the lock, not before it."""
    county.setting()
    (item,) = county.walk("approve")
    postings = Posting.objects.filter(user__username=county.HEAD)
    answer = behind(
        item, partial(county.do, item, county.HEAD), meanwhile=partial(postings.update, until=LAST_YEAR)
    )
    assert isinstance(answer, NotAllowed)
    assert county.sheet().state == "declared"


def test_the_time_of_a_deed_is_taken_after_the_wait() -> None:
    county.setting()
    (item,) = county.walk("approve")
    released: list[dt.datetime] = []
    answer = behind(
        item, partial(county.do, item, county.HEAD), meanwhile=lambda: released.append(clock.now())
    )
    assert isinstance(answer, list)
    item.refresh_from_db()
    assert item.closed_at is not None
    assert item.closed_at > released[0]
    assert answer[0].served_at == item.closed_at


def test_different_units_do_not_wait_for_each_other() -> None:
    """Neither the cycle nor the policy is locked by a unit's step."""
    county.setting()
    (item,) = county.walk("approve")
    with transaction.atomic():
        tasks.hold(item.pk)
        results = race([partial(county.do, county.waiting("xinchengpu"), "xinchengpu-handler")])
    assert failures(results) == []


def test_the_outbox_is_relayed_while_people_work() -> None:
    cycle = county.prepared()
    stages.open_stage(cycle.pk, "indicator_setting", user_id=county.user(county.CHIEF))
    results = race([relaying.drain] * 4)
    assert failures(results) == []
    assert Process.objects.count() == sum(county.UNITS.values())
