"""The annual cycle and the policy that it adopted."""

from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from audit.ids import uuid7
from offices.models import Organisation


class AdoptedPolicy(models.Model):
    """The exact bytes of a policy pack, by digest. What was adopted never changes."""

    digest = models.CharField(max_length=71, primary_key=True)
    pack = models.SlugField(max_length=40)
    title = models.CharField(max_length=120)
    content = models.BinaryField()
    adopted_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.title


class Stage(models.TextChoices):
    """The five stages, in order. The values are also the policy's section names."""

    SETTING = "indicator_setting", "指标设置"
    MONITORING = "monitoring", "日常监测"
    ASSESSMENT = "assessment", "年终考核"
    FEEDBACK = "feedback", "绩效反馈"
    USES = "uses", "结果运用"


class CycleState(models.TextChoices):
    """States of a cycle: preparation, the five stages, archive, cancellation."""

    PREPARATION = "preparation", "准备"
    SETTING = Stage.SETTING.value, Stage.SETTING.label
    MONITORING = Stage.MONITORING.value, Stage.MONITORING.label
    ASSESSMENT = Stage.ASSESSMENT.value, Stage.ASSESSMENT.label
    FEEDBACK = Stage.FEEDBACK.value, Stage.FEEDBACK.label
    USES = Stage.USES.value, Stage.USES.label
    ARCHIVED = "archived", "已归档"
    CANCELLED = "cancelled", "已取消"


class Cycle(models.Model):
    """One year of assessment of one government over its units, under one policy."""

    State = CycleState

    id = models.UUIDField(primary_key=True, default=uuid7)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="cycles")
    year = models.PositiveSmallIntegerField("年度")
    title = models.CharField("名称", max_length=120)
    policy = models.ForeignKey(AdoptedPolicy, models.PROTECT, related_name="cycles")
    state = FSMField(choices=State.choices, default=State.PREPARATION, protected=True)
    is_demo = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "year"], condition=~Q(state="cancelled"), name="cycle_one_a_year"
            ),
            models.CheckConstraint(condition=Q(state__in=CycleState.values), name="cycle_state"),
        ]

    def __str__(self) -> str:
        return self.title

    @transition(field=state, source=CycleState.PREPARATION, target=CycleState.SETTING)
    def open_setting(self) -> None:
        """指标设置 opens: units declare their indicators."""

    @transition(field=state, source=CycleState.SETTING, target=CycleState.MONITORING)
    def open_monitoring(self) -> None:
        """日常监测 opens: indicators are issued and signed for."""

    @transition(field=state, source=CycleState.MONITORING, target=CycleState.ASSESSMENT)
    def open_assessment(self) -> None:
        """年终考核 opens: the year's reports are in."""

    @transition(field=state, source=CycleState.ASSESSMENT, target=CycleState.FEEDBACK)
    def open_feedback(self) -> None:
        """绩效反馈 opens: results are approved."""

    @transition(field=state, source=CycleState.FEEDBACK, target=CycleState.USES)
    def open_uses(self) -> None:
        """结果运用 opens: every unit has its result."""

    @transition(field=state, source=CycleState.USES, target=CycleState.ARCHIVED)
    def archive(self) -> None:
        """The cycle is over; its records are closed to change."""

    @transition(
        field=state,
        source=[s for s in CycleState.values if s not in ("archived", "cancelled")],
        target=CycleState.CANCELLED,
    )
    def cancel(self) -> None:
        """The cycle is given up by decision; everything done so far stays readable."""
