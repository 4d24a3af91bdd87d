"""Which uses of the results wait for which appeals: those that the decision could change, and no others."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from uuid import UUID

from audit.refusals import NotPossible
from cycle.models import Appeal, Correction, Cycle, Grade, Matter, PointKind, Reapproval, ScoringRun, Subject
from cycle.queries.impact import hypothetical
from cycle.queries.movement import moved
from cycle.queries.packs import rules_of
from cycle.queries.results import approved_run, latest_run, recomputed
from cycle.queries.versions import ever_in_force, held_by
from policies.scoring import Result

Place = tuple[UUID, str]
"""A unit and a use of its result."""


def waiting(cycle: Cycle) -> dict[Place, list[Matter]]:
    """Return the uses that must not be carried out yet, each with what it waits for.

    A use waits for an open appeal when granting the appeal in full would order it, drop it or change its
    amount, for whatever unit; or when it passes on the appellant's own result as such. Where only several
    appeals together would change it, it waits for those of the unit's group. What a pending approval of
    changed results would alter waits for that.
    """
    run = latest_run(cycle)
    if run is None or cycle.state not in ("feedback", "uses"):
        return {}
    rows = Appeal.objects.filter(cycle=cycle, state__in=Appeal.OPEN).select_related("subject", "cycle")
    appeals = {each.pk: each for each in rows.order_by("created_at", "id")}
    found: dict[Place, list[Matter]] = defaultdict(list)
    for place, appeal_id in _frozen(run.pk, tuple(appeals)):
        found[place].append(appeals[appeal_id])
    for place, reapproval in _to_be_approved(cycle):
        found[place].append(reapproval)
    return dict(found)


@lru_cache(maxsize=64)
def _frozen(run_id: UUID, appeal_ids: tuple[UUID, ...]) -> tuple[tuple[Place, UUID], ...]:
    """What waits for these appeals. Facts that change make a new run, so that a run stands for its facts."""
    if not appeal_ids:
        return ()
    run = ScoringRun.objects.select_related("cycle__policy").get(pk=run_id)
    rows = Appeal.objects.filter(pk__in=appeal_ids).select_related("subject", "indicator", "claim")
    appeals = list(rows.order_by("created_at", "id"))
    subjects = {each.code: each for each in run.cycle.subjects.all()}
    return tuple(dict.fromkeys(_places(run, appeals, subjects)))


def _places(
    run: ScoringRun, appeals: Sequence[Appeal], subjects: dict[str, Subject]
) -> Iterator[tuple[Place, UUID]]:
    base, alone, granted = recomputed(run.pk), set(), []
    for appeal in appeals:
        corrections = granted_in_full(appeal)
        granted += corrections
        for place in [*_own(base, appeal), *_changed(run.cycle, base, corrections, appeal, subjects)]:
            alone.add(place)
            yield place, appeal.pk
    if len(appeals) < 2:
        return
    for place in _changed(run.cycle, base, granted, None, subjects):
        if place not in alone:
            group = next(each.group for each in subjects.values() if each.pk == place[0])
            yield from ((place, each.pk) for each in appeals if each.unit.group == group)


def _own(base: Result, appeal: Appeal) -> Iterator[Place]:
    """The appellant's uses that pass its result on as it is; all of them where the grade is contested."""
    unit, rules = base.unit(appeal.unit.code), rules_of(appeal.cycle).uses
    for use in unit.uses:
        if appeal.point == PointKind.GRADE or not rules[use.id].when.tests:
            yield appeal.unit.pk, use.id


def _changed(
    cycle: Cycle,
    base: Result,
    corrections: Sequence[Correction],
    appeal: Appeal | None,
    subjects: dict[str, Subject],
) -> Iterator[Place]:
    """The uses that these corrections would change; all of the appellant's where that cannot be computed."""
    if not corrections:
        return
    try:
        after = hypothetical(cycle, corrections)
    except NotPossible:
        if appeal is not None:
            yield from ((appeal.unit.pk, use.id) for use in base.unit(appeal.unit.code).uses)
        return
    for one in moved(base, after):
        yield from ((subjects[one.code].pk, use.id) for use in one.uses)


def granted_in_full(appeal: Appeal) -> list[Correction]:
    """Return the corrections, not saved, that the appellant could at best obtain.

    Full points for an indicator; a deduction or veto lifted; a bonus recognised as claimed. A contested grade
    follows from points and has none.
    """
    if appeal.claim is not None:
        harmful = appeal.claim.sort in ("deduction", "veto")
        if harmful == (appeal.claim.state == "confirmed"):
            return [Correction(cycle=appeal.cycle, claim=appeal.claim, void=harmful, note=appeal.title)]
        return []
    return list(_full_points(appeal)) if appeal.indicator is not None else []


def _full_points(appeal: Appeal) -> Iterator[Correction]:
    """Full points in every round in which the indicator brought less, under the version of that round."""
    run, indicator = latest_run(appeal.cycle), appeal.indicator
    if run is None or indicator is None:
        return
    component = recomputed(run.pk).unit(appeal.unit.code).flat().get(indicator.component)
    pack, versions = rules_of(appeal.cycle), ever_in_force(appeal.cycle)
    for version in versions.filter(subject=appeal.subject, key=indicator.key).select_related("subject"):
        held = held_by(pack, version, appeal.cycle.year)
        for round, result in component.rounds.items() if component else ():
            points = result.indicators.get(indicator.key)
            if held.covers(round) and points is not None and points < version.points:
                yield Correction(
                    cycle=appeal.cycle,
                    indicator=version,
                    round=round,
                    score=version.points,
                    note=appeal.title,
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
    """Return what a use waits for, in words."""
    return "、".join(f"“{each.title}”" for each in causes)
