"""指标设置: indicators are declared, reviewed, decided, issued, signed for; and adjusted during the year."""

from viewflow import this

from cycle.models import IndicatorAdjustment, Sheet, Stage
from cycle.services import adjustments, sheets
from workflows.flows.base import MatterFlow
from workflows.nodes import Begin, Finish, Step


class IndicatorSetting(MatterFlow):
    """指标申报与下达"""

    key, stage, kind = "indicator_setting", Stage.SETTING, Sheet

    start = Begin().Next(this.declare)
    declare = Step("申报", does=sheets.declare, button="提交单位负责人审批").Next(this.approve)
    approve = (
        Step("单位负责人审批", role="head", does=sheets.approve, button="同意并报送绩效办")
        .Next(this.first_review)
        .Back(this.declare, does=sheets.give_back)
    )
    first_review = (
        Step("初审", does=sheets.review, button="初审通过")
        .Next(this.joint_review)
        .Back(this.declare, does=sheets.give_back)
    )
    joint_review = (
        Step("会审", joint=True, does=sheets.opine, after=sheets.close_review, button="同意")
        .Next(this.decide)
        .Back(this.declare, does=sheets.disagree)
        .Back(this.approve, does=sheets.disagree_to_head)
    )
    decide = (
        Step("审定", does=sheets.decide, button="审定通过")
        .Next(this.issue)
        .Back(this.declare, does=sheets.give_back)
        .Back(this.first_review, does=sheets.give_back_to_review)
    )
    issue = Step("下达", does=sheets.issue, button="下达").Next(this.sign)
    sign = Step("签收", role="head", does=sheets.sign, button="签收").Next(this.end)
    end = Finish()


class IndicatorAdjusting(MatterFlow):
    """指标调整"""

    key, stage, kind = "adjustment", Stage.SETTING, IndicatorAdjustment

    start = Begin().Next(this.request)
    request = (
        Step("申请", to=adjustments.requester, does=adjustments.ask, button="提交审核")
        .Next(this.review)
        .Lapse(this.end, does=adjustments.lapse, title="逾期未提交")
    )
    review = (
        Step("审核", does=adjustments.review, button="审核通过")
        .Next(this.approve)
        .Back(this.request, does=adjustments.give_back)
        .Reject(this.end, does=adjustments.reject, title="不予调整")
    )
    approve = (
        Step("批准", does=adjustments.approve, button="批准")
        .Next(this.approve_key)
        .Back(this.request, does=adjustments.give_back)
        .Reject(this.end, does=adjustments.reject, title="不予调整")
    )
    approve_key = (
        Step("政府批准", when=adjustments.goes_to_government, does=adjustments.approve_key, button="批准")
        .Next(this.end)
        .Back(this.request, does=adjustments.give_back)
        .Reject(this.end, does=adjustments.reject, title="不予调整")
    )
    end = Finish()
