"""Leaders' ballots. Turnout and ballots are kept apart so that nothing joins them."""

import uuid

from django.db import models
from django.db.models import Q
from django_fsm import transition

from cycle.models.cycle import Cycle, Stage
from cycle.models.matter import Matter
from cycle.models.subject import Subject
from offices.models import User


class Turnout(Matter):
    """That a leader's post (`office`) was invited to a round (`key`) and whether it has voted (领导评估)."""

    KIND = "turnout"
    TITLE = "领导评估"
    STAGE = Stage.ASSESSMENT
    STATES = {"invited": "待评分", "voted": "已评分", "missed": "逾期未评"}
    FINAL = ("voted", "missed")

    class Meta:
        proxy = True

    @transition(field="state", source="invited", target="voted")
    def vote(self) -> None:
        """The leader has voted; how, stands nowhere near this row."""

    @transition(field="state", source="invited", target="missed")
    def miss(self) -> None:
        """The round was closed without this vote."""


class Invitation(models.Model):
    """The one-time link of a turnout. Only the hash of its token is kept."""

    turnout = models.OneToOneField(Turnout, models.PROTECT, primary_key=True, related_name="invitation")
    token_hash = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.turnout)


class PaperBallot(models.Model):
    """A ballot paper entered by one person, waiting to be entered again by a second.

    The scores are deleted as soon as both entries agree and the ballots are cast.
    """

    turnout = models.OneToOneField(Turnout, models.PROTECT, primary_key=True, related_name="paper")
    scores = models.JSONField()
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.turnout)


class Ballot(models.Model):
    """One anonymous score (0–100) of a unit in a round.

    It has no user, no time, no sequence, no request: the key is random, and when a round is closed its
    rows are rewritten in random order, so that neither their place nor their transaction tells whose
    they were.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="ballots")
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="+")
    component = models.SlugField(max_length=40)
    round = models.SlugField(max_length=12)
    voter_kind = models.SlugField(max_length=40)
    score = models.DecimalField(max_digits=7, decimal_places=4)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=100), name="cycle_ballot_percent")
        ]
        indexes = [models.Index(fields=["cycle", "round", "subject"], name="cycle_ballot_round")]

    def __str__(self) -> str:
        return f"{self.round} {self.score}"
