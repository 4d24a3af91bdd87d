"""申诉复核: appeals and requests that a person stand aside."""

from viewflow import this

from cycle.models import Appeal, Recusal, Stage
from cycle.queries.approvers import approver
from cycle.services import appeals, recusals, reviewing
from workflows.flows.base import MatterFlow
from workflows.nodes import Begin, Finish, Step


class Appealing(MatterFlow):
    """申诉复核"""

    key, stage, kind = "appeal", Stage.FEEDBACK, Appeal

    start = Begin().Next(this.file)
    file = (
        Step("提交申诉", does=appeals.file, button="提交申诉")
        .Next(this.appoint)
        .Lapse(this.end, does=appeals.lapse, title="申诉期届满")
    )
    appoint = Step("指定复核人员", does=recusals.appoint, when=reviewing.nobody_eligible, button="指定").Next(
        this.accept
    )
    accept = (
        Step("受理", to=reviewing.office, does=reviewing.accept, button="受理")
        .Next(this.answer)
        .Or("ask", this.supplement, does=reviewing.ask, title="要求补正材料")
        .Reject(this.end, does=reviewing.refuse, title="不予受理")
    )
    supplement = (
        Step("补正材料", does=appeals.supplement, button="提交补正材料")
        .Next(this.accept)
        .Lapse(this.accept, does=appeals.not_supplemented, title="逾期没有补正")
    )
    answer = (
        Step("书面答复", to=reviewing.answerer, does=reviewing.answer, button="提交答复")
        .Next(this.investigate)
        .Lapse(this.investigate, does=reviewing.not_answered, title="逾期没有答复")
    )
    investigate = Step("调查核实", to=reviewing.office, does=reviewing.investigate, button="结束调查").Next(
        this.decide
    )
    decide = Step("拟定决定", to=reviewing.office, does=reviewing.propose, button="提交批准").Next(
        this.approve
    )
    approve = (
        Step("批准决定", role="head", to=approver, does=reviewing.decide, button="批准并送达")
        .Next(this.sign)
        .Back(this.decide, does=reviewing.give_back)
    )
    sign = (
        Step("签收决定书", role="head", does=appeals.sign, button="签收")
        .Next(this.end)
        .Lapse(this.end, does=appeals.deem_received, title="逾期未签收，视为送达")
    )
    end = Finish()


class RecusalRequest(MatterFlow):
    """回避申请"""

    key, stage, kind = "recusal", Stage.FEEDBACK, Recusal

    start = Begin().Next(this.decide)
    decide = (
        Step("决定是否回避", does=recusals.grant, button="决定回避")
        .Next(this.end)
        .Reject(this.end, does=recusals.deny, title="不予回避")
    )
    end = Finish()
