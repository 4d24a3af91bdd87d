"""What came out: scoring runs, scores, grades, publicity, approval, feedback, consequences."""

from django.db import models
from django.db.models import Q
from django_fsm import transition

from audit.ids import uuid7
from cycle.models.cycle import Cycle, Stage
from cycle.models.matter import Matter
from cycle.models.subject import Subject


class ScoringRun(models.Model):
    """One computation of all scores. Runs are never edited; a changed fact makes a new one.

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
    """Results of one group (`key`) shown to the units for objection (公示)."""

    KIND = "publication"
    TITLE = "结果公示"
    STAGE = Stage.ASSESSMENT
    STATES = {"prepared": "待公示", "published": "公示中", "closed": "公示结束"}
    FINAL = ("closed",)

    run = models.ForeignKey(ScoringRun, models.PROTECT, null=True, related_name="publications")
    content_digest = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)

    @property
    def group(self) -> str:
        """The group whose results are shown: the key without the run's number."""
        return str(self.key).rsplit("-", 1)[0]

    @transition(field="state", source="prepared", target="published")
    def publish(self) -> None:
        """The list is shown; its bytes are kept as they were."""

    @transition(field="state", source="published", target="closed")
    def close(self) -> None:
        """The window for objections is over."""


class Approval(Matter):
    """The year's results on their way to the government's approval (结果审批)."""

    KIND = "approval"
    TITLE = "结果审批"
    STAGE = Stage.ASSESSMENT
    STATES = {"open": "待汇总", "compiled": "待会商", "opined": "待批准", "approved": "已批准"}
    FINAL = ("approved",)

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


class Feedback(Matter):
    """The written result of one unit, served and signed for (绩效反馈)."""

    KIND = "feedback"
    TITLE = "绩效反馈"
    STAGE = Stage.FEEDBACK
    STATES = {"prepared": "待送达", "served": "待签收", "signed": "已签收"}
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
    }
    FINAL = ("evaluated",)

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
