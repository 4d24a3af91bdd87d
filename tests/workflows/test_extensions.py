"""延期: asked for before the deadline, decided by the office; clock and ladder move with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial
from uuid import UUID

import pytest
from pytest_django.plugin import DjangoDbBlocker

from audit import clock
from audit.refusals import NotAllowed, NotPossible
from cycle.models import Extension, Rectification
from tests import moments
from tests.county import County, refused
from tests.workflows import rectifying
from tests.workflows.racing import failures, race
from tests.workflows.rectifying import CLERK, SECOND
from workflows.models import Process, WorkItem
from workflows.services import extending, sweeping

UNTIL = dt.date(2026, 3, 20)
WHY = "设备还在采购公示期。"


def ask(county: County, item: WorkItem, until: dt.date | str = UNTIL, why: str = WHY, as_: str = "") -> UUID:
    """Ask for more time as the unit's handler (or somebody else)."""
    who = county.user(as_ or "nanniu-handler")
    return extending.ask(item.pk, user_id=who, until=str(until), why=why)


@pytest.fixture(name="item")
def of_a_result(monitoring: County) -> WorkItem:
    """The unit's task to report its result by 2 March."""
    return monitoring.item(rectifying.underway(monitoring, rectifying.listed(monitoring)), "result")


def asked(key: UUID) -> Extension:
    return Extension.objects.select_related("cycle").get(pk=key)


def decide(county: County, key: UUID, choice: str = "next", comment: str = "") -> None:
    county.do(asked(key), "decide", choice=choice, comment=comment, as_=CLERK)


def test_a_granted_request_moves_deadline_derivation_and_record(monitoring: County, item: WorkItem) -> None:
    key = ask(monitoring, item)
    decide(monitoring, key, comment="同意。")
    item.refresh_from_db()
    assert item.due_at == clock.end_of(UNTIL)
    assert item.basis["rule_text"] == "经县绩效办同意，由 2026-03-02 延期到 2026-03-20"
    assert item.basis["earlier"] == ["2026-03-02"]
    assert (asked(key).state, Process.objects.get(matter=key).status) == ("granted", "DONE")
    event = monitoring.last_event(item.process.stream)
    assert (event["set"]["due_on"], event["was"]["due_on"]) == ("2026-03-20", "2026-03-02")
    matter = Rectification.objects.get(pk=item.matter_id)
    assert matter.text["due"]["result"]["due_on"] == "2026-03-20"


def test_a_denied_request_leaves_the_deadline(monitoring: County, item: WorkItem) -> None:
    key = ask(monitoring, item)
    with refused("请写明理由后再不予延期，对方要据此修改。", field="comment"):
        decide(monitoring, key, choice="reject")
    decide(monitoring, key, choice="reject", comment="可以租用设备按期完成。")
    due = item.due_at
    item.refresh_from_db()
    assert (item.due_at, asked(key).state) == (due, "denied")
    assert asked(ask(monitoring, item)).state == "asked", "after a denial it may be asked for again"


def test_what_the_ladder_has_fired_is_not_fired_again(monitoring: County, item: WorkItem) -> None:
    monitoring.move_to(dt.date(2026, 2, 25))
    sweeping.fire_all()
    assert fired(monitoring, item) == ["deadline.notice"]
    decide(monitoring, ask(monitoring, item))
    monitoring.move_to(dt.date(2026, 3, 18))
    sweeping.fire_all()
    assert fired(monitoring, item) == ["deadline.notice"], "no second notice, and no card of the old day"
    monitoring.move_to(dt.date(2026, 3, 30))
    sweeping.fire_all()
    ladder = ["notice", "reminder", "yellow_card", "red_card"]
    assert fired(monitoring, item) == [f"deadline.{rung}" for rung in ladder]


def fired(county: County, item: WorkItem) -> list[str]:
    return [each for each in county.events(item.process.stream) if each.startswith("deadline.")]


def test_after_the_deadline_the_refusal_shows_how_it_was_counted(monitoring: County) -> None:
    item = monitoring.item(rectifying.listed(monitoring), "plan")
    assert item.due_at is not None
    monitoring.move_to(clock.last_day(item.due_at) + dt.timedelta(days=1), hour=0)
    with refused(
        "延期只能在到期之前申请。这项任务的时限是10 个工作日，自 2026 年 2 月 10 日的次日起计入 10 天，"
        "其间休息日 10 天不计，已于 2026 年 3 月 2 日 24 时届满，请尽快办理，并在办理时说明逾期的原因。"
        "（依据：七4）"
    ):
        ask(monitoring, item)


def test_the_last_minute_is_in_time(monitoring: County, item: WorkItem) -> None:
    clock.move_to(clock.end_of(dt.date(2026, 3, 2)) - dt.timedelta(minutes=1))
    assert asked(ask(monitoring, item)).state == "asked"


@pytest.mark.parametrize(
    ("until", "why", "sentence", "field"),
    [
        ("", WHY, "请填写申请延期到的日期，例如 2027-03-05。", "until"),
        (
            dt.date(2026, 3, 2),
            WHY,
            "申请延期到的日期应当晚于目前的到期日 2026 年 3 月 2 日，请改正。",
            "until",
        ),
        (dt.date(2062, 3, 20), WHY, "申请延期到的日期比目前的到期日晚一年以上，请核对年份。", "until"),
        (UNTIL, " ", "请写明申请延期的理由：为什么按期完不成、延期后怎样保证完成。", "why"),
    ],
)
def test_a_request_that_does_not_hold_is_refused(
    monitoring: County, item: WorkItem, until: dt.date | str, why: str, sentence: str, field: str
) -> None:
    with refused(sentence, field=field):
        ask(monitoring, item, until, why)


