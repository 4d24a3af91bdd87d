"""Who votes on whom, and tallies that stay closed while they are too small."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from cycle.models import Ballot, Cycle, Subject, Turnout
from cycle.queries import rules
from cycle.queries.packs import rules_of
from cycle.queries.periods import period_end
from offices.models import LeaderAssignment

MIN_TALLY = 3
"""An anonymous tally of fewer votes stays closed: with two, each voter can work out the other's score."""


def components_with_ballots(cycle: Cycle, group: str, round: str) -> list[str]:
    """Return the ids of a group's components that are scored by ballots in this round."""
    pack = rules_of(cycle)
    return [
        id
        for id in rules.components_scored_by(pack, group, "ballots")
        if round in rules.rounds(pack, group, id)
    ]


def voter_kind(cycle: Cycle, group: str, component: str) -> str:
    """Return the one kind of voters that leaders' posts belong to in this component."""
    return rules.voter_kind(rules_of(cycle), group, component)


def voters_units(turnout: Turnout) -> list[Subject]:
    """Return the units that this leader's post scores in this round (main leaders: all)."""
    day = period_end(turnout.cycle.year, turnout.key)
    assigned = LeaderAssignment.objects.filter(leader=turnout.office_id, since__lte=day)
    units = assigned.filter(Q(until__isnull=True) | Q(until__gte=day)).values("unit")
    subjects = Subject.objects.filter(cycle=turnout.cycle_id, organisation__in=units).order_by("position")
    return [each for each in subjects if components_with_ballots(turnout.cycle, each.group, turnout.key)]


def electorates(cycle: Cycle) -> Iterator[tuple[str, Subject]]:
    """Yield round and unit for every post that was invited to score it: `voters_units` of all posts."""
    subjects = {each.organisation_id: each for each in cycle.subjects.order_by("position")}
    assigned: dict[UUID, list[LeaderAssignment]] = defaultdict(list)
    for each in LeaderAssignment.objects.filter(unit__in=list(subjects)):
        assigned[each.leader_id].append(each)
    for turnout in Turnout.objects.filter(cycle=cycle):
        day = period_end(cycle.year, turnout.key) or dt.date.max
        held = {each.unit_id for each in assigned[turnout.office_id] if _holds(each, day)}  # type: ignore[index]
        for organisation in held:
            unit = subjects[organisation]
            if components_with_ballots(cycle, unit.group, turnout.key):
                yield turnout.key, unit


def _holds(assignment: LeaderAssignment, day: dt.date) -> bool:
    return assignment.since <= day <= (assignment.until or dt.date.max)


def tallies(cycle: Cycle, round: str) -> dict[Subject, dict[str, Any]]:
    """Return each unit's tally of a round: count, and mean only where the count reaches the minimum."""
    scores: dict[Subject, list[Decimal]] = defaultdict(list)
    for ballot in Ballot.objects.filter(cycle=cycle, round=round).select_related("subject"):
        scores[ballot.subject].append(ballot.score)
    return {
        unit: {"count": len(found), "mean": sum(found) / len(found) if len(found) >= MIN_TALLY else None}
        for unit, found in sorted(scores.items(), key=lambda pair: pair[0].position)
    }


def turnout_counts(cycle: Cycle, round: str) -> dict[str, int]:
    """Return how many posts were invited to a round and how many have voted."""
    states = list(Turnout.objects.filter(cycle=cycle, key=round).values_list(F("state"), flat=True))
    return {"invited": len(states), "voted": states.count("voted"), "missed": states.count("missed")}
