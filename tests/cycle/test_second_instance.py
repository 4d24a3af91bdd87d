"""A second instance (复议), where the policy has one: another office, another approver, once."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from audit import blobs, clock
from audit.refusals import NotAllowed, NotPossible
from cycle.models import Appeal, Recheck
from tests.county import County, refused
from tests.cycle.repairing import confirmed
from tests.cycle.test_windows import rule
from tests.workflows.appealing import brought_to, fresh, served
from workflows.services import appealing

SECOND = {"office": "leading_group", "due": {"in": "15 wd"}, "cite": "四十条"}


@pytest.fixture
def first(feedback: County) -> Appeal:
    rule(feedback, second=SECOND)
    served(feedback)
    return brought_to(feedback, "sign", title="督查落实", outcome="uphold")


def again(county: County, first: Appeal, as_: str = "nanniu-handler") -> Appeal:
    matter_id = appealing.open_second(
        first.pk, facts="原决定没有回应入库凭证。", request="请撤销原决定。", user_id=county.user(as_)
    )
    return Appeal.objects.get(pk=matter_id)


def test_it_goes_to_the_office_of_the_policy(feedback: County, first: Appeal) -> None:
    second = again(feedback, first)
    assert (second.instance, second.earlier_id, second.office.capacity) == (2, first.pk, "leading_group")  # type: ignore[union-attr]
    feedback.do(second, "file")
    assert feedback.item(second).office.capacity == "leading_group"


def test_who_approved_the_first_decision_stands_aside(feedback: County, first: Appeal) -> None:
    second = again(feedback, first)
    feedback.do(second, "file")
    with pytest.raises(NotAllowed, match="批准了原复核决定，属于原承办人员"):
        feedback.do(
            second, "accept", as_="lingdaoxiaozu-head", reviewer=str(feedback.user("lingdaoxiaozu-handler"))
        )


def test_once_and_only_by_the_unit(feedback: County, first: Appeal) -> None:
    with pytest.raises(NotAllowed):
        again(feedback, first, as_="xinchengpu-handler")
    again(feedback, first)
    with refused("本案已经申请过复议，不能再次申请。"):
        again(feedback, first)


def test_what_was_sent_back_is_measured_again_first(feedback: County) -> None:
    rule(feedback, second=SECOND)
    served(feedback)
    first = brought_to(feedback, "sign", title="督查落实", outcome="return")
    feedback.relay()
    with refused("原决定退回重新核验的事项还没有核定，核定以后仍有异议的，再申请复议。"):
        again(feedback, first)
    confirmed(feedback, Recheck.objects.get(case=first))
    assert again(feedback, first).instance == 2


def test_late_is_refused_with_the_computation(feedback: County, first: Appeal) -> None:
    clock.move_to(clock.at(dt.date(2027, 3, 20)))
    with pytest.raises(NotPossible, match="申诉期已经届满：复核决定书于 2027 年 2 月 10 日送达"):
        again(feedback, first)


def test_the_first_decision_names_the_remedy(feedback: County, first: Appeal) -> None:
    content = json.loads(blobs.read(fresh(first).document_digest))
    assert content["remedy"] == (
        "不服本决定的，可以自送达之日起 15 个工作日内向县政府绩效管理工作领导小组申请复议（四十条）。"
    )


def test_without_a_rule_there_is_none(feedback: County) -> None:
    served(feedback)
    first = brought_to(feedback, "sign", title="督查落实", outcome="uphold")
    with refused("不能申请复议：方案未设复议"):
        again(feedback, first)
