"""What came out: scoring runs, scores, grades, publicity, approval, feedback, consequences."""

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django_fsm import transition

from audit import clock
from audit.ids import uuid7
from cycle.models.cycle import Cycle, Stage
from cycle.models.matter import Matter
from cycle.models.subject import Subject


class ScoringRun(models.Model):
    """One computation of all scores. Runs are never edited; a changed fact makes a new one.

    `because_of` is the decision, adjustment or correction that made it necessary, `changes` what differs
    from the run before (facts, totals, ranks, grades). `locked_at`: all windows are closed, all appeals
    decided.

    `inputs` are the canonical bytes of the exported case (compressed): anybody can compute it again and
    must get `result_digest`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="runs")
    number = models.PositiveSmallIntegerField()
    cause = models.CharField(max_length=200)
    policy = models.CharField(max_length=71)
    inputs = models.BinaryField()
    inputs_digest = models.CharField(max_length=71)
    result_digest = models.CharField(max_length=71)
    warnings = models.JSONField(default=list)
    made_at = models.DateTimeField()
    because_of = models.ForeignKey(Matter, models.PROTECT, null=True, related_name="runs")
    changes = models.JSONField(default=dict)
    locked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cycle", "number"], name="cycle_run_number")]
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"第 {self.number} 次计分"


class Grade(models.Model):
    """A unit's total, rank and grade in one run (as decimal text, exactly as computed)."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    run = models.ForeignKey(ScoringRun, models.PROTECT, related_name="grades")
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="grades")
    total = models.CharField(max_length=40)
    bonus = models.CharField(max_length=40)
    deduction = models.CharField(max_length=40)
    rank = models.PositiveSmallIntegerField(null=True)
    ranked = models.PositiveSmallIntegerField()
    grade = models.SlugField(max_length=40, blank=True)
    grade_title = models.CharField(max_length=40, blank=True)
    barred = models.JSONField(default=list)
    vetoes = models.JSONField(default=list)
    uses = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "subject"], name="cycle_grade_once")]

    def __str__(self) -> str:
        return f"{self.subject} {self.total} {self.grade_title}"


class Score(models.Model):
    """A unit's points in one component of one run (exact, as decimal text)."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    run = models.ForeignKey(ScoringRun, models.PROTECT, related_name="scores")
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="scores")
    component = models.SlugField(max_length=40)
    value = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "subject", "component"], name="cycle_score_once")
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.component} {self.value}"


class Decision(models.Model):
    """A recorded decision that a rule left open: a tie, a quota, points within a range."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="decisions")
    group = models.SlugField(max_length=40)
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="decisions")
    item = models.CharField(max_length=60)
    value = models.CharField(max_length=40)
    why = models.TextField()
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "group", "subject", "item"], name="cycle_decision_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.item} = {self.value}"


class Publication(Matter):
    """Something of one group (`key`) that is made public (公示、公布): results, targets, notices.

    `what` names the publicity in the policy (flow `publicity`); `audience` who may read it, frozen when it is
    shown. Provisional results stay open to objection until `closes_at`; the others are posted and stay.
    """

    KIND = "publication"
    TITLE = "公示公布"
    STAGE = Stage.ASSESSMENT
    STATES = {"prepared": "待公示", "published": "公示中", "closed": "公示结束", "posted": "已公布"}
    FINAL = ("closed", "posted")

    class What(models.TextChoices):
        TARGETS = "targets", "年度目标公布"
        NOTICE = "notice", "考核预告"
        SHOW = "show", "考核结果公示"
        FINAL = "final", "考核结果公布"

    class Audience(models.TextChoices):
        INSIDE = "inside", "本组单位"
        UNITS = "units", "全体被考核单位"
        PUBLIC = "public", "社会公众"

    what = models.CharField(max_length=10, choices=What, default=What.SHOW, db_default=What.SHOW)
    audience = models.CharField(
        max_length=10, choices=Audience, default=Audience.INSIDE, db_default=Audience.INSIDE
    )
    run = models.ForeignKey(ScoringRun, models.PROTECT, null=True, related_name="publications")
    content_digest = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(what__in=["targets", "notice", "show", "final"])
                & Q(audience__in=["inside", "units", "public"]),
                name="cycle_publication_choices",
            )
        ]

    @property
    def group(self) -> str:
        """The group that it is about: the key without what is published and without the run's number."""
        named = str(self.key).rpartition(":")[2]
        return named.rsplit("-", 1)[0] if self.shows_results else named

    @property
    def shows_results(self) -> bool:
        """Whether it is about the results of a scoring run; targets and notices come before any."""
        return self.what in (self.What.SHOW, self.What.FINAL)

    @property
    def last_day(self) -> dt.date | None:
        """The last day for objections, to 24:00; None for what is posted."""
        return clock.last_day(self.closes_at) if self.closes_at else None

    @transition(field="state", source="prepared", target="published")
    def publish(self) -> None:
        """The list is shown; its bytes are kept as they were."""

    @transition(field="state", source="published", target="closed")
    def close(self) -> None:
        """The window for objections is over."""

    @transition(field="state", source="prepared", target="posted")
    def post(self) -> None:
        """It is shown and stays; nothing can be objected to here."""


class Approval(Matter):
    """The year's results on their way to the government's approval (结果审批)."""

    KIND = "approval"
    TITLE = "结果审批"
    STAGE = Stage.ASSESSMENT
    STATES = {"open": "待汇总", "compiled": "待会商", "opined": "待批准", "approved": "已批准"}
    FINAL: ClassVar[tuple[str, ...]] = ("approved",)

    run = models.ForeignKey(ScoringRun, models.PROTECT, null=True, related_name="approvals")

    @transition(field="state", source="open", target="compiled")
    def compile(self) -> None:
        """The performance office has compiled the results of all groups."""

    @transition(field="state", source="compiled", target="opined")
    def close_opinions(self) -> None:
        """The working groups have given their opinions."""

    @transition(field="state", source=["compiled", "opined"], target="approved")
    def approve(self) -> None:
        """The government approves the results."""

    @transition(field="state", source=["compiled", "opined"], target="open")
    def give_back(self) -> None:
        """Sent back to the performance office with a reason."""


