"""Approved results that change go back through approval; whom it concerns is told; uses follow."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from audit import blobs, clock
from cycle.models import ChangeNotice, Consequence, Feedback, Grade, Reapproval
from cycle.queries.results import approved_run
from cycle.queries.settling import run_to_lock
from cycle.queries.windows import windows_of
from cycle.services import change_notices, scoring
from tests.cast import holder_of, signed_in
from tests.county import County, refused
from tests.cycle.repairing import approved, bar_lifted, newest, opened, raised, reapproval
from tests.small_county import LEADING_MEMBER, PASSWORD, tie_townships
from workflows.models import Process, WorkItem


def states(county: County) -> dict[int, str]:
    """Number of the run → state of its approval."""
    return {each.run.number: each.state for each in Reapproval.objects.select_related("run") if each.run}


def current(county: County) -> int:
    """The number of the run in force."""
    run = approved_run(county.cycle)
    assert run is not None
    return run.number


def test_a_changed_result_goes_back_to_the_government_in_five_working_days(uses: County) -> None:
    raised(uses, yearend="12")
    matter = reapproval(uses, 2)
    assert uses.item(matter, "submit").office == uses.office("performance_office")
    assert matter.text["anchors"] == {"decision": "2027-02-10"}
    uses.do(matter, "submit")
    item = uses.item(matter, "reapprove")
    assert item.office == uses.office("county_government")
    assert item.due_at == clock.at(dt.date(2027, 2, 18))  # the 11th, 12th, 15th, 16th and 17th
    uses.do(matter, "reapprove")
    assert current(uses) == 2


def test_results_that_stay_as_they_were_are_not_approved_again(uses: County) -> None:
    recheck = opened(uses, indicator_id=uses.indicator("nanniu", "investment").pk)
    uses.do(recheck, "measure", finding="核对无误。", lines={"yearend": {"value": "13.64"}})
    uses.do(recheck, "confirm")
    assert newest(uses).number == 1
    raised(uses, "xinchengpu", yearend="8.990")
    assert newest(uses).number == 1, "the same number is no change"
    assert not Reapproval.objects.exists()


def test_before_the_first_approval_nothing_is_approved_again(published: County) -> None:
    raised(published, yearend="12")
    assert newest(published).number == 2
    assert not Reapproval.objects.exists()


def test_one_that_waits_takes_up_the_next_change(uses: County) -> None:
    raised(uses, yearend="12")
    raised(uses, yearend="11")
    assert states(uses) == {3: "open"}
    event = uses.last_event(reapproval(uses, 3).stream)
    assert (event["type"], event["set"]["key"], event["was"]["key"]) == ("reapproval.renew", "3", "2")


def test_one_that_waits_ends_when_the_change_is_taken_back(uses: County) -> None:
    raised(uses, yearend="12")
    raised(uses, yearend="13.64")
    assert current(uses) == 1
    matter = Reapproval.objects.get()
    assert matter.state == "merged"
    assert Process.objects.get(matter=matter.pk).status == "CANCELED"
    assert not WorkItem.objects.filter(matter=matter.pk, state="open").exists()


def test_one_that_was_handed_up_stays_and_a_second_follows(uses: County) -> None:
    raised(uses, yearend="12")
    uses.do(reapproval(uses, 2), "submit")
    raised(uses, yearend="11")
    assert states(uses) == {2: "compiled", 3: "open"}
    uses.do(reapproval(uses, 2), "reapprove")
    assert current(uses) == 2
    approved(uses, 3)
    assert current(uses) == 3


def test_a_later_approval_takes_the_earlier_along(uses: County) -> None:
    raised(uses, yearend="12")
    uses.do(reapproval(uses, 2), "submit")
    raised(uses, yearend="11")
    approved(uses, 3)
    assert states(uses) == {2: "merged", 3: "approved"}
    assert current(uses) == 3
    assert not WorkItem.objects.filter(flow="reapproval", state="open").exists()


def test_one_sent_back_is_merged_into_the_next(uses: County) -> None:
    raised(uses, yearend="12")
    uses.do(reapproval(uses, 2), "submit")
    raised(uses, yearend="11")
    uses.do(reapproval(uses, 2), "reapprove", choice="back_submit", comment="一并报批。")
    uses.relay()
    assert states(uses) == {2: "merged", 3: "open"}
    (item,) = WorkItem.objects.filter(flow="reapproval", state="open")
    assert item.matter_id == reapproval(uses, 3).pk


@pytest.mark.parametrize("order", [(2, 3), (3, 2)])
def test_of_two_sent_back_the_one_on_the_newest_run_is_handed_up_again(
    uses: County, order: tuple[int, int]
) -> None:
    raised(uses, yearend="12")
    uses.do(reapproval(uses, 2), "submit")
    raised(uses, yearend="11")
    uses.do(reapproval(uses, 3), "submit")
    for number in order:
        uses.do(reapproval(uses, number), "reapprove", choice="back_submit", comment="请附说明。")
    uses.relay()
    assert states(uses) == {2: "merged", 3: "open"}
    (item,) = WorkItem.objects.filter(flow="reapproval", state="open")
    assert item.matter_id == reapproval(uses, 3).pk
    approved(uses, 3)
    assert run_to_lock(uses.cycle) == newest(uses)


def test_one_sent_back_alone_is_handed_up_again(uses: County) -> None:
    raised(uses, yearend="12")
    uses.do(reapproval(uses, 2), "submit")
    uses.do(reapproval(uses, 2), "reapprove", choice="back_submit", comment="请附说明。")
    uses.relay()
    approved(uses, 2)
    assert current(uses) == 2


def test_an_undecided_grade_is_not_handed_up(uses: County) -> None:
    """新城铺镇 comes level with 南牛乡 in everything that ranks: the leading group decides first."""
    tie_townships()
    tied = raised(uses, "xinchengpu", "revenue", yearend="88888")
    with refused(
        "南牛乡、新城铺镇的等次因得分并列还没有确定，请领导小组在阶段页面作出决定，系统随即重新计分，"
        "之后再报批。"
    ):
        uses.do(reapproval(uses, tied.number), "submit")
    leader = signed_in(LEADING_MEMBER)
    assert "得分并列" in leader.get("/office/stage/uses/").content.decode()
    places = {str(uses.unit(code).pk): place for code, place in (("nanniu", 2), ("xinchengpu", 1))}
    answer = leader.post("/office/ties/township/advanced/", places | {"why": "会议决定"})
    assert answer.status_code == 302
    settled = newest(uses)
    assert (settled.number, settled.cause) == (tied.number + 1, "领导小组对并列名次作出决定")
    assert states(uses) == {settled.number: "open"}
    approved(uses, settled.number)
    assert Grade.objects.get(run=settled, subject__code="xinchengpu").grade == "advanced"


def test_other_decisions_are_not_taken_any_more(uses: County) -> None:
    with refused("正定县 2026 年度绩效考核不在年终考核阶段，不能再作这类决定。"):
        scoring.decide(
            uses.cycle.pk, group="heritage", item="quota:advanced", value="3", why="会议决定",
            user_id=uses.user(LEADING_MEMBER),
        )  # fmt: skip


# Who is told


def test_every_unit_whose_result_moved_is_told_and_no_other(uses: County) -> None:
    bar_lifted(uses)
    assert not ChangeNotice.objects.exists()
    approved(uses, 2)
    notices = ChangeNotice.objects.select_related("subject", "run")
    assert {each.unit.code: (each.state, each.run.number) for each in notices} == {
        "tongji": ("served", 2),
        "caizheng": ("served", 2),
    }


def test_a_notice_says_before_after_cause_and_what_can_be_done(uses: County) -> None:
    bar_lifted(uses)
    approved(uses, 2)
    notice = ChangeNotice.objects.get(subject__code="caizheng")
    content = json.loads(blobs.read(notice.document_digest))
    old, new = content["before"], content["after"]
    assert ((old["run"], old["grade"]), (new["run"], new["grade"])) == ((1, "先进"), (2, "合格"))
    assert (old["total"], new["total"]) == ("90.92", "90.92")
    assert content["causes"] == [{"run": 2, "text": newest(uses).cause}]
    assert content["own"] == []
    assert content["remedy"] == (
        "对变更后的名次、等次有异议的，可以自送达之日起 3 个工作日内"
        "（到 2027 年 2 月 15 日 24 时止）申请复核。"
    )
    assert content["demo"] is True
    told = json.loads(blobs.read(ChangeNotice.objects.get(subject__code="tongji").document_digest))
    assert told["own"] == ["否决事项“社会治安综合治理黄牌警告或一票否决”：不再计入"]


def test_the_notice_opens_the_units_own_window(uses: County) -> None:
    bar_lifted(uses)
    uses.move_to(dt.date(2027, 3, 1))
    approved(uses, 2)
    (window,) = [each for each in windows_of(uses.unit("caizheng")) if each.occasion == "change"]
    assert window.is_open(uses.now)
    assert window.closes_at == clock.at(dt.date(2027, 3, 5))
    assert not any(each.is_open(uses.now) for each in windows_of(uses.unit("nanniu")))


def test_the_head_signs_for_the_bytes_of_the_notice(uses: County) -> None:
    bar_lifted(uses)
    approved(uses, 2)
    notice = ChangeNotice.objects.get(subject__code="caizheng")
    with refused("告知书与页面显示的不一致，请刷新页面、重新阅读后再签收。"):
        uses.do(notice, "sign", password=PASSWORD, digest="0" * 64)
    with refused("密码不正确，请重新输入登录密码完成签收。", field="password"):
        uses.do(notice, "sign", password="guess", digest=notice.document_digest)
    uses.do(notice, "sign", password=PASSWORD, digest=notice.document_digest)
    assert ChangeNotice.objects.get(pk=notice.pk).state == "signed"
    event = uses.last_event(notice.stream)
    assert (event["statement"], event["document"]) == (change_notices.STATEMENT, notice.document_digest)


def test_a_letter_that_is_not_served_yet_says_what_holds(feedback: County) -> None:
    feedback.do(feedback.matter("feedback", unit="caizheng"), "serve", advice="继续保持。")
    bar_lifted(feedback)
    approved(feedback, 2)
    runs = dict(Feedback.objects.values_list("subject__code", "run__number"))
    assert runs == {"nanniu": 2, "xinchengpu": 2, "caizheng": 1, "tongji": 2, "zhujian": 2}
    assert [each.unit.code for each in ChangeNotice.objects.all()] == ["caizheng"]
    feedback.do(feedback.matter("feedback", unit="tongji"), "serve", advice="继续保持。")
    letter = json.loads(blobs.read(Feedback.objects.get(subject__code="tongji").document_digest))
    assert letter["grade"] == "先进"


# Uses follow


def orders(code: str) -> dict[str, str]:
    rows = Consequence.objects.filter(subject__code=code, use__in=["commend", "month_pay"])
    return {each.key: each.state for each in rows}


def test_uses_follow_the_approved_results(uses: County) -> None:
    commend = Consequence.objects.get(subject__code="caizheng", use="commend")
    uses.do(commend, "execute", result="已发文表彰。")
    bar_lifted(uses)
    assert orders("tongji") == {}, "not before the approval"
    approved(uses, 2)
    assert orders("tongji") == {"commend": "ordered", "month_pay": "ordered"}
    assert orders("caizheng") == {"commend": "executed", "month_pay": "revoked"}
    gone = Consequence.objects.get(subject__code="caizheng", use="month_pay")
    assert not WorkItem.objects.filter(matter=gone.pk, state="open").exists()
    assert Process.objects.get(matter=gone.pk).status == "CANCELED"
    new = Consequence.objects.get(subject__code="tongji", use="month_pay")
    assert new.amount is not None
    assert uses.item(new, "execute").office == uses.unit("tongji").office


def test_what_was_carried_out_is_flagged_and_put_right_by_whoever_checks_it(uses: County) -> None:
    commend = Consequence.objects.get(subject__code="caizheng", use="commend")
    uses.do(commend, "execute", result="已发文表彰。")
    with refused("“财政局：县委、县政府表彰”与批准的结果一致，不能撤销；执行有问题的，请退回执行机构。"):
        uses.do(commend, "verify", choice="revoke", comment="撤销。")
    item = uses.item(commend, "verify")
    assert "结果已变更，撤销" not in holder_of(item).get(f"/t/{item.pk}/").content.decode()
    bar_lifted(uses)
    approved(uses, 2)
    assert "结果已变更，撤销" in holder_of(item).get(f"/t/{item.pk}/").content.decode()
    flagged = Consequence.objects.get(pk=commend.pk)
    assert flagged.text["overtaken"].startswith("已经执行，但第 2 次计分的结果批准后，考核办法不再规定")
    uses.do(commend, "verify", choice="revoke", comment="已发文撤销表彰。")
    assert Consequence.objects.get(pk=commend.pk).state == "revoked"


def test_results_that_change_back_order_anew_and_lift_the_flag(uses: County) -> None:
    commend = Consequence.objects.get(subject__code="caizheng", use="commend")
    uses.do(commend, "execute", result="已发文表彰。")
    bar_lifted(uses)
    approved(uses, 2)
    raised(uses, "tongji", "budget", midyear="10", yearend="10")
    approved(uses, 3)
    assert orders("caizheng") == {"commend": "executed", "month_pay": "revoked", "month_pay-3": "ordered"}
    assert "overtaken" not in Consequence.objects.get(pk=commend.pk).text
    assert orders("tongji") == {"commend": "revoked", "month_pay": "revoked"}


def test_before_the_stage_of_uses_nothing_is_ordered(feedback: County) -> None:
    bar_lifted(feedback)
    approved(feedback, 2)
    assert not Consequence.objects.exists()
    assert Grade.objects.filter(run=newest(feedback), grade="advanced").count() == 3
