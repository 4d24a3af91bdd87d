"""绩效反馈 and 结果运用: letters to the units, and what the offices do with the results."""

from viewflow import this

from cycle.models import Consequence, Feedback, Interview, Stage
from cycle.services import consequences, feedback, interviews
from workflows.flows.base import MatterFlow
from workflows.nodes import Begin, Finish, Step


class UnitFeedback(MatterFlow):
    """绩效反馈"""

    key, stage, kind = "feedback", Stage.FEEDBACK, Feedback

    start = Begin().Next(this.serve)
    serve = Step("送达反馈书", does=feedback.serve, button="送达").Next(this.sign)
    sign = (
        Step("签收", role="head", does=feedback.sign, button="签收")
        .Next(this.end)
        .Lapse(this.end, does=feedback.deem_received, title="逾期未签收，视为送达")
    )
    end = Finish()


class Interviewing(MatterFlow):
    """绩效面谈"""

    key, stage, kind = "interview", Stage.FEEDBACK, Interview

    start = Begin().Next(this.record)
    record = Step("填写面谈记录", does=interviews.record_talk, button="提交单位确认").Next(this.confirm)
    confirm = (
        Step("确认面谈记录", role="head", does=interviews.confirm, button="确认")
        .Next(this.end)
        .Back(this.record, does=interviews.give_back)
        .Lapse(this.end, does=interviews.deem_received, title="逾期未确认，视为无异议")
    )
    end = Finish()


class UseOfResults(MatterFlow):
    """结果运用"""

    key, stage, kind = "consequence", Stage.USES, Consequence

    start = Begin().Next(this.execute)
    execute = Step("执行", to=consequences.executor, does=consequences.execute, button="报送执行情况").Next(
        this.verify
    )
    verify = (
        Step("核查", does=consequences.verify, button="核查通过")
        .Next(this.evaluate)
        .Back(this.execute, does=consequences.give_back)
        .Or("revoke", this.end, does=consequences.revoke, title="结果已变更，撤销")
    )
    evaluate = (
        Step("运用评价", does=consequences.evaluate, button="办结")
        .Next(this.end)
        .Or("revoke", this.end, does=consequences.revoke, title="结果已变更，撤销")
    )
    end = Finish()