class Reapproval(Approval):
    """Results that a decision on an appeal has changed, on their way through approval again (济南 26 条)."""

    KIND = "reapproval"
    TITLE = "变更结果审批"
    STAGE = Stage.FEEDBACK
    HOLDS_GATE = False
    STATES = {
        "open": "待报批",
        "compiled": "待批准",
        "opined": "待批准",
        "approved": "已批准",
        "merged": "已并入后一次审批",
    }
    FINAL = ("approved", "merged")

    class Meta:
        proxy = True

    @transition(field="state", source=["open", "compiled"], target="merged")
    def merge(self) -> None:
        """Results that were computed later are approved already: this approval has nothing left to say."""


class Feedback(Matter):
    """The written result of one unit, served and signed for (绩效反馈)."""

    KIND = "feedback"
    TITLE = "绩效反馈"
    STAGE = Stage.FEEDBACK
    STATES = {"prepared": "待送达", "served": "待签收", "signed": "已签收"}
    DEEMED = "逾期未签收，视为送达"
    FINAL = ("signed",)

    run = models.ForeignKey(ScoringRun, models.PROTECT, related_name="feedback")
    document_digest = models.CharField(max_length=64, blank=True)
    served_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)

    @transition(field="state", source="prepared", target="served")
    def serve(self) -> None:
        """The document is delivered to the unit's inbox."""

    @transition(field="state", source="served", target="signed")
    def sign(self) -> None:
        """The head of the unit signs for exactly these bytes."""

    @transition(field="state", source="served", target="signed")
    def deem_received(self) -> None:
        """Nobody signed in time: it counts as received, without a signature."""


class ChangeNotice(Matter):
    """Tells a unit that its result is another one now, and why; opens its own window (变更告知)."""

    KIND = "change_notice"
    TITLE = "结果变更告知"
    STAGE = Stage.FEEDBACK
    HOLDS_GATE = False
    STATES = {"served": "待签收", "signed": "已签收"}
    DEEMED = "逾期未签收，视为送达"
    FINAL = ("signed",)

    run = models.ForeignKey(ScoringRun, models.PROTECT, related_name="change_notices")
    document_digest = models.CharField(max_length=64)
    served_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)

    @transition(field="state", source="served", target="signed")
    def sign(self) -> None:
        """The head of the unit signs for it."""

    @transition(field="state", source="served", target="signed")
    def deem_received(self) -> None:
        """Nobody signed in time: it counts as received, without a signature."""


class Interview(Matter):
    """A talk with a unit about its result, put on record and confirmed (绩效面谈); `key` is its number."""

    KIND = "interview"
    TITLE = "绩效面谈"
    STAGE = Stage.FEEDBACK
    HOLDS_GATE = False
    STATES = {"planned": "待记录", "recorded": "待单位确认", "confirmed": "已确认"}
    DEEMED = "逾期未确认，视为无异议"
    FINAL = ("confirmed",)

    class Meta:
        proxy = True

    @transition(field="state", source="planned", target="recorded")
    def record_talk(self) -> None:
        """The performance office puts on record what was said."""

    @transition(field="state", source="recorded", target="confirmed")
    def confirm(self) -> None:
        """The head of the unit confirms the record, with the unit's own opinion."""

    @transition(field="state", source="recorded", target="confirmed")
    def deem_received(self) -> None:
        """The unit said nothing in time: the record stands without its confirmation."""

    @transition(field="state", source="recorded", target="planned")
    def give_back(self) -> None:
        """The unit does not recognise the record and says why."""


class Consequence(Matter):
    """A use of the results (结果运用) that an office has to carry out for one unit."""

    KIND = "consequence"
    TITLE = "结果运用"
    STAGE = Stage.USES
    STATES = {
        "ordered": "待执行",
        "executed": "待核查",
        "verified": "待评价",
        "evaluated": "已办结",
        "revoked": "已撤销",
    }
    FINAL = ("evaluated", "revoked")

    run = models.ForeignKey(ScoringRun, models.PROTECT, related_name="consequences")
    use = models.SlugField(max_length=40)
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    amount_basis = models.CharField("金额的算法", max_length=200, blank=True)
    cite = models.CharField("依据", max_length=80, blank=True)

    @transition(field="state", source="ordered", target="executed")
    def execute(self) -> None:
        """The responsible office reports what it did, with evidence."""

    @transition(field="state", source="executed", target="verified")
    def verify(self) -> None:
        """The performance office has checked it."""

    @transition(field="state", source="verified", target="evaluated")
    def evaluate(self) -> None:
        """What the use achieved is put on record."""

    @transition(field="state", source="executed", target="ordered")
    def give_back(self) -> None:
        """Sent back to the executing office with a reason."""

    @transition(field="state", source=["ordered", "executed", "verified"], target="revoked")
    def revoke(self) -> None:
        """The result was changed by decision: the policy no longer orders it."""


class Waiver(models.Model):
    """A recorded permission to pass a gate although something is open: who, why, until when."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="waivers")
    matter = models.OneToOneField(Matter, models.PROTECT, related_name="waiver")
    why = models.TextField()
    until = models.DateField()
    granted_by = models.CharField(max_length=80)
    granted_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(why=""), name="cycle_waiver_why")]

    def __str__(self) -> str:
        return f"{self.matter}（豁免至 {self.until}）"
