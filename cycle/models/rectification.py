"""Rectification: problems are tracked until they are really closed."""

from django.db import models
from django_fsm import transition

from audit.ids import uuid7
from cycle.models.cycle import Stage
from cycle.models.matter import Matter
from cycle.models.sheets import Indicator


class Rectification(Matter):
    """One problem of a unit, from its listing to its closing (整改、销号; 杭州 31 条, 济南 27 条).

    `topic` says what it is about, so that the same problem is recognised in another year (`recurs`).
    `is_key`: a key item (重点整改), which is carried into next year's indicators (`carried_to`).
    """

    KIND = "rectification"
    TITLE = "整改"
    STAGE = Stage.FEEDBACK
    HOLDS_GATE = False
    STATES = {
        "listed": "待制定方案",
        "planned": "待批准方案",
        "underway": "整改中",
        "reported": "待核查",
        "closed": "已销号",
        "revoked": "已撤销",
    }
    FINAL = ("closed", "revoked")

    class Source(models.TextChoices):
        FEEDBACK = "feedback", "绩效反馈"
        APPEAL = "appeal", "申诉复核"
        MONITORING = "monitoring", "日常监测"
        AUDIT = "audit", "审计监督"

    source = models.CharField(max_length=12, choices=Source)
    origin = models.ForeignKey(Matter, models.PROTECT, null=True, related_name="rectifications")
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, related_name="rectifications")
    topic = models.CharField("问题类别", max_length=120)
    problem = models.TextField("存在问题")
    requirement = models.TextField("整改要求", blank=True)
    person = models.CharField("责任人（岗位）", max_length=80, blank=True)
    is_key = models.BooleanField("重点整改", default=False)
    recurs = models.ForeignKey("self", models.PROTECT, null=True, related_name="recurrences")
    carried_to = models.ForeignKey(Indicator, models.PROTECT, null=True, related_name="+")
    plan = models.TextField("整改方案", blank=True)
    result = models.TextField("整改结果", blank=True)
    closed_at = models.DateTimeField(null=True)

    @transition(field="state", source="listed", target="planned")
    def make_plan(self) -> None:
        """The unit hands in its plan with milestones and the responsible person."""

    @transition(field="state", source="planned", target="underway")
    def approve(self) -> None:
        """The performance office approves the plan; the unit carries it out."""

    @transition(field="state", source="planned", target="listed")
    def give_back_plan(self) -> None:
        """The plan goes back to the unit with a reason."""

    @transition(field="state", source="underway", target="reported")
    def report(self) -> None:
        """The unit reports the result with evidence."""

    @transition(field="state", source="reported", target="closed")
    def close(self) -> None:
        """Somebody else has verified that the problem is gone (销号)."""

    @transition(field="state", source="reported", target="underway")
    def give_back(self) -> None:
        """Not rectified: back to the unit with a reason."""

    @transition(field="state", source=["listed", "planned", "underway", "reported"], target="revoked")
    def revoke(self) -> None:
        """Taken off the list, because a decision removed what it rested on."""


class Milestone(models.Model):
    """A step of a rectification plan, with its date and what has become of it."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    rectification = models.ForeignKey(Rectification, models.PROTECT, related_name="milestones")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    due_on = models.DateField()
    done_on = models.DateField(null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rectification", "position"], name="cycle_milestone_position")
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return self.title


class Extension(Matter):
    """A request to have a deadline put off (延期申请): before it expires only, with a new date and a reason.

    `item` is the work item whose deadline it is about; `key` is the item and the number of the request.
    """

    KIND = "extension"
    TITLE = "延期申请"
    STAGE = Stage.FEEDBACK
    HOLDS_GATE = False
    STATES = {"asked": "待决定", "granted": "同意延期", "denied": "不予延期", "expired": "未及决定"}
    FINAL = ("granted", "denied", "expired")

    of = models.ForeignKey(Matter, models.PROTECT, related_name="extensions")
    item = models.UUIDField()
    until = models.DateField("申请延期到")
    why = models.TextField("延期理由")

    @transition(field="state", source="asked", target="granted")
    def grant(self) -> None:
        """The deadline is put off to the day asked for."""

    @transition(field="state", source="asked", target="denied")
    def deny(self) -> None:
        """The deadline stays, with the reason."""

    @transition(field="state", source="asked", target="expired")
    def expire(self) -> None:
        """The task was done or ended before anybody decided."""
