"""日常监测: periodic reports of the units, and the office's summary of each period."""

from viewflow import this

from cycle.models import Compilation, Report, Stage
from cycle.services import reports
from workflows.flows.base import MatterFlow
from workflows.nodes import Begin, Finish, Step


class PeriodReport(MatterFlow):
    """完成情况报告"""

    key, stage, kind = "report", Stage.MONITORING, Report

    start = Begin().Next(this.fill)
    fill = Step("填报", does=reports.fill, button="提交单位负责人审核").Next(this.approve)
    approve = (
        Step("单位负责人审核", role="head", does=reports.approve, button="同意并报送核验")
        .Next(this.verify)
        .Back(this.fill, does=reports.give_back)
    )
    verify = (
        Step(
            "数据核验",
            joint=True,
            to=reports.collectors,
            does=reports.check_lines,
            after=reports.verify,
            button="核验无误",
        )
        .Next(this.end)
        .Back(this.fill, does=reports.give_back)
    )
    end = Finish()


class PeriodCompilation(MatterFlow):
    """完成情况汇总"""

    key, stage, kind = "compilation", Stage.MONITORING, Compilation

    start = Begin().Next(this.compile)
    compile = Step(
        "汇总上报", does=reports.compile_period, rule=("report", "compile"), button="汇总并上报"
    ).Next(this.end)
    end = Finish()
