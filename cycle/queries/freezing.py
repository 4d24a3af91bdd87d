"""Which uses of the results wait for which appeals and rechecks: those that these could change, no others."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

from django.db.models import QuerySet

from audit.refusals import NotPossible
from cycle.models import (
    AdjustmentClaim,
    Appeal,
    Correction,
    Cycle,
    Grade,
    Matter,
    PointKind,
    Reapproval,
    Recheck,
    ScoringRun,
    Subject,
)
from cycle.queries.impact import hypothetical
from cycle.queries.movement import moved
from cycle.queries.overlay import recorded_claim
from cycle.queries.packs import rules_of
from cycle.queries.results import approved_run, latest_run, recomputed
from cycle.queries.versions import ever_in_force, held_by
from policies.scoring import Result

Place = tuple[UUID, str]
"""A unit and a use of its result."""

_INNER = str.maketrans("“”", "‘’")

Case = Appeal | Recheck
"""What contests a point or measures it again: both name the unit, the point, its indicator or its claim."""


def waiting(cycle: Cycle) -> dict[Place, list[Matter]]:
    """Return the uses that must not be carried out yet, each with what it waits for.

    A use waits for an open appeal when granting the appeal in full would order it, drop it or change its
    amount, for whatever unit; or when it passes on the appellant's own result as such. Where only several
    appeals together would change it, it waits for those of the unit's group. A point that is measured again
    holds up its uses likewise, until the new value is confirmed. What a pending approval of changed results
    would alter waits for that.
    """
    run = latest_run(cycle)
    if run is None or cycle.state not in ("feedback", "uses"):
        return {}
    appeals = Appeal.objects.filter(cycle=cycle, state__in=Appeal.OPEN)
    rechecks = Recheck.objects.filter(cycle=cycle).exclude(state__in=Recheck.FINAL)
    cases = {each.pk: each for each in _in_order(appeals, rechecks)}
    found: dict[Place, list[Matter]] = defaultdict(list)
    for place, case_id in _frozen(run.pk, tuple(cases)):
        found[place].append(cases[case_id])
    for place, reapproval in _to_be_approved(cycle):
        found[place].append(reapproval)
    return dict(found)


def _in_order(appeals: QuerySet[Appeal], rechecks: QuerySet[Recheck]) -> list[Case]:
    """The appeals and the rechecks with what they are about, the oldest first."""
    parts = ("subject", "cycle", "indicator", "claim")
    found: list[Case] = [*appeals.select_related(*parts)]
    found += rechecks.select_related(*parts)
    return sorted(found, key=lambda each: (each.created_at, each.pk))


@lru_cache(maxsize=64)
def _frozen(run_id: UUID, case_ids: tuple[UUID, ...]) -> tuple[tuple[Place, UUID], ...]:
    """What waits for these cases. Facts that change make a new run, so that a run stands for its facts."""
    if not case_ids:
        return ()
    run = ScoringRun.objects.select_related("cycle__policy").get(pk=run_id)
    cases = _in_order(Appeal.objects.filter(pk__in=case_ids), Recheck.objects.filter(pk__in=case_ids))
    subjects = {each.code: each for each in run.cycle.subjects.all()}
    return tuple(dict.fromkeys(_places(run, cases, subjects)))


def _places(
    run: ScoringRun, cases: Sequence[Case], subjects: dict[str, Subject]
) -> Iterator[tuple[Place, UUID]]:
    base, alone, granted = recomputed(run.pk), set(), []
    for case in cases:
        full = granted_in_full(case)
        granted += full
        found = [*_own(base, case), *_changed(run.cycle, base, full, case, subjects)]
        found += _changed(run.cycle, base, _lost(case), case, subjects)
        for place in found:
            alone.add(place)
            yield place, case.pk
    if len(cases) < 2:
        return
    for place in _changed(run.cycle, base, granted, None, subjects):
        if place not in alone:
            group = next(each.group for each in subjects.values() if each.pk == place[0])
            yield from ((place, each.pk) for each in cases if each.unit.group == group)


def _own(base: Result, case: Case) -> Iterator[Place]:
    """The unit's uses that pass its result on as it is; all of them where the grade is contested."""
    unit, rules = base.unit(case.unit.code), rules_of(case.cycle).uses
    for use in unit.uses:
        if case.point == PointKind.GRADE or not rules[use.id].when.tests:
            yield case.unit.pk, use.id


