"""整改: a unit's problem from its listing to its closing; and requests to put a deadline off."""

from viewflow import this

from cycle.models import Extension, Rectification, Stage
from cycle.services import extensions, rectifications
from workflows import extending
from workflows.flows.base import MatterFlow
from workflows.nodes import Begin, Finish, Step


class Rectifying(MatterFlow):
    """整改"""

    key, stage, kind = "rectification", Stage.FEEDBACK, Rectification

    start = Begin().Next(this.plan)
    plan = Step("制定整改方案", does=rectifications.make_plan, button="报送整改方案").Next(this.approve)
    approve = (
        Step("审批整改方案", does=rectifications.approve, button="批准方案")
        .Next(this.result)
        .Back(this.plan, does=rectifications.give_back_plan)
    )
    result = Step("落实整改", does=rectifications.report, button="报送整改结果").Next(this.check)
    check = (
        Step("核查销号", does=rectifications.close, button="核查属实，予以销号")
        .Next(this.end)
        .Back(this.result, does=rectifications.give_back)
    )
    end = Finish()


class ExtensionRequest(MatterFlow):
    """延期申请"""

    key, stage, kind = "extension", Stage.FEEDBACK, Extension

    start = Begin().Next(this.decide)
    decide = (
        Step("决定延期", does=extending.grant, button="同意延期")
        .Next(this.end)
        .Reject(this.end, does=extensions.deny, title="不予延期")
    )
    end = Finish()
