"""Mid-year adjustment of indicators: on lawful grounds only, a new version from a date."""

from django.db import models
from django.db.models import Q
from django_fsm import transition

from audit.ids import uuid7
from cycle.models.cycle import Stage
from cycle.models.matter import Matter
from cycle.models.sheets import Indicator


class IndicatorAdjustment(Matter):
    """A request to change a unit's indicators during the year (指标调整; 杭州 15 条, 济南 12 条).

    `needs_government`: one of its lines concerns a key target, so that the government approves after the
    leading group. From `effective_on` the new versions are in force.
    """

    KIND = "adjustment"
    TITLE = "指标调整"
    STAGE = Stage.MONITORING
    STATES = {
        "draft": "待申请",
        "requested": "待审核",
        "reviewed": "待批准",
        "referred": "待政府批准",
        "effective": "已调整",
        "rejected": "不予调整",
        "withdrawn": "已撤回",
    }
    FINAL = ("effective", "rejected", "withdrawn")

    class Ground(models.TextChoices):
        POLICY = "policy", "重大政策调整"
        ORGANISATION = "organisation", "机构调整"
        FORCE = "force", "不可抗力"
        KEY_WORK = "key_work", "新的重点工作任务纳入绩效管理"

    ground = models.CharField(max_length=12, choices=Ground)
    reason = models.TextField("调整理由")
    effective_on = models.DateField("生效日期")
    needs_government = models.BooleanField(default=False)

    @transition(field="state", source="draft", target="requested")
    def ask(self) -> None:
        """The unit asks, with evidence."""

    @transition(field="state", source="requested", target="reviewed")
    def review(self) -> None:
        """The performance office has checked ground and evidence."""

    @transition(field="state", source="reviewed", target="referred")
    def refer(self) -> None:
        """The leading group agrees; a key target goes on to the government."""

    @transition(field="state", source=["reviewed", "referred"], target="effective")
    def approve(self) -> None:
        """The last approval: the new versions are issued."""

    @transition(field="state", source=["requested", "reviewed", "referred"], target="draft")
    def give_back(self) -> None:
        """Sent back to the unit with a reason."""

    @transition(field="state", source=["requested", "reviewed", "referred"], target="rejected")
    def reject(self) -> None:
        """The ground is not one of the lawful ones, or not proved."""

    @transition(field="state", source=["draft", "requested", "reviewed", "referred"], target="withdrawn")
    def withdraw(self) -> None:
        """The unit takes the request back before it is approved."""


class AdjustmentLine(models.Model):
    """One change of a request: an indicator changed, added or taken out.

    `values` holds the new values by field name (target, round_values, points, standard, collector …); what it
    does not name stays as it was. `made` is the version that came of it.
    """

    class Action(models.TextChoices):
        CHANGE = "change", "调整"
        ADD = "add", "新增"
        DROP = "drop", "撤销"

    id = models.UUIDField(primary_key=True, default=uuid7)
    adjustment = models.ForeignKey(IndicatorAdjustment, models.PROTECT, related_name="changes")
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=8, choices=Action)
    values = models.JSONField(default=dict)
    made = models.ForeignKey(Indicator, models.PROTECT, null=True, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(action="add", indicator__isnull=True)
                | Q(action__in=["change", "drop"], indicator__isnull=False),
                name="cycle_adjustment_line",
            )
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.indicator or self.values.get('title', '')}"
