"""Assessment: self-assessment, collected data, surveys, claims and vetoes."""

from django.db import models
from django.db.models import Q
from django_fsm import transition

from audit.ids import uuid7
from cycle.models.cycle import Cycle, Stage
from cycle.models.matter import Matter
from cycle.models.sheets import Indicator
from cycle.models.subject import Subject


class SelfAssessment(Matter):
    """A unit's own account of its year (自评报告)."""

    KIND = "self_assessment"
    TITLE = "年度自评"
    STAGE = Stage.ASSESSMENT
    STATES = {"due": "待自评", "written": "待单位负责人审批", "approved": "已报送"}
    FINAL = ("approved",)

    class Meta:
        proxy = True

    @transition(field="state", source="due", target="written")
    def write(self) -> None:
        """The unit has written its self-assessment."""

    @transition(field="state", source="written", target="approved")
    def approve(self) -> None:
        """The head of the unit hands it in."""

    @transition(field="state", source="written", target="due")
    def give_back(self) -> None:
        """The head sends it back with a reason."""


class Collection(Matter):
    """What one collector measures for one round (`key`), over all units it collects for (数据采集)."""

    KIND = "collection"
    TITLE = "数据采集核验"
    STAGE = Stage.ASSESSMENT
    STATES = {"open": "待采集", "collected": "待负责人审签", "approved": "待抽查复核", "checked": "已复核"}
    FINAL = ("checked",)

    class Meta:
        proxy = True

    @transition(field="state", source="open", target="collected")
    def collect(self) -> None:
        """The collector has entered its readings."""

    @transition(field="state", source="collected", target="approved")
    def approve(self) -> None:
        """The head of the collecting office signs for them."""

    @transition(field="state", source="approved", target="checked")
    def accept(self) -> None:
        """The performance office has sampled them; from now on they count."""

    @transition(field="state", source=["collected", "approved"], target="open")
    def give_back(self) -> None:
        """Sent back to the collector with a reason."""


class Reading(models.Model):
    """The measured value of an indicator in a scoring round. It counts once its collection is checked."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="readings")
    collection = models.ForeignKey(Matter, models.PROTECT, related_name="readings")
    round = models.SlugField(max_length=12)
    actual = models.CharField(max_length=60, blank=True)
    score = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["indicator", "round"], name="cycle_reading_once"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.round}：{self.actual}"


class Survey(Matter):
    """One round of the public survey (`key`: q1 … q4)."""

    KIND = "survey"
    TITLE = "公众评估"
    STAGE = Stage.ASSESSMENT
    STATES = {"open": "待录入", "recorded": "已录入"}
    FINAL = ("recorded",)

    class Meta:
        proxy = True

    @transition(field="state", source="open", target="recorded")
    def record_results(self) -> None:
        """The surveying body's results are entered with their report as evidence."""


class SurveyResult(models.Model):
    """A unit's satisfaction (0–100) and turnout in one survey round."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    survey = models.ForeignKey(Matter, models.PROTECT, related_name="results")
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="+")
    component = models.SlugField(max_length=40)
    satisfaction = models.DecimalField(max_digits=7, decimal_places=4)
    turnout = models.DecimalField(max_digits=7, decimal_places=4)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["survey", "subject", "component"], name="cycle_survey_once"),
            models.CheckConstraint(
                condition=Q(satisfaction__gte=0, satisfaction__lte=100, turnout__gte=0, turnout__lte=100),
                name="cycle_survey_percent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.satisfaction}"


class AdjustmentClaim(Matter):
    """A bonus, deduction or veto fact, claimed or found, verified and confirmed (加减分与否决认定)."""

    KIND = "claim"
    TITLE = "加减分认定"
    STAGE = Stage.ASSESSMENT
    STATES = {
        "draft": "待申报",
        "submitted": "待核实",
        "answered": "已告知单位，待核实",
        "verified": "待审定",
        "confirmed": "已认定",
        "rejected": "不予认定",
    }
    FINAL = ("confirmed", "rejected")

    class Sort(models.TextChoices):
        BONUS = "bonus", "加分"
        DEDUCTION = "deduction", "减分"
        VETO = "veto", "否决"

    sort = models.CharField(max_length=10, choices=Sort)
    item = models.SlugField(max_length=40)
    source = models.CharField("来源文件", max_length=200, blank=True)
    count = models.PositiveSmallIntegerField(default=1)
    points = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    fact = models.CharField("同一事项标识", max_length=80, blank=True)
    happened_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sort__in=["bonus", "deduction", "veto"]), name="cycle_claim_sort"
            ),
            models.CheckConstraint(condition=Q(count__gte=1), name="cycle_claim_count"),
        ]

    @transition(field="state", source="draft", target="submitted")
    def submit(self) -> None:
        """The unit claims it (or the office records it) with documents."""

    @transition(field="state", source="submitted", target="answered")
    def answer(self) -> None:
        """The unit was told of a deduction or veto against it and has answered, or its time is over."""

    @transition(field="state", source=["submitted", "answered"], target="verified")
    def verify(self) -> None:
        """The performance office has checked the documents."""

    @transition(field="state", source="verified", target="confirmed")
    def confirm(self) -> None:
        """The deciding office confirms it; from now on it counts."""

    @transition(field="state", source=["submitted", "answered", "verified"], target="rejected")
    def reject(self) -> None:
        """It is not recognised, with a reason."""

    @transition(field="state", source=["submitted", "answered", "verified"], target="draft")
    def give_back(self) -> None:
        """Sent back for better documents."""


class VetoFact(models.Model):
    """A confirmed veto (否决项) against a unit, resting on its claim."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="vetoes")
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="vetoes")
    item = models.SlugField(max_length=40)
    claim = models.OneToOneField(AdjustmentClaim, models.PROTECT, related_name="veto")
    confirmed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "item"], name="cycle_veto_once")]

    def __str__(self) -> str:
        return f"{self.subject} {self.item}"
