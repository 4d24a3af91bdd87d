"""留置送达: what a unit's head does not sign for in time takes effect without the signature."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from audit import clock
from audit.refusals import NotPossible
from cycle.models import ChangeNotice, Stage
from cycle.queries.windows import second_window, windows_of
from cycle.services import stages
from tests.cast import signed_in
from tests.county import County, refused
from tests.cycle.repairing import approved, bar_lifted
from tests.cycle.test_windows import rule
from tests.small_county import PASSWORD, work
from tests.workflows.appealing import brought_to, fresh, served
from tests.workflows.interviewing import interviewed
from workflows.services import tasks
from workflows.services.ticking import tick

LAST_DAY, AFTER = dt.date(2027, 2, 15), dt.date(2027, 2, 16)
"""Served on the 10th, to be signed for within three working days."""
FROM_RECEIPT = {"office": "unit", "due": {"in": "15 wd", "from": "receipt"}, "cite": "二十六条"}
DEEMED = "逾期未签收，2027 年 2 月 16 日视为送达"


def letter(county: County) -> Any:
    return county.matter("feedback", unit="nanniu")


def test_a_letter_is_deemed_received_when_its_time_is_over_and_the_window_begins(feedback: County) -> None:
    rule(feedback, file=FROM_RECEIPT)
    served(feedback)
    feedback.move_to(LAST_DAY, 23)
    assert tick()["lapsed"] == 0
    assert windows_of(feedback.unit("nanniu"))[0].begins_on is None
    feedback.move_to(AFTER, 0)
    assert tick()["lapsed"] == 1
    found = letter(feedback)
    assert (found.state, found.signed_at, found.deemed_on) == ("signed", None, AFTER)
    event = feedback.last_event(found.stream)
    assert (event["type"], event["by"]["name"]) == ("feedback.deem_received", "系统")
    assert event["why"] == "逾期未签收，视为送达"
    window = windows_of(feedback.unit("nanniu"))[0]
    assert window.begins_on == AFTER
    assert window.words.startswith("绩效反馈书于 2027 年 2 月 16 日视为签收，当日不计，申诉期为 15 个工作日")
    assert window.is_open(feedback.now)


def test_pages_never_say_that_somebody_signed(feedback: County) -> None:
    served(feedback)
    feedback.move_to(AFTER, 0)
    tick()
    client = signed_in("nanniu-head")
    for url in ("/letters/", f"/letters/{letter(feedback).pk}/"):
        page = client.get(url).content.decode()
        assert DEEMED in page
        assert "由单位负责人签收" not in page


def test_the_head_who_comes_a_minute_later_is_told(feedback: County) -> None:
    served(feedback)
    item = feedback.item(letter(feedback), "sign")
    feedback.move_to(AFTER, 0)
    tick()
    clock.move_to(feedback.now + dt.timedelta(minutes=1))
    form = {"password": PASSWORD, "digest": letter(feedback).document_digest}
    with refused(
        "这项任务的时限已过，系统已按“逾期未签收，视为送达”办结，不能再办理。请返回待办列表查看最新情况。"
    ):
        tasks.complete(item.pk, user_id=feedback.user("nanniu-head"), form=form)


def test_a_head_who_signs_in_the_last_hour_has_signed(feedback: County) -> None:
    rule(feedback, file=FROM_RECEIPT)
    served(feedback)
    feedback.move_to(LAST_DAY, 23)
    feedback.do(letter(feedback), "sign", password=PASSWORD, digest=letter(feedback).document_digest)
    feedback.move_to(AFTER, 0)
    assert tick()["lapsed"] == 0
    found = letter(feedback)
    assert (clock.local_date(found.signed_at), found.deemed_on, found.state_title) == (
        LAST_DAY,
        None,
        "已签收",
    )
    window = windows_of(feedback.unit("nanniu"))[0]
    assert window.words.startswith("绩效反馈书于 2027 年 2 月 15 日签收，")


def test_a_unit_that_never_signs_holds_up_neither_the_stage_nor_the_lock(feedback: County) -> None:
    rule(feedback, file=FROM_RECEIPT)
    served(feedback)
    work(feedback.cycle, but="nanniu")
    chief = feedback.user("jxb-chief")
    with pytest.raises(NotPossible, match="还有事项没有办完"):
        stages.open_stage(feedback.cycle.pk, Stage.USES, user_id=chief)
    feedback.move_to(AFTER, 0)
    counts = tick()
    assert counts["lapsed"] >= 1
    assert counts["locked"] == 0
    stages.open_stage(feedback.cycle.pk, Stage.USES, user_id=chief)
    closes = windows_of(feedback.unit("nanniu"))[0].closes_at
    assert closes is not None
    clock.move_to(closes - dt.timedelta(minutes=1))
    assert tick()["locked"] == 0
    clock.move_to(closes)
    assert tick()["locked"] == 1


def test_a_notice_is_deemed_received(uses: County) -> None:
    rule(uses, file=FROM_RECEIPT)
    bar_lifted(uses)
    approved(uses, 2)
    notice = ChangeNotice.objects.get(subject__code="caizheng")
    due = uses.item(notice, "sign").due_at
    assert due is not None
    clock.move_to(due)
    tick()
    notice = ChangeNotice.objects.get(pk=notice.pk)
    assert (notice.state, notice.signed_at, notice.deemed_on) == ("signed", None, clock.local_date(due))
    (window,) = [each for each in windows_of(uses.unit("caizheng")) if each.occasion == "change"]
    assert (window.begins_on, window.deemed) == (notice.deemed_on, True)
    page = signed_in("caizheng-head").get(f"/notices/{notice.pk}/").content.decode()
    assert "逾期未签收，" in page
    assert "视为送达。" in page


def test_a_decision_is_deemed_received_and_the_second_window_begins(feedback: County) -> None:
    second = {"office": "leading_group", "due": {"in": "15 wd", "from": "receipt"}, "cite": "四十条"}
    rule(feedback, second=second)
    served(feedback)
    appeal = brought_to(feedback, "sign", outcome="uphold")
    due = feedback.item(appeal, "sign").due_at
    assert due is not None
    waiting = second_window(appeal)
    assert waiting is not None
    assert waiting.begins_on is None
    clock.move_to(due)
    tick()
    appeal = fresh(appeal)
    assert (appeal.state, appeal.deemed_on) == ("signed", clock.local_date(due))
    assert "signed_on" not in appeal.text
    window = second_window(appeal)
    assert window is not None
    assert (window.begins_on, window.deemed) == (appeal.deemed_on, True)
    assert "视为送达。" in signed_in("nanniu-head").get(f"/appeals/{appeal.pk}/").content.decode()


def test_a_record_that_nobody_confirms_stands_without_objection(feedback: County) -> None:
    served(feedback)
    talk = interviewed(feedback, "nanniu")
    due = feedback.item(talk, "confirm").due_at
    assert due is not None
    clock.move_to(due)
    tick()
    talk = feedback.matter("interview", unit="nanniu")
    assert (talk.state, talk.state_title) == ("confirmed", "逾期未确认，视为无异议")
    assert "confirmed_on" not in talk.text
    page = signed_in("nanniu-head").get(f"/interviews/{talk.pk}/").content.decode()
    assert "单位逾期未确认，2027 年 2 月 16 日视为无异议。" in page
