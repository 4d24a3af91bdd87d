"""What moves through a flow: one row per thing that is decided step by step.

Sheets, reports, claims, feedback … have the same skeleton: a cycle, perhaps a unit, perhaps an office, a
period, a state. One table holds it, so that uniqueness, gates, locks and foreign keys of the flows are
stated once. Each kind is a proxy (or a child table where it has columns of its own) with its own states
and transitions.
"""

import datetime as dt
from typing import Any, ClassVar, TypeVar

from django.db import models
from django.db.models import Q
from django_fsm import FSMField

from audit.ids import uuid7
from cycle.models.cycle import Cycle, Stage
from cycle.models.subject import Subject
from offices.models import Office

KINDS: dict[str, type["Matter"]] = {}


M = TypeVar("M", bound=models.Model)


class KindManager(models.Manager[M]):
    """Restricts a kind's manager to rows of that kind."""

    def get_queryset(self) -> models.QuerySet[M]:
        rows = super().get_queryset()
        kind = getattr(self.model, "KIND", "")
        return rows.filter(kind=kind) if kind else rows


class Matter(models.Model):
    """A thing in a cycle that is decided step by step (事项).

    `key` tells several of one kind apart (a period, a round, a group, a claim's number); `key`, unit and
    office together are unique in a cycle. `FINAL` are the states in which a gate counts it as done; kinds
    with `HOLDS_GATE` False (appeals, rectification …) take their time and hold up the archive only.
    """

    KIND: ClassVar[str] = ""
    TITLE: ClassVar[str] = ""
    STAGE: ClassVar[Stage]
    FINAL: ClassVar[tuple[str, ...]] = ()
    HOLDS_GATE: ClassVar[bool] = True
    STATES: ClassVar[dict[str, str]] = {}
    DEEMED: ClassVar[str] = ""
    """What the final state is called when the unit let its time pass (留置送达); empty: not told apart."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="matters", db_index=False)
    kind = models.SlugField(max_length=24, db_index=False)
    stage = models.CharField(max_length=24, choices=Stage)
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="matters", db_index=False)
    office = models.ForeignKey(Office, models.PROTECT, null=True, related_name="matters")
    key = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=200)
    state = FSMField(max_length=20, protected=True)
    text = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    objects = KindManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "kind", "subject", "office", "key"],
                name="cycle_matter_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            # Without the state: a row that changes nothing but its state then touches no index at all.
            models.Index(fields=["cycle", "stage", "kind"], name="cycle_matter_gate"),
            models.Index(fields=["subject", "kind"], name="cycle_matter_subject"),
        ]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__dict__.get("KIND"):
            KINDS[cls.KIND] = cls

    def __str__(self) -> str:
        return self.title

    @property
    def unit(self) -> Subject:
        """The unit of a matter that has one; raises RuntimeError for the others."""
        if self.subject is None:
            raise RuntimeError(f"a {self.kind} belongs to no single unit")
        return self.subject

    @property
    def stream(self) -> str:
        """The ledger stream of this matter."""
        return f"{self.kind}/{self.pk}"

    @property
    def state_title(self) -> str:
        """The state in Chinese."""
        kind = KINDS[self.kind]
        return kind.DEEMED if kind.DEEMED and self.deemed_on else kind.STATES[str(self.state)]

    @property
    def deemed_on(self) -> dt.date | None:
        """The day on which it took effect without the unit, which had not answered in time (视为送达)."""
        day = self.text.get("deemed_on")
        return dt.date.fromisoformat(day) if day else None

    @property
    def is_final(self) -> bool:
        """Whether gates count this matter as done."""
        return self.state in KINDS[self.kind].FINAL


def unfinished() -> Q:
    """Return the condition under which a matter is not done yet."""
    done = Q()
    for kind, model in KINDS.items():
        done |= Q(kind=kind, state__in=model.FINAL)
    return ~done


def holding_gate() -> Q:
    """Return the condition under which a matter holds up the gate out of its stage."""
    return unfinished() & Q(kind__in=[kind for kind, model in KINDS.items() if model.HOLDS_GATE])


def lawful_states() -> Q:
    """Return the condition that a row's state is one of its kind's (a CHECK in the database)."""
    lawful = Q()
    for kind, model in sorted(KINDS.items()):
        lawful |= Q(kind=kind, state__in=sorted(model.STATES))
    return lawful