def _changed(
    cycle: Cycle,
    base: Result,
    corrections: Sequence[Correction],
    case: Case | None,
    subjects: dict[str, Subject],
) -> Iterator[Place]:
    """The uses that these corrections would change; all of the unit's where that cannot be computed."""
    if not corrections:
        return
    try:
        after = hypothetical(cycle, corrections)
    except NotPossible:
        if case is not None:
            yield from ((case.unit.pk, use.id) for use in base.unit(case.unit.code).uses)
        return
    for one in moved(base, after):
        yield from ((subjects[one.code].pk, use.id) for use in one.uses)


def granted_in_full(case: Case) -> list[Correction]:
    """Return the corrections, not saved, that the unit could at best obtain.

    Full points for an indicator; a deduction or veto lifted; a bonus recognised as claimed. A contested grade
    follows from points and has none.
    """
    if case.claim is not None:
        return _turned(case, case.claim, to=case.claim.sort == "bonus")
    return list(_points(case, full=True))


def _lost(case: Case) -> list[Correction]:
    """What a correction that the office itself has asked for could at worst take from the unit.

    An appeal, and what it sends back, is brought for more.
    """
    if isinstance(case, Appeal) or case.case_id is not None:
        return []
    if case.claim is not None:
        return _turned(case, case.claim, to=case.claim.sort != "bonus")
    return list(_points(case, full=False))


def _turned(case: Case, claim: AdjustmentClaim, *, to: bool) -> list[Correction]:
    """The claim counting, or not; nothing where that is what it does now."""
    now = recorded_claim(claim)
    if now.counts == to:
        return []
    return [
        Correction(
            cycle=case.cycle, claim=claim, void=not to, count=now.count, points=now.points, note=case.title
        )
    ]


def _points(case: Case, *, full: bool) -> Iterator[Correction]:
    """Full or no points in every round in which the indicator brought others, by the version of the round."""
    run, indicator = latest_run(case.cycle), case.indicator
    if run is None or indicator is None:
        return
    component = recomputed(run.pk).unit(case.unit.code).flat().get(indicator.component)
    pack, versions = rules_of(case.cycle), ever_in_force(case.cycle)
    for version in versions.filter(subject=case.subject, key=indicator.key).select_related("subject"):
        held, wanted = held_by(pack, version, case.cycle.year), version.points if full else Decimal(0)
        for round, result in component.rounds.items() if component else ():
            points = result.indicators.get(indicator.key)
            if held.covers(round) and points is not None and (points < wanted if full else points > wanted):
                yield Correction(
                    cycle=case.cycle, indicator=version, round=round, score=wanted, note=case.title
                )


def _to_be_approved(cycle: Cycle) -> Iterator[tuple[Place, Matter]]:
    """What the results that wait for approval would change in the uses of the approved ones."""
    rows = Reapproval.objects.filter(cycle=cycle).exclude(state__in=Reapproval.FINAL)
    pending = list(rows.select_related("run").order_by("run__number"))
    before = approved_run(cycle) if pending else None
    for reapproval in pending:
        if before is not None and reapproval.run is not None:
            yield from ((place, reapproval) for place in _differing(before, reapproval.run))


def _differing(before: ScoringRun, after: ScoringRun) -> Iterator[Place]:
    old, new = _uses(before), _uses(after)
    for place in sorted({*old, *new}, key=str):
        if old.get(place) != new.get(place):
            yield place


def _uses(run: ScoringRun) -> dict[Place, str]:
    """The uses of a run's grades with their amounts."""
    rows = Grade.objects.filter(run=run).values_list("subject_id", "uses")
    return {
        (subject_id, use["id"]): use.get("amount", {}).get("value", "")
        for subject_id, uses in rows
        for use in uses
    }


def reason(causes: Iterable[Matter]) -> str:
    """Return what a use waits for, in words; a title that quotes itself is quoted inside."""
    return "、".join(f"“{each.title.translate(_INNER)}”" for each in causes)
