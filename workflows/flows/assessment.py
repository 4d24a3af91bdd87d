"""年终考核: self-assessment, data, ballots, surveys, claims, publicity, approval."""

from viewflow import this

from cycle.models import (
    AdjustmentClaim,
    Approval,
    Collection,
    Matter,
    Publication,
    SelfAssessment,
    Stage,
    Survey,
    Turnout,
)
from cycle.services import approvals, ballots, claims, collections, publicity, self_assessments, surveys
from cycle.services.consequences import executor
from workflows.flows.base import MatterFlow
from workflows.nodes import Begin, Finish, Step


class UnitSelfAssessment(MatterFlow):
    """年度自评"""

    key, stage, kind = "self_assessment", Stage.ASSESSMENT, SelfAssessment

    start = Begin().Next(this.write)
    write = Step("自评", does=self_assessments.write, button="提交单位负责人审批").Next(this.approve)
    approve = (
        Step("单位负责人审批", role="head", does=self_assessments.approve, button="同意并报送绩效办")
        .Next(this.end)
        .Back(this.write, does=self_assessments.give_back)
    )
    end = Finish()


class DataVerification(MatterFlow):
    """数据采集核验"""

    key, stage, kind = "data_verification", Stage.ASSESSMENT, Collection

    start = Begin().Next(this.collect)
    collect = Step("采集", to=executor, does=collections.collect, button="提交负责人审签").Next(this.approve)
    approve = (
        Step("负责人审签", role="head", to=executor, does=collections.approve, button="审签并报送绩效办")
        .Next(this.check)
        .Back(this.collect, does=collections.give_back)
    )
    check = (
        Step("抽查复核", does=collections.accept, button="复核通过")
        .Next(this.end)
        .Back(this.collect, does=collections.give_back)
    )
    end = Finish()


class LeaderBallot(MatterFlow):
    """领导评估"""

    key, stage, kind = "ballot", Stage.ASSESSMENT, Turnout

    start = Begin().Next(this.vote)
    vote = Step("评分", to=executor, does=ballots.vote, button="提交评分", keeps_drafts=False).Next(this.end)
    end = Finish()


class PublicSurvey(MatterFlow):
    """公众评估"""

    key, stage, kind = "survey", Stage.ASSESSMENT, Survey

    start = Begin().Next(this.run)
    run = Step("录入调查结果", does=surveys.record_results, button="提交结果").Next(this.end)
    end = Finish()


class Claim(MatterFlow):
    """加减分认定"""

    key, stage, kind = "claim", Stage.ASSESSMENT, AdjustmentClaim

    start = Begin().Next(this.submit)
    submit = Step("申报", to=claims.submitter, does=claims.submit, button="提交核实").Next(this.answer)
    answer = (
        Step(
            "单位陈述意见", to=claims.answerer, when=claims.is_against, does=claims.answer, button="提交意见"
        )
        .Next(this.verify)
        .Lapse(this.verify, does=claims.leave_unanswered, title="逾期未陈述的，转绩效办核实")
    )
    verify = (
        Step("核实", does=claims.verify, button="核实无误")
        .Next(this.confirm)
        .Back(this.submit, does=claims.give_back)
        .Reject(this.end, does=claims.reject, title="不予认定")
    )
    confirm = (
        Step("审定", to=claims.decider, does=claims.confirm, button="认定")
        .Next(this.end)
        .Back(this.submit, does=claims.give_back)
        .Reject(this.end, does=claims.reject, title="不予认定")
    )
    end = Finish()


def _what(matter: Matter | None) -> str:
    """What a publicity is about, as the policy names it; of any: the results that were approved."""
    return str(matter.text.get("what", "show")) if matter else "final"


def _is_provisional(matter: Matter) -> bool:
    return _what(matter) == "show"


class ResultPublicity(MatterFlow):
    """公示公布"""

    key, stage, kind = "publicity", Stage.ASSESSMENT, Publication

    start = Begin().Next(this.publish)
    publish = Step(
        "公示", does=publicity.publish, rule=("publicity", "show"), when=_is_provisional, button="开始公示"
    ).Next(this.close)
    close = (
        Step(
            "结束公示",
            does=publicity.close,
            rule=("publicity", "show"),
            when=_is_provisional,
            button="结束公示",
        )
        .Next(this.post)
        .Lapse(this.end, does=publicity.close, title="公示期满")
    )
    post = Step(
        "公布",
        does=publicity.post,
        rule=lambda matter: ("publicity", _what(matter)),
        when=lambda matter: not _is_provisional(matter),
        button="公布",
    ).Next(this.end)
    end = Finish()


class ResultApproval(MatterFlow):
    """结果审批"""

    key, stage, kind = "approval", Stage.ASSESSMENT, Approval

    start = Begin().Next(this.compile)
    compile = Step("汇总报批", does=approvals.compile_results, button="报送审批").Next(this.opinions)
    opinions = (
        Step("会商", joint=True, does=approvals.opine, after=approvals.close_opinions, button="同意")
        .Next(this.approve)
        .Back(this.compile, does=approvals.give_back)
    )
    approve = (
        Step("批准", does=approvals.approve, button="批准")
        .Next(this.end)
        .Back(this.compile, does=approvals.give_back)
    )
    end = Finish()
