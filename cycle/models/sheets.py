"""Indicator setting: the unit's declaration sheet, its indicators and work plan."""

from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from audit.ids import uuid7
from cycle.models.cycle import Cycle, Stage
from cycle.models.matter import Matter
from cycle.models.subject import Subject
from offices.models import Office


class Sheet(Matter):
    """A unit's declaration of indicators and work plan for the year (指标申报)."""

    KIND = "sheet"
    TITLE = "指标申报"
    STAGE = Stage.SETTING
    STATES = {
        "draft": "待申报",
        "declared": "待单位负责人审批",
        "approved": "待初审",
        "reviewed": "待会审",
        "joint_reviewed": "待审定",
        "decided": "待下达",
        "issued": "待签收",
        "signed": "已签收",
    }
    FINAL = ("signed",)

    class Meta:
        proxy = True

    @transition(field="state", source="draft", target="declared")
    def declare(self) -> None:
        """The unit hands in its plan and indicators."""

    @transition(field="state", source="declared", target="approved")
    def approve(self) -> None:
        """The head of the unit answers for the declaration."""

    @transition(field="state", source="approved", target="reviewed")
    def review(self) -> None:
        """The performance office has checked it."""

    @transition(field="state", source="reviewed", target="joint_reviewed")
    def close_review(self) -> None:
        """Every office of the joint review agrees."""

    @transition(field="state", source=["reviewed", "joint_reviewed"], target="decided")
    def decide(self) -> None:
        """The leading group decides; without a joint review straight after the first review."""

    @transition(field="state", source="decided", target="issued")
    def issue(self) -> None:
        """The indicators are issued to the unit and bind it from now on."""

    @transition(field="state", source="issued", target="signed")
    def sign(self) -> None:
        """The head of the unit signs for the issued indicators."""

    @transition(
        field="state",
        source=["declared", "approved", "reviewed", "joint_reviewed", "decided"],
        target="draft",
    )
    def give_back(self) -> None:
        """A reviewer sends the sheet back to the unit with a reason."""

    @transition(field="state", source=["reviewed", "joint_reviewed", "decided"], target="declared")
    def give_back_to_head(self) -> None:
        """A reviewer sends the sheet back to the head of the unit."""

    @transition(field="state", source=["reviewed", "joint_reviewed", "decided"], target="approved")
    def give_back_to_review(self) -> None:
        """A later reviewer sends the sheet back to the performance office (also without a joint review)."""


class Indicator(models.Model):
    """One version of a unit's indicator. Issued versions are not edited; a change is a new version.

    It is in force from `effective_on` to `ends_on` (both included; empty: to the year's end). `because_of` is
    the adjustment or the rectification that brought it about. A change of a key target (`is_key`) needs the
    government's approval.

    `round_values` holds `target` and `last_year` of rounds that have their own (a half-year's figures).
    """

    class State(models.TextChoices):
        DRAFT = "draft", "草案"
        ISSUED = "issued", "已下达"
        SUPERSEDED = "superseded", "已被新版本代替"
        DROPPED = "dropped", "已撤销"

    id = models.UUIDField(primary_key=True, default=uuid7)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="indicators")
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="indicators")
    key = models.SlugField("编号", max_length=60)
    version = models.PositiveSmallIntegerField(default=1)
    component = models.SlugField(max_length=40)
    heading = models.SlugField(max_length=40, blank=True)
    title = models.CharField("指标", max_length=120)
    unit = models.CharField("计量单位", max_length=20, blank=True)
    points = models.DecimalField("分值", max_digits=12, decimal_places=6)
    method = models.SlugField("计分方法", max_length=20, blank=True)
    target = models.CharField("目标值", max_length=40, blank=True)
    params = models.JSONField(default=dict)
    standard = models.TextField("验收标准", blank=True)
    rule = models.TextField("计分规则", blank=True)
    source = models.CharField("数据来源", max_length=120, blank=True)
    collector = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="数据采集责任单位"
    )
    last_year = models.DecimalField("上年实绩", max_digits=20, decimal_places=6, null=True, blank=True)
    round_values = models.JSONField(default=dict)
    effective_on = models.DateField("生效日期", null=True, blank=True)
    ends_on = models.DateField("失效日期", null=True, blank=True)
    is_key = models.BooleanField("重点工作目标", default=False, db_default=False)
    because_of = models.ForeignKey(
        Matter, models.PROTECT, null=True, blank=True, related_name="indicator_versions"
    )
    position = models.PositiveSmallIntegerField()
    state = FSMField(choices=State.choices, default=State.DRAFT, protected=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "key", "version"], name="cycle_indicator_version"),
            models.UniqueConstraint(
                fields=["subject", "key"], condition=Q(state="issued"), name="cycle_indicator_one_issued"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "issued", "superseded", "dropped"]),
                name="cycle_indicator_state",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "dropped"])
                | (~Q(standard="") & ~Q(rule="") & Q(collector__isnull=False, effective_on__isnull=False)),
                name="cycle_indicator_complete",
            ),
        ]
        ordering = ["position", "version"]

    def __str__(self) -> str:
        return self.title

    @transition(field=state, source="draft", target="issued")
    def issue(self) -> None:
        """The indicator binds the unit from its effective date."""

    @transition(field=state, source="issued", target="superseded")
    def supersede(self) -> None:
        """A newer version takes its place."""

    @transition(field=state, source="draft", target="dropped")
    def drop(self) -> None:
        """The draft is struck from the sheet."""

    @transition(field=state, source="issued", target="dropped")
    def revoke(self) -> None:
        """An adjustment takes it out of force from a date on; what was scored until then stays."""

    @property
    def lacks(self) -> list[str]:
        """What is still missing before it can be issued, in Chinese."""
        needed = {"验收标准": self.standard, "计分规则": self.rule, "数据采集责任单位": self.collector_id}
        return [title for title, value in needed.items() if not value]


class WorkPlan(models.Model):
    """How the unit means to reach one indicator: measures, milestones, responsible sections."""

    indicator = models.OneToOneField(Indicator, models.PROTECT, primary_key=True, related_name="plan")
    measures = models.TextField("工作措施", blank=True)
    milestones = models.TextField("进度安排", blank=True)
    sections = models.CharField("责任科室", max_length=120, blank=True)

    def __str__(self) -> str:
        return f"{self.indicator} 工作计划"


class Opinion(models.Model):
    """What one office said of a matter in one round of a joint review (会签意见)."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="opinions")
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField(default=1)
    agrees = models.BooleanField()
    text = models.TextField(blank=True)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["matter", "office", "round"], name="cycle_opinion_once")
        ]

    def __str__(self) -> str:
        return f"{self.office}：{'同意' if self.agrees else '不同意'}"
