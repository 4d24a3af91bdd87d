"""Approval, feedback, uses: what was shown stays as it was, and whoever signs signs for bytes."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from audit import blobs
from audit.refusals import NotAllowed
from cycle.models import Approval, Ballot, Consequence, Feedback, Grade, Publication, ScoringRun
from cycle.queries.results import approved_run, latest_run
from cycle.services import approvals, publicity, scoring
from cycle.services import feedback as letters
from cycle.services.decisions import settle_tie
from cycle.services.numbers import plain
from tests.county import County, refused
from tests.cycle.repairing import approved
from tests.small_county import LEADING_MEMBER, PASSWORD, publish, tie_townships, work
from workflows.models import WorkItem

AFTER = dt.date(2027, 2, 10)


def publication(county: County, group: str = "township") -> Any:
    return Publication.objects.get(key__startswith=f"{group}-")


# Approval


def test_approval_waits_for_the_publicity(assessed: County) -> None:
    def ask() -> None:
        approvals.open_approval(assessed.cycle.pk, user_id=assessed.user("jxb-clerk"))

    with refused("结果还没有公示，公示结束后才能报批。"):
        ask()
    publish(assessed.cycle)
    first = publication(assessed)
    shown = Publication.objects.filter(what="show")
    waiting = "、".join(each.title for each in shown.order_by("pk"))
    with refused(f"{waiting}还没有结束，结束后才能报批。"):
        ask()
    assessed.move_to(AFTER)
    assessed.do(first, "close")
    waiting = "、".join(each.title for each in shown.exclude(pk=first.pk).order_by("pk"))
    with refused(f"{waiting}还没有结束，结束后才能报批。"):
        ask()
    work(assessed.cycle)
    ask()
    with refused("第 1 次计分的结果已经在报批或者已经批准，不需要重复报批。"):
        ask()


def approval(county: County) -> Any:
    county.move_to(AFTER)
    work(county.cycle)
    approvals.open_approval(county.cycle.pk, user_id=county.user("jxb-clerk"))
    county.relay()
    return Approval.objects.get()


def test_the_government_approves_the_newest_run(published: County) -> None:
    matter = approval(published)
    assert approved_run(published.cycle) is None
    published.do(matter, "compile")
    item = published.item(matter, "approve")
    assert item.office.title == "县委、县政府"
    published.do(matter, "approve", comment="同意。")
    assert approved_run(published.cycle) == latest_run(published.cycle) == matter.run
    verbs = ["create", "compile", "approve"]
    assert published.events(matter.stream) == [f"approval.{verb}" for verb in verbs]


def rescored(county: County) -> ScoringRun:
    """Score again after a correction: other results than before."""
    Ballot.objects.filter(subject__code="zhujian").update(score=100)
    run_id = scoring.score_cycle(
        county.cycle.pk, cause="更正评分后重新计分", user_id=county.user("jxb-clerk")
    )
    return ScoringRun.objects.get(pk=run_id)


CHANGED = "报批之后又重新计过分，请对最新的计分结果重新公示和报批。"


def test_other_results_cannot_be_slipped_in_before_they_are_handed_up(published: County) -> None:
    matter = approval(published)
    rescored(published)
    with refused(CHANGED):
        published.do(matter, "compile")


def test_other_results_cannot_be_slipped_in_while_the_government_decides(published: County) -> None:
    matter = approval(published)
    published.do(matter, "compile")
    rescored(published)
    with refused(CHANGED):
        published.do(matter, "approve")


def test_scored_again_after_the_approval_other_results_go_back_to_the_government(published: County) -> None:
    matter = approval(published)
    work(published.cycle)
    assert (published.cycle.state, approved_run(published.cycle)) == ("assessment", matter.run)
    run = rescored(published)
    published.relay()
    assert approved(published, run.number).state == "approved"
    assert approved_run(published.cycle) == run


def test_a_tie_that_comes_after_the_approval_is_settled_at_once(published: County) -> None:
    approval(published)
    work(published.cycle)
    tie_townships()
    tied = rescored(published)
    settle_tie(
        published.cycle.pk, group="township", level="advanced", why="会议决定。",
        order={published.unit("nanniu").pk: "1", published.unit("xinchengpu").pk: "2"},
        user_id=published.user(LEADING_MEMBER),
    )  # fmt: skip
    settled = latest_run(published.cycle)
    assert settled is not None
    assert settled.number == tied.number + 1
    published.relay()
    approved(published, settled.number)
    assert approved_run(published.cycle) == settled


def test_scoring_again_with_the_same_outcome_changes_nothing(published: County) -> None:
    matter = approval(published)
    scoring.score_cycle(published.cycle.pk, cause="复核", user_id=published.user("jxb-clerk"))
    work(published.cycle)
    assert approved_run(published.cycle) == matter.run


def test_other_results_are_shown_again_and_the_same_approval_goes_on(published: County) -> None:
    clerk = published.user("jxb-clerk")
    matter = approval(published)
    published.do(matter, "compile")
    second = rescored(published)
    heritage = "承担古城风貌恢复工作的单位"
    with refused(f"公示之后又重新计过分，{heritage}的结果有变化，请对这些组重新公示后再报批。"):
        approvals.open_approval(published.cycle.pk, user_id=clerk)
    publicity.prepare(published.cycle.pk, user_id=clerk)
    published.relay()
    (again,) = Publication.objects.filter(run=second, state="prepared")
    assert again.group == "heritage", "the other groups' results are as they were shown"
    for item in WorkItem.objects.filter(flow="publicity", step="publish", state="open"):
        published.do_item(item)
    published.move_to(AFTER + dt.timedelta(days=30))
    for item in WorkItem.objects.filter(flow="publicity", step="close", state="open"):
        published.do_item(item)
    with refused("“2026 年度考核结果审批”正在审批，请审批机关退回后，再对最新的计分结果报批。"):
        approvals.open_approval(published.cycle.pk, user_id=clerk)
    published.do(matter, "approve", choice="back_compile", comment="请按重新计分的结果报批。")
    assert approvals.open_approval(published.cycle.pk, user_id=clerk) == matter.pk
    event = published.last_event(matter.stream)
    assert (event["type"], event["was"]["key"], event["set"]["key"]) == ("approval.renew", "1", "2")
    work(published.cycle)
    assert approved_run(published.cycle) == second


def test_results_may_be_sent_back(published: County) -> None:
    matter = approval(published)
    published.do(matter, "compile")
    published.do(matter, "approve", choice="back_compile", comment="请附上加减分明细。")
    assert Approval.objects.get().state == "open"
    assert published.item(matter).step == "compile"


# Feedback


def served(county: County, unit: str = "nanniu") -> Any:
    matter = county.matter("feedback", unit=unit)
    county.do(matter, "serve", problems="投资进度偏慢。", advice="盯住重点项目。")
    return county.matter("feedback", unit=unit)


def test_a_letter_says_what_was_approved(feedback: County) -> None:
    matter = served(feedback)
    letter = json.loads(blobs.read(matter.document_digest))
    grade = Grade.objects.get(run=approved_run(feedback.cycle), subject__code="nanniu")
    assert (letter["unit"], letter["total"], letter["rank"], letter["ranked"], letter["grade"]) == (
        "南牛乡",
        grade.total,
        grade.rank,
        2,
        grade.grade_title,
    )
    assert [(row["title"], row["cite"]) for row in letter["components"]] == [
        ("指标评估", "五（一）1"),
        ("领导评估", "五（一）2"),
    ]
    assert (letter["problems"], letter["advice"]) == (["投资进度偏慢。"], "盯住重点项目。")
    assert letter["demo"] is True
    assert letter["statement"] == letters.STATEMENT


def test_a_letter_gives_advice(feedback: County) -> None:
    matter = feedback.matter("feedback", unit="nanniu")
    with refused("请写明对该单位的意见和建议后再送达。", field="advice"):
        feedback.do(matter, "serve", problems="投资进度偏慢。", advice="  ")


def sign(county: County, matter: Any, *, password: str = PASSWORD, digest: str = "", as_: str = "") -> None:
    county.do(matter, "sign", password=password, digest=digest or matter.document_digest, as_=as_)


def test_the_head_signs_for_exactly_these_bytes(feedback: County) -> None:
    matter = served(feedback)
    sign(feedback, matter)
    signed = feedback.matter("feedback", unit="nanniu")
    assert signed.state == "signed"
    assert signed.signed_at is not None
    event = feedback.last_event(matter.stream)
    assert event["document"] == matter.document_digest
    assert event["statement"] == letters.STATEMENT
    assert event["by"]["name"] == "演示·南牛乡负责人"
    assert PASSWORD not in json.dumps(event)


def test_a_wrong_password_signs_nothing(feedback: County) -> None:
    matter = served(feedback)
    for wrong in ("", "wrong", PASSWORD + " "):
        with refused("密码不正确，请重新输入登录密码完成签收。", field="password"):
            sign(feedback, matter, password=wrong)


def test_another_document_is_not_signed_unseen(feedback: County) -> None:
    matter = served(feedback)
    with refused("反馈书在你打开之后有过更新，请重新阅读后再签收。"):
        sign(feedback, matter, digest="0" * 64)


def test_a_handler_cannot_sign(feedback: County) -> None:
    matter = served(feedback)
    sentence = "此事项由南牛乡的负责人办理，你目前没有这一任职，请联系本单位负责人。"
    with refused(sentence, NotAllowed):
        sign(feedback, matter, as_="nanniu-handler")


def test_nobody_signs_before_it_is_served(feedback: County) -> None:
    matter = Feedback.objects.get(subject__code="nanniu")
    head = feedback.of_unit("nanniu", "head")
    sentence = f"“{matter.title}”目前的状态是“待送达”，不能再这样办理，请刷新页面后查看。"
    with refused(sentence):
        letters.sign(matter.pk, by=head, at=feedback.now, password=PASSWORD, digest="")


# Uses


def pay(county: County) -> Any:
    """The reward of the advanced unit of the townships."""
    return Consequence.objects.get(use="month_pay", subject__group="township")


def test_a_months_pay_is_computed_from_the_unit(uses: County) -> None:
    """正定 七1: one month's pay of the staff in post, at the unit's own expense."""
    matter = pay(uses)
    payroll = Decimal(matter.unit.attributes["monthly_payroll"])
    assert matter.amount == payroll
    assert matter.amount_basis == f"{plain(payroll)} × 1"
    assert matter.cite == "七1"
    assert matter.office == matter.unit.office


RESULT = "已按文件发放，名册附后。"


@pytest.mark.parametrize(
    ("form", "sentence", "field"),
    [
        ({"result": "  "}, "请写明执行情况：做了什么、依据哪份文件、什么时候完成。", "result"),
        (
            {"result": RESULT, "amount": "三十万"},
            "金额“三十万”不是有效的数字，请填写阿拉伯数字，小数不超过六位，例如 98.5。",
            "amount",
        ),
        ({"result": RESULT, "amount": "-1"}, "金额应当不小于 0，精确到分。", "amount"),
        ({"result": RESULT, "amount": "100.005"}, "金额应当不小于 0，精确到分。", "amount"),
    ],
)
def test_what_was_paid_is_an_amount(uses: County, form: dict[str, str], sentence: str, field: str) -> None:
    with refused(sentence, field=field):
        uses.do(pay(uses), "execute", **form)


def test_an_amount_is_needed_where_money_flows(uses: County) -> None:
    matter = pay(uses)
    with refused(f"这一事项涉及金额 {matter.amount} 元，请填写实际执行的金额。", field="amount"):
        uses.do(matter, "execute", result=RESULT)


def test_a_use_is_executed_checked_and_evaluated(uses: County) -> None:
    matter = pay(uses)
    uses.do(matter, "execute", result=RESULT, amount="３２９，４４０")
    assert pay(uses).text["paid"] == "329440.00"
    uses.do(matter, "verify", choice="back_execute", comment="缺发放名册。")
    assert pay(uses).state == "ordered"
    uses.do(matter, "execute", result=RESULT, amount="329440.00")
    uses.do(matter, "verify")
    with refused("请写明运用效果后再办结。", field="comment"):
        uses.do(matter, "evaluate", comment=" ")
    uses.do(matter, "evaluate", comment="干部积极性明显提高。")
    assert pay(uses).is_final
    verbs = ["create", "execute", "give_back", "execute", "verify", "evaluate"]
    assert uses.events(matter.stream) == [f"consequence.{verb}" for verb in verbs]


def test_a_use_without_money_needs_no_amount(uses: County) -> None:
    matter = Consequence.objects.get(use="circulate", subject__code="nanniu")
    assert matter.amount is None
    uses.do(matter, "execute", result="已在全县范围内通报。")
    assert "paid" not in Consequence.objects.get(pk=matter.pk).text
