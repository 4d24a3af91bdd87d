"""Versions of indicators: which one is in force on a day, and which rounds are scored under which.

A month is reported and a round is collected and scored under the version in force on its last day. Versions
never overlap, so that every round has exactly one.
"""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from cycle.models import Cycle, Indicator
from cycle.queries.packs import rules_of
from policies.packs import Pack
from policies.packs.rounds import span


@dataclass(frozen=True, slots=True)
class Held:
    """The rounds of its component that a version holds for. `is_whole`: all of them, from first to last."""

    rounds: tuple[str, ...]
    is_whole: bool

    def covers(self, round: str) -> bool:
        """Whether a round is scored under this version."""
        return self.is_whole or round in self.rounds


def ever_in_force(cycle: Cycle) -> QuerySet[Indicator]:
    """Return every version that has been issued, whatever became of it since; drafts never were."""
    return Indicator.objects.filter(cycle=cycle, effective_on__isnull=False).exclude(state="draft")


def in_force(cycle: Cycle, day: dt.date) -> QuerySet[Indicator]:
    """Return the versions in force on a day: at most one of each indicator."""
    rows = ever_in_force(cycle).filter(effective_on__lte=day)
    return rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))


def round_end(pack: Pack, round: str, year: int) -> dt.date:
    """Return the last day of a round or a month: its version is the one in force then."""
    return span(pack, round, year)[1]


def holds(indicator: Indicator, day: dt.date) -> bool:
    """Whether this version is in force on a day."""
    if indicator.effective_on is None or indicator.state == "draft":
        return False
    return indicator.effective_on <= day <= (indicator.ends_on or dt.date.max)


def held_by(pack: Pack, indicator: Indicator, year: int) -> Held:
    """Return the rounds that are scored under a version.

    What is watched without being scored has no rounds: the version of the year's last day stands for it.
    """
    try:
        known = tuple(pack.rounds(indicator.subject.group, indicator.component))
    except KeyError:
        known = ()
    if not known:
        return Held((), holds(indicator, round_end(pack, "", year)))
    rounds = tuple(each for each in known if holds(indicator, round_end(pack, each, year)))
    return Held(rounds, rounds == known)


def of_round(indicator: Indicator, round: str) -> Indicator | None:
    """Return the version of an indicator that a round is scored under; None for a round without any."""
    day = round_end(rules_of(indicator.cycle), round, indicator.cycle.year)
    rows = in_force(indicator.cycle, day).filter(subject=indicator.subject_id, key=indicator.key)
    return rows.select_related("cycle__policy", "subject").first()
