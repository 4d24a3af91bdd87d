"""The facts of a cycle as a case of the public format: what a scoring run reads, and what an export writes.

Only what is final counts: checked collections, recorded surveys, confirmed claims, closed ballots. Rows
are in an order of their own, never the database's, so that the same facts are the same bytes.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from audit.marks import DEMO_MARK
from cycle.models import (
    AdjustmentClaim,
    Ballot,
    Correction,
    Cycle,
    Decision,
    Grade,
    Indicator,
    Reading,
    SurveyResult,
    Turnout,
    VetoFact,
)
from cycle.queries import overlay
from cycle.queries.ballots import components_with_ballots, electorates, voter_kind
from cycle.queries.overlay import Overlay, overlay_of
from cycle.queries.packs import rules_of
from cycle.queries.results import approved_run
from cycle.queries.versions import Held, ever_in_force, held_by
from cycle.services.numbers import plain
from policies.facts import (
    AdjustmentRow,
    BallotRow,
    DecisionRow,
    Facts,
    HistoryRow,
    IndicatorRow,
    ReadingRow,
    SurveyRow,
    UnitRow,
    VetoRow,
    VoterRow,
)


def facts_of(cycle: Cycle, extra: Sequence[Correction] = ()) -> Facts:
    """Gather the cycle's facts; anybody can score them again with the adopted pack.

    Corrections stand in the place of what was recorded; `extra` are corrections that nobody has made yet, to
    see what the facts would be with them.
    """
    corrections = overlay_of(cycle, extra)
    return Facts(
        policy=cycle.policy.pack,
        year=cycle.year,
        title=f"{cycle.title}（{DEMO_MARK}）" if cycle.is_demo else cycle.title,
        units=tuple(_units(cycle)),
        indicators=tuple(overlay.judged(_indicators(cycle), corrections)),
        readings=tuple(overlay.readings(_readings(cycle), corrections)),
        surveys=tuple(_surveys(cycle)),
        ballots=tuple(_ballots(cycle)),
        voters=tuple(_voters(cycle)),
        adjustments=tuple(_adjustments(cycle, corrections)),
        vetoes=tuple(_vetoes(cycle, corrections)),
        history=tuple(_history(cycle)),
        decisions=tuple(_decisions(cycle)),
    )


def _units(cycle: Cycle) -> Iterator[UnitRow]:
    for subject in cycle.subjects.order_by("position"):
        yield UnitRow(subject.code, subject.title, subject.group, attributes=subject.attributes)


def _indicators(cycle: Cycle) -> Iterator[IndicatorRow]:
    """Every version with the rounds that it holds for; one that holds for all names none."""
    pack = rules_of(cycle)
    rows = ever_in_force(cycle).select_related("subject", "collector__organisation")
    for each in rows.order_by("subject__position", "position", "version"):
        held = held_by(pack, each, cycle.year)
        for round, values in sorted(each.round_values.items()):
            if held.covers(round):
                yield _indicator(each, values.get("target", each.target), (round,))
        rest = tuple(round for round in held.rounds if round not in each.round_values)
        if held.is_whole:
            yield _indicator(each, each.target, ())
        elif rest:
            yield _indicator(each, each.target, rest)


def _indicator(each: Indicator, target: str, rounds: tuple[str, ...]) -> IndicatorRow:
    return IndicatorRow(
        unit=each.subject.code,
        indicator=each.key,
        component=each.component,
        title=each.title,
        points=plain(each.points),
        method=each.method,
        target=target,
        rounds=rounds,
        heading=each.heading,
        params=_params(each),
        collector=each.collector.organisation.code if each.collector else "",
    )


def _params(each: Indicator) -> str:
    """The parameters as the case format itself writes them, so that a case read back is the same bytes."""
    if not each.params:
        return ""
    return json.dumps(each.params, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _readings(cycle: Cycle) -> Iterator[ReadingRow]:
    """What was collected under the version that holds for the round; the rest is on record only."""
    pack = rules_of(cycle)
    known: dict[UUID, Held] = {}
    rows = Reading.objects.filter(indicator__cycle=cycle, collection__state="checked")
    rows = rows.select_related("indicator__subject")
    for each in rows.order_by("indicator__subject__position", "indicator__position", "round"):
        indicator = each.indicator
        held = known.get(indicator.pk)
        if held is None:
            held = known[indicator.pk] = held_by(pack, indicator, cycle.year)
        if not held.covers(each.round):
            continue
        last_year = indicator.round_values.get(each.round, {}).get("last_year", indicator.last_year)
        yield ReadingRow(
            unit=indicator.subject.code,
            indicator=indicator.key,
            round=each.round,
            actual=_actual(each),
            last_year=Decimal(last_year) if last_year not in (None, "") else None,
            score=each.score,
            note=each.note,
        )


def _actual(reading: Reading) -> Decimal | str | None:
    if not reading.actual:
        return None
    return reading.actual if reading.indicator.method == "levels" else Decimal(reading.actual)


def _surveys(cycle: Cycle) -> Iterator[SurveyRow]:
    rows = SurveyResult.objects.filter(survey__cycle=cycle, survey__state="recorded")
    for each in rows.select_related("subject", "survey").order_by(
        "subject__position", "component", "survey__key"
    ):
        yield SurveyRow(each.subject.code, each.component, each.survey.key, each.satisfaction, each.turnout)


def _ballots(cycle: Cycle) -> Iterator[BallotRow]:
    """Ballots of closed rounds, numbered by their score: the number tells them apart and nobody's name."""
    open_rounds = Turnout.objects.filter(cycle=cycle, state="invited").values("key")
    rows = Ballot.objects.filter(cycle=cycle).exclude(round__in=open_rounds).select_related("subject")
    numbers: Counter[tuple[str, str, str, str]] = Counter()
    ordered = sorted(
        rows,
        key=lambda each: (each.subject.position, each.component, each.round, each.voter_kind, each.score),
    )
    for each in ordered:
        place = (each.subject.code, each.component, each.round, each.voter_kind)
        numbers[place] += 1
        yield BallotRow(*place, f"v{numbers[place]:02d}", each.score)


