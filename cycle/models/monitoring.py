"""Routine monitoring: periodic reports of the units, and what the office compiles from them."""

from django.db import models
from django_fsm import transition

from audit.ids import uuid7
from cycle.models.cycle import Stage
from cycle.models.matter import Matter
from cycle.models.sheets import Indicator


class Report(Matter):
    """A unit's report on its indicators for one period (`key`: m01 … m12)."""

    KIND = "report"
    TITLE = "完成情况报告"
    STAGE = Stage.MONITORING
    STATES = {
        "due": "待填报",
        "filled": "待单位负责人审核",
        "approved": "待核验",
        "verified": "已核验",
        "compiled": "已汇总",
    }
    FINAL = ("verified", "compiled")

    class Meta:
        proxy = True

    @transition(field="state", source="due", target="filled")
    def fill(self) -> None:
        """The unit reports; "nothing happened" is a report too."""

    @transition(field="state", source="filled", target="approved")
    def approve(self) -> None:
        """The head of the unit answers for the figures."""

    @transition(field="state", source="approved", target="verified")
    def verify(self) -> None:
        """Every data collector concerned has checked its figures."""

    @transition(field="state", source="verified", target="compiled")
    def compile(self) -> None:
        """The performance office has taken it into the period's summary."""

    @transition(field="state", source=["filled", "approved"], target="due")
    def give_back(self) -> None:
        """The head or a collector sends it back with a reason."""


class ReportLine(models.Model):
    """One indicator's figure in one report: what the unit says and what the collector found."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    report = models.ForeignKey(Matter, models.PROTECT, related_name="lines")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    value = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    note = models.TextField(blank=True)
    verified = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    remark = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "indicator"], name="cycle_report_line_once")]

    def __str__(self) -> str:
        return f"{self.indicator}：{self.value}"


class Compilation(Matter):
    """The office's summary of one period's reports, passed up to the leading group (汇总上报)."""

    KIND = "compilation"
    TITLE = "汇总上报"
    STAGE = Stage.MONITORING
    STATES = {"open": "待汇总", "submitted": "已上报"}
    FINAL = ("submitted",)

    class Meta:
        proxy = True

    @transition(field="state", source="open", target="submitted")
    def submit(self) -> None:
        """The summary is passed up; units that are missing are named in it."""