def test_one_request_at_a_time(monitoring: County, item: WorkItem) -> None:
    ask(monitoring, item)
    with refused("这项任务的延期申请（延期到 2026-03-20）还在等待决定，作出决定之前不能再次申请。"):
        ask(monitoring, item, dt.date(2026, 3, 25))


def test_only_who_has_the_task_asks_and_only_for_steps_that_know_extension(
    monitoring: County, item: WorkItem
) -> None:
    with pytest.raises(NotAllowed, match="此事项由南牛乡的工作人员办理"):
        ask(monitoring, item, as_="xinchengpu-handler")
    other = WorkItem.objects.filter(flow="report", state="open").first()
    sheet = other or monitoring.item(rectifying.reported(monitoring, _second(monitoring)), "check")
    with pytest.raises(NotPossible, match="这一步骤不能申请延期，请按时限办理。"):
        extending.ask(sheet.pk, user_id=_of(sheet), until=str(UNTIL), why=WHY)


def _second(county: County) -> Rectification:
    return rectifying.listed(county, rectifying.Problem("nanniu", "督查", "督查事项没有反馈。"))


def _of(item: WorkItem) -> UUID:
    return item.office.postings.order_by("role")[0].user_id


def test_done_meanwhile_a_request_is_overtaken(monitoring: County, item: WorkItem) -> None:
    """By the tick, or by whoever decides before it: nothing is left to put off."""
    first = ask(monitoring, item)
    matter = Rectification.objects.get(pk=item.matter_id)
    rectifying.prove(monitoring, matter)
    monitoring.do(matter, "result", result="已整改。")
    assert extending.expire_moot() == 1
    assert (asked(first).state, Process.objects.get(matter=first).status) == ("expired", "CANCELED")
    assert extending.expire_moot() == 0
    monitoring.do(matter, "check", choice="back_result", comment="还差一份。", as_=SECOND)
    again = monitoring.item(matter, "result")
    second = ask(monitoring, again, dt.date(2026, 3, 30))
    monitoring.do(matter, "result", result="已补齐。")
    decide(monitoring, second)
    assert asked(second).state == "expired"
    again.refresh_from_db()
    assert again.state == "done"


def test_a_request_whose_day_has_come_is_not_granted_any_more(monitoring: County, item: WorkItem) -> None:
    key = ask(monitoring, item)
    monitoring.move_to(dt.date(2026, 3, 21))
    sentence = "申请延期到的 2026 年 3 月 20 日已经过去，不能再同意；请选择“不予延期”并写明理由。"
    with refused(sentence):
        decide(monitoring, key)
    assert extending.expire_moot() == 1
    assert asked(key).state == "expired"


def test_a_plan_may_be_put_off_too_and_a_return_does_not_revive_the_old_day(monitoring: County) -> None:
    matter = rectifying.listed(monitoring)
    item = monitoring.item(matter, "plan")
    assert item.due_at is not None
    decide(monitoring, ask(monitoring, item, dt.date(2026, 3, 6)))
    item.refresh_from_db()
    assert item.due_at == clock.end_of(dt.date(2026, 3, 6))
    monitoring.do(matter, "plan", **rectifying.plan_form(monitoring))
    monitoring.move_to(dt.date(2026, 3, 9))
    monitoring.do(matter, "approve", choice="back_plan", comment="请重新排定日期。", as_=CLERK)
    again = monitoring.item(matter, "plan")
    assert again.due_at is not None
    assert clock.last_day(again.due_at) == dt.date(2026, 3, 23), "the policy's ten working days, anew"


# --- at the same moment ------------------------------------------------------------------------------------


@pytest.fixture(name="county")
def committed(small_year: None, django_db_blocker: DjangoDbBlocker) -> Iterator[County]:
    """A county in which threads really commit."""
    with django_db_blocker.unblock(), moments.committed("monitoring") as found:
        yield found


def test_grant_against_completion(county: County) -> None:
    """Whichever is first: the task is done, and the request is granted before or overtaken after it."""
    matter = rectifying.underway(county, rectifying.listed(county))
    rectifying.prove(county, matter)
    item = county.item(matter, "result")
    key = ask(county, item)
    results = race(
        [
            partial(decide, county, key),
            partial(county.do, matter, "result", result="已整改。"),
        ]
    )
    assert failures(results) == []
    item.refresh_from_db()
    assert item.state == "done"
    extension = asked(key)
    assert extension.state in ("granted", "expired")
    assert (item.due_at == clock.end_of(UNTIL)) == (extension.state == "granted")
    assert rectifying.fresh(matter).state == "reported"


def test_two_requests_at_once_are_one(county: County) -> None:
    matter = rectifying.underway(county, rectifying.listed(county))
    item = county.item(matter, "result")
    results = race([partial(ask, county, item)] * 2)
    (refusal,) = failures(results)
    assert isinstance(refusal, NotPossible)
    assert "还在等待决定" in str(refusal)
    assert Extension.objects.count() == 1