def _voters(cycle: Cycle) -> Iterator[VoterRow]:
    invited: Counter[tuple[int, str, str, str, str]] = Counter()
    for round, unit in electorates(cycle):
        for component in components_with_ballots(cycle, unit.group, round):
            invited[unit.position, unit.code, component, round, voter_kind(cycle, unit.group, component)] += 1
    for (_, unit_code, component, round, kind), count in sorted(invited.items()):
        yield VoterRow(unit_code, component, round, kind, count)


def _adjustments(cycle: Cycle, corrections: Overlay) -> Iterator[AdjustmentRow]:
    """Confirmed facts and those that a decision recognised later, in the order in which they happened."""
    sorts = ("bonus", "deduction")
    counted = Q(state="confirmed") | Q(pk__in=overlay.counted_claims(corrections, sorts))
    rows = AdjustmentClaim.objects.filter(counted, cycle=cycle, sort__in=sorts)
    for each in rows.select_related("subject").order_by("subject__position", "sort", "happened_on", "key"):
        row = AdjustmentRow(
            unit=each.unit.code,
            kind=each.sort,
            item=each.item,
            source=each.source,
            count=each.count,
            points=each.points,
            evidence=each.key,
            fact=each.fact,
        )
        found = overlay.adjustment(each, row, corrections)
        if found is not None:
            yield found


def _vetoes(cycle: Cycle, corrections: Overlay) -> Iterator[VetoRow]:
    facts = VetoFact.objects.filter(cycle=cycle).values("claim")
    counted = Q(pk__in=facts) | Q(pk__in=overlay.counted_claims(corrections, ("veto",)))
    rows = AdjustmentClaim.objects.filter(counted, cycle=cycle, sort="veto").select_related("subject")
    for each in rows.order_by("subject__position", "item", "key"):
        found = overlay.veto(each, VetoRow(each.unit.code, each.item, each.key), corrections)
        if found is not None:
            yield found


def _history(cycle: Cycle) -> Iterator[HistoryRow]:
    """The approved results of the government's earlier years, for the units that are assessed again."""
    codes = set(cycle.subjects.values_list("code", flat=True))
    earlier = Cycle.objects.filter(owner=cycle.owner_id, year__lt=cycle.year).exclude(state="cancelled")
    for past in earlier.order_by("year"):
        run = approved_run(past)
        for grade in Grade.objects.filter(run=run).select_related("subject").order_by("subject__code"):
            if grade.subject.code in codes:
                yield HistoryRow(grade.subject.code, past.year, Decimal(grade.total), grade.rank, grade.grade)


def _decisions(cycle: Cycle) -> Iterator[DecisionRow]:
    rows: dict[str, list[Decision]] = defaultdict(list)
    for each in Decision.objects.filter(cycle=cycle).select_related("subject"):
        rows[each.group].append(each)
    for group in sorted(rows):
        for each in sorted(rows[group], key=lambda one: (one.item, one.subject.code if one.subject else "")):
            unit = each.subject.code if each.subject else ""
            yield DecisionRow(group, unit, each.item, Decimal(each.value), each.why)
