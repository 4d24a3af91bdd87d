"""Appeals: a unit contests one point of its result; the decision, and what it changes."""

from django.db import models
from django.db.models import Q
from django_fsm import transition

from audit.ids import uuid7
from cycle.models.assessment import AdjustmentClaim
from cycle.models.cycle import Cycle, Stage
from cycle.models.matter import Matter
from cycle.models.results import ScoringRun
from cycle.models.sheets import Indicator
from offices.models import User


class PointKind(models.TextChoices):
    """What of a result can be contested: one of these, never the total as such."""

    INDICATOR = "indicator", "指标得分"
    CLAIM = "claim", "加减分"
    VETO = "veto", "否决事项"
    GRADE = "grade", "考核等次"


class Appeal(Matter):
    """An appeal (申诉、复核申请) of a unit on one point. `key` is the instance and the point.

    `office` is the reviewing office, `reviewer` the person who investigates and drafts the decision. `window`
    keeps how the time for filing was counted. The point is frozen while the appeal is open, nothing else is.
    """

    KIND = "appeal"
    TITLE = "申诉复核"
    STAGE = Stage.FEEDBACK
    HOLDS_GATE = False
    STATES = {
        "draft": "待提交",
        "filed": "待受理",
        "incomplete": "待补正材料",
        "accepted": "待采集单位答复",
        "answered": "待调查",
        "investigated": "待拟定决定",
        "proposed": "待批准",
        "decided": "已决定，待签收",
        "signed": "已办结",
        "refused": "不予受理",
        "withdrawn": "已撤回",
        "lapsed": "逾期未提交",
    }
    FINAL = ("signed", "refused", "withdrawn", "lapsed")
    OPEN = ("filed", "incomplete", "accepted", "answered", "investigated", "proposed")
    UNDECIDED = ("draft", *OPEN)

    class Outcome(models.TextChoices):
        UPHOLD = "uphold", "维持原结果"
        CHANGE = "change", "变更"
        RETURN = "return", "退回重新核验"

    class Ground(models.TextChoices):
        FACT = "fact", "事实或者数据认定有误"
        RULE = "rule", "计分方法或者标准适用有误"
        PROCEDURE = "procedure", "考核程序不符合规定"
        EVIDENCE = "evidence", "有新的佐证材料"
        FORCE = "force", "受不可抗力或者政策、机构调整影响"

    instance = models.PositiveSmallIntegerField(default=1)
    earlier = models.ForeignKey("self", models.PROTECT, null=True, related_name="later")
    run = models.ForeignKey(ScoringRun, models.PROTECT, related_name="appeals")
    point = models.CharField(max_length=10, choices=PointKind)
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, related_name="appeals")
    claim = models.ForeignKey(AdjustmentClaim, models.PROTECT, null=True, related_name="appeals")
    ground = models.CharField(max_length=12, choices=Ground)
    facts = models.TextField("事实和理由")
    request = models.TextField("复核请求")
    window = models.JSONField(default=dict)
    filed_at = models.DateTimeField(null=True)
    reviewer = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    number = models.CharField("文号", max_length=60, blank=True)
    document_digest = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(point="indicator", indicator__isnull=False, claim__isnull=True)
                | Q(point__in=["claim", "veto"], indicator__isnull=True, claim__isnull=False)
                | Q(point="grade", indicator__isnull=True, claim__isnull=True),
                name="cycle_appeal_point",
            ),
            models.CheckConstraint(condition=Q(instance__in=[1, 2]), name="cycle_appeal_instance"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True)
                | (~Q(number="") & ~Q(document_digest="") & ~Q(outcome="")),
                name="cycle_appeal_decided",
            ),
        ]

    @transition(field="state", source="draft", target="filed")
    def file(self) -> None:
        """The unit files the appeal inside its window."""

    @transition(field="state", source="decided", target="signed")
    def deem_received(self) -> None:
        """Nobody signed in time: the decision counts as received."""

    @transition(field="state", source="draft", target="lapsed")
    def lapse(self) -> None:
        """The window has closed on a draft."""

    @transition(field="state", source="filed", target="accepted")
    def accept(self) -> None:
        """The reviewing office accepts it and names the reviewer."""

    @transition(field="state", source="filed", target="refused")
    def refuse(self) -> None:
        """Not accepted: late, not appealable or without grounds, with the reason."""

    @transition(field="state", source="filed", target="incomplete")
    def ask(self) -> None:
        """The unit is asked, once, for further material; the clock pauses."""

    @transition(field="state", source="incomplete", target="filed")
    def supplement(self) -> None:
        """The material has come, or the time for it is over; the clock runs on."""

    @transition(field="state", source="accepted", target="answered")
    def answer(self) -> None:
        """The office that measured or recorded the point has answered, or its time is over."""

    @transition(field="state", source="answered", target="investigated")
    def investigate(self) -> None:
        """The reviewer has put the findings on record."""

    @transition(field="state", source="investigated", target="proposed")
    def propose(self) -> None:
        """The reviewer hands up the proposed decision."""

    @transition(field="state", source="proposed", target="investigated")
    def give_back(self) -> None:
        """Whoever approves sends the proposal back with a reason."""

    @transition(field="state", source="proposed", target="decided")
    def decide(self) -> None:
        """The decision is approved, numbered, and served on the unit."""

    @transition(field="state", source="decided", target="signed")
    def sign(self) -> None:
        """The head of the unit signs for the decision."""

    @transition(field="state", source=list(UNDECIDED), target="withdrawn")
    def withdraw(self) -> None:
        """The unit takes the appeal back; possible until it is decided."""


