"""What follows a decision that changes a result: measuring again, approving again, telling the units."""

from viewflow import this

from cycle.models import ChangeNotice, Reapproval, Recheck, Stage
from cycle.services import change_notices, reapprovals, rechecks
from workflows.flows.base import MatterFlow
from workflows.nodes import Begin, Finish, Step


class PointRecheck(MatterFlow):
    """重新核验"""

    key, stage, kind = "recheck", Stage.FEEDBACK, Recheck

    start = Begin().Next(this.measure)
    measure = Step("重新核验", to=rechecks.owner, does=rechecks.measure, button="提交负责人核定").Next(
        this.confirm
    )
    confirm = (
        Step("负责人核定", role="head", to=rechecks.confirmer, does=rechecks.confirm, button="核定")
        .Next(this.end)
        .Back(this.measure, does=rechecks.give_back)
    )
    end = Finish()


class ResultReapproval(MatterFlow):
    """变更结果审批"""

    key, stage, kind = "reapproval", Stage.FEEDBACK, Reapproval

    start = Begin().Next(this.submit)
    submit = Step("报请批准", does=reapprovals.submit, rule=("appeal", "resubmit"), button="报送审批").Next(
        this.reapprove
    )
    reapprove = (
        Step("批准变更", does=reapprovals.approve, rule=("appeal", "reapprove"), button="批准")
        .Next(this.end)
        .Back(this.submit, does=reapprovals.give_back)
    )
    end = Finish()


class ResultChange(MatterFlow):
    """结果变更告知"""

    key, stage, kind = "change_notice", Stage.FEEDBACK, ChangeNotice

    start = Begin().Next(this.sign)
    sign = (
        Step("签收告知书", role="head", does=change_notices.sign, rule=("appeal", "notify"), button="签收")
        .Next(this.end)
        .Lapse(this.end, does=change_notices.deem_received, title="逾期未签收，视为送达")
    )
    end = Finish()
