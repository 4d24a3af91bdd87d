"""Results are locked once every window is over and every appeal decided; only then is the year archived."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pytest
from django.db import connection

from cycle.models import ScoringRun
from cycle.queries.results import locked_run
from cycle.queries.settling import obstacles_to_lock
from cycle.services import locking, stages
from tests import moments
from tests.cast import signed_in
from tests.county import County
from tests.cycle.repairing import approved, bar_lifted, newest, opened, raised
from tests.small_county import publish, work
from tests.workflows.appealing import brought_to
from tests.workflows.appealing import opened as contested
from tests.workflows.racing import race
from workflows.services import appealing
from workflows.services.ticking import tick

LAST_DAY, AFTER = dt.date(2027, 2, 15), dt.date(2027, 2, 16)
"""The letters were served on the 10th: three working days, among them none of the weekend."""


def waits(county: County) -> list[str]:
    return obstacles_to_lock(county.cycle, county.now)


def test_the_tick_locks_after_the_last_minute_of_the_last_window(uses: County) -> None:
    uses.move_to(LAST_DAY, 23)
    assert tick()["locked"] == 0
    assert waits(uses) == [
        "申诉期还没有届满：南牛乡，绩效反馈书于 2027 年 2 月 10 日送达，当日不计，申诉期为 3 个工作日"
        "（2 月 11 日、2 月 12 日、2 月 15 日），到 2027 年 2 月 15 日 24 时止"
    ]
    uses.move_to(AFTER, 0)
    assert waits(uses) == []
    assert tick()["locked"] == 1
    run = newest(uses)
    assert run.locked_at is not None
    event = uses.last_event(f"run/{run.pk}")
    assert (event["type"], event["by"]["name"]) == ("run.lock", "系统")
    assert tick()["locked"] == 0
    assert locked_run(uses.cycle) == run


def test_no_lock_before_every_letter_is_served(feedback: County) -> None:
    work(feedback.cycle, but="zhujian")
    feedback.move_to(dt.date(2027, 4, 1))
    assert waits(feedback) == ["还有 1 家单位的反馈书没有送达"]
    assert not locking.lock_if_settled(feedback.cycle.pk)


@pytest.mark.parametrize("step", ["file", "accept", "decide", "approve"])
def test_no_lock_while_an_appeal_is_undecided(uses: County, step: str) -> None:
    appeal = brought_to(uses, step, title="督查落实")
    uses.move_to(dt.date(2027, 4, 1))
    assert waits(uses) == [f"“{appeal.title}”（{appeal.state_title}）还没有办结"]
    assert not locking.lock_if_settled(uses.cycle.pk)
    appealing.withdraw(appeal.pk, why="核对一致。", user_id=uses.user("nanniu-head"))
    assert locking.lock_if_settled(uses.cycle.pk)


def test_an_upheld_appeal_that_nobody_signed_for_holds_up_the_archive_and_not_the_lock(uses: County) -> None:
    work(uses.cycle)
    appeal = brought_to(uses, "sign", title="督查落实", outcome="uphold")
    uses.move_to(dt.date(2027, 4, 1))
    assert locking.lock_if_settled(uses.cycle.pk)
    with pytest.raises(Exception, match=f"^还有事项没有办结，不能归档：{appeal.title}（已决定，待签收）"):
        stages.archive(uses.cycle.pk, user_id=uses.user("jxb-chief"))


def test_no_lock_while_a_recheck_or_an_approval_is_under_way(uses: County) -> None:
    recheck = opened(uses, indicator_id=uses.indicator("nanniu", "water").pk)
    uses.move_to(dt.date(2027, 4, 1))
    assert waits(uses) == [f"“{recheck.title}”（待重新核验）还没有办结"]
    uses.do(recheck, "measure", finding="核对无误。")
    uses.do(recheck, "confirm")
    assert waits(uses) == []
    raised(uses, yearend="12")
    assert waits(uses) == [
        "最新的计分结果还没有批准",
        "“2026 年度考核结果变更审批”（待报批）还没有办结",
    ]


def test_a_change_notice_opens_a_window_that_is_waited_for(uses: County) -> None:
    uses.move_to(dt.date(2027, 4, 1))
    bar_lifted(uses)
    approved(uses, 2)
    (text,) = waits(uses)
    assert text.startswith("申诉期还没有届满：财政局，结果变更告知书于 2027 年 4 月 1 日送达")
    uses.move_to(dt.date(2027, 4, 8))
    assert locking.lock_if_settled(uses.cycle.pk)
    assert [run.number for run in ScoringRun.objects.filter(locked_at__isnull=False)] == [2]


def test_before_feedback_there_is_nothing_to_lock(assessed: County) -> None:
    publish(assessed.cycle)
    assessed.move_to(dt.date(2027, 12, 1))
    assert tick()["locked"] == 0


def test_the_archive_locks_what_is_settled(uses: County) -> None:
    work(uses.cycle)
    uses.move_to(AFTER)
    stages.archive(uses.cycle.pk, user_id=uses.user("jxb-chief"))
    assert newest(uses).locked_at is not None
    event = uses.last_event(f"cycle/{uses.cycle.pk}")
    assert event["rectifications_running_on"] == 0


def test_pages_say_why_results_are_not_locked_and_when_they_were(uses: County) -> None:
    clerk = signed_in("jxb-clerk")
    assert clerk.get("/results/2026/runs/").context["waits"] == waits(uses)
    assert "结果还没有锁定" in clerk.get("/office/stage/uses/").content.decode()
    assert signed_in("nanniu-handler").get("/results/2026/runs/").context["waits"] == []
    uses.move_to(AFTER)
    tick()
    page = clerk.get("/results/2026/runs/")
    assert page.context["waits"] == []
    assert [row.standing for row in page.context["rows"]] == ["已锁定"]
    assert "结果已于 2027-02-16 锁定" in clerk.get("/results/2026/").content.decode()


def test_an_appeal_begun_at_the_last_moment_and_the_lock_exclude_each_other(
    small_year: None, django_db_blocker: Any
) -> None:
    """Whoever comes first: there is never a locked run beside an appeal that is under way."""
    with django_db_blocker.unblock(), moments.committed("uses") as county:
        county.move_to(LAST_DAY, 23)
        with connection.cursor() as cursor:  # the last second of the window
            cursor.execute('UPDATE audit_clock SET "offset" = "offset" + interval \'59 minutes 59 seconds\'')
        draft = partial(contested, county, title="督查落实")
        lock = partial(locking.lock_if_settled, county.cycle.pk)
        race([draft, lock, lock])
        county.move_to(AFTER, 9)
        under_way = county.cycle.matters.filter(kind="appeal").exists()
        assert not (under_way and locked_run(county.cycle))