class Proposal(models.Model):
    """A saved draft of the decision: outcome, values, reasons. Never edited; a change is the next number.

    `changes` maps rounds to `actual` or `score` for an indicator, or holds `void`, `count`, `points` for a
    claim. `previewed_at` is when the impact of this draft was first looked at; a draft saved after any such
    look says so (`after_preview`).
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="proposals")
    number = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=10, choices=Appeal.Outcome)
    changes = models.JSONField(default=dict)
    reasons = models.TextField()
    cite = models.CharField("依据", max_length=200)
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()
    previewed_at = models.DateTimeField(null=True)
    after_preview = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["appeal", "number"], name="cycle_proposal_number")]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.appeal} 第 {self.number} 稿"


class Recusal(Matter):
    """A request that a person stand aside in an appeal (回避申请), and what was decided on it."""

    KIND = "recusal"
    TITLE = "回避申请"
    STAGE = Stage.FEEDBACK
    HOLDS_GATE = False
    STATES = {"asked": "待决定", "granted": "决定回避", "denied": "不予回避"}
    FINAL = ("granted", "denied")

    case = models.ForeignKey(Appeal, models.PROTECT, related_name="recusals")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    why = models.TextField()

    @transition(field="state", source="asked", target="granted")
    def grant(self) -> None:
        """The person stands aside; somebody else takes over."""

    @transition(field="state", source="asked", target="denied")
    def deny(self) -> None:
        """There is no ground to stand aside, with the reason."""


class Recheck(Matter):
    """A point to be measured again (重新核验、更正): sent back by an appeal, or found wrong by the office."""

    KIND = "recheck"
    TITLE = "重新核验"
    STAGE = Stage.FEEDBACK
    HOLDS_GATE = False
    STATES = {"open": "待重新核验", "measured": "待审签", "confirmed": "已核定"}
    FINAL = ("confirmed",)

    case = models.OneToOneField(Appeal, models.PROTECT, null=True, related_name="sent_back")
    point = models.CharField(max_length=10, choices=PointKind)
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, related_name="+")
    claim = models.ForeignKey(AdjustmentClaim, models.PROTECT, null=True, related_name="+")
    why = models.TextField()
    changes = models.JSONField(default=dict)

    @transition(field="state", source="open", target="measured")
    def measure(self) -> None:
        """The office that owns the point has measured it again."""

    @transition(field="state", source="measured", target="open")
    def give_back(self) -> None:
        """The head sends it back with a reason."""

    @transition(field="state", source="measured", target="confirmed")
    def confirm(self) -> None:
        """The head signs; a changed value makes a new scoring run."""


class Correction(models.Model):
    """What a decision puts in the place of a recorded fact. The newest of a point counts; none is deleted.

    For an indicator `actual` or `score` of one round; for a claim or veto that it is void, or another count
    or points. `note` names the decision wherever the fact is shown.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="corrections")
    because_of = models.ForeignKey(Matter, models.PROTECT, related_name="corrections")
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, related_name="corrections")
    round = models.SlugField(max_length=12, blank=True)
    actual = models.CharField(max_length=60, blank=True)
    score = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    claim = models.ForeignKey(AdjustmentClaim, models.PROTECT, null=True, related_name="corrected")
    void = models.BooleanField(default=False)
    count = models.PositiveSmallIntegerField(null=True)
    points = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    note = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(indicator__isnull=False, claim__isnull=True)
                | Q(indicator__isnull=True, claim__isnull=False),
                name="cycle_correction_of_one",
            )
        ]
        ordering = ["made_at", "id"]

    def __str__(self) -> str:
        return self.note


class DocumentNumber(models.Model):
    """The last number of a series of official documents: one series for each issuer, word and year."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    owner = models.ForeignKey("offices.Organisation", models.PROTECT, related_name="+")
    word = models.CharField("机关代字", max_length=20)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "word", "year"], name="cycle_number_series")]

    def __str__(self) -> str:
        return f"{self.word}〔{self.year}〕{self.last}号"
