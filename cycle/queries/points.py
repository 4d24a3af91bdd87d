"""What a unit can contest: the points of its result, each with what it got and by which article."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from audit.refusals import NotFound
from cycle.models import (
    AdjustmentClaim,
    Appeal,
    Cycle,
    Grade,
    Indicator,
    PointKind,
    Recheck,
    ScoringRun,
    Subject,
)
from cycle.queries.packs import rules_of
from cycle.queries.results import recomputed
from cycle.queries.rules import claim_items
from cycle.services.numbers import plain
from policies.exact import plain as exact_text
from policies.scoring import UnitResult


@dataclass(frozen=True, slots=True)
class Point:
    """One contestable point of a unit's result (得分点).

    `id` is stable in addresses: `indicator:<uuid>`, `claim:<uuid>`, `veto:<uuid>` or `grade`. `full` and
    `score` are what it can bring and what it brought, as text.
    """

    kind: PointKind
    id: str
    title: str
    full: str
    score: str
    cite: str
    indicator: Indicator | None = None
    claim: AdjustmentClaim | None = None


def points_of(subject: Subject, run: ScoringRun) -> list[Point]:
    """Return everything of a run that the unit can contest: indicators, adjustments, vetoes, the grade.

    Leaders' ballots and public surveys are counted, not judged: they are no points of their own.
    """
    found = recomputed(run.pk).unit(subject.code)
    return [*_indicators(subject, found), *_claims(subject), *_grade(subject, run)]


def point_of(subject: Subject, run: ScoringRun, point_id: str) -> Point:
    """Return one point of the unit; raises NotFound for one that is not its own or cannot be contested."""
    for point in points_of(subject, run):
        if point.id == point_id:
            return point
    raise NotFound("没有找到这个得分点，它可能不属于你的单位，或者不是可以申诉的事项。")


def point_contested(appeal: Appeal) -> Point:
    """Return the point that an appeal is about, as it stands in the run that it contests."""
    points = points_of(appeal.unit, appeal.run)
    return next(point for point in points if _is(point, appeal))


def _is(point: Point, appeal: Appeal) -> bool:
    if point.kind != appeal.point:
        return False
    if point.indicator and appeal.indicator:
        return point.indicator.key == appeal.indicator.key
    return point.claim is None or point.claim.pk == appeal.claim_id


def of_same_point(subject: Subject, point: Point) -> list[Appeal]:
    """Return the appeals that this unit has brought on a point, of whatever version of an indicator."""
    rows = Appeal.objects.filter(subject=subject, point=point.kind).select_related("indicator")
    if point.indicator:
        rows = rows.filter(indicator__key=point.indicator.key)
    if point.claim:
        rows = rows.filter(claim=point.claim)
    return list(rows.order_by("created_at"))


def _indicators(subject: Subject, found: UnitResult) -> Iterator[Point]:
    rows = Indicator.objects.filter(subject=subject).exclude(state="draft").order_by("position", "-version")
    seen: set[str] = set()
    for each in rows.select_related("collector__organisation"):
        if each.key not in seen:
            seen.add(each.key)
            yield Point(
                PointKind.INDICATOR,
                f"indicator:{each.pk}",
                each.title,
                plain(each.points),
                indicator_score(found, each.component, each.key),
                _component_cite(subject, each.component),
                indicator=each,
            )


def indicator_score(found: UnitResult, component: str, key: str) -> str:
    """Return an indicator's points over all rounds, weighted as the component is; empty if not scored."""
    result = found.flat().get(component)
    if result is None:
        return ""
    scored = {name: one.indicators.get(key) for name, one in result.rounds.items()}
    parts = [value * result.weights[name] for name, value in scored.items() if value is not None]
    return exact_text(sum(parts[1:], parts[0])) if parts else ""


def _component_cite(subject: Subject, component: str) -> str:
    rule = rules_of(subject.cycle).component(subject.group, component)
    return (rule.cite or "") if rule else ""


def _claims(subject: Subject) -> Iterator[Point]:
    pack = rules_of(subject.cycle)
    rows = AdjustmentClaim.objects.filter(subject=subject, state__in=AdjustmentClaim.FINAL)
    for claim in rows.order_by("sort", "key"):
        item = claim_items(pack, subject.group, claim.sort).get(claim.item)
        kind = PointKind.VETO if claim.sort == "veto" else PointKind.CLAIM
        points = plain(claim.points) or (item.points if item else "")
        score = f"{points} 分" if points else ""
        yield Point(
            kind,
            f"{kind}:{claim.pk}",
            f"{claim.get_sort_display()}：{item.title if item else claim.item}",
            score,
            f"{claim.state_title}" + (f"，{score}" if score and claim.state == "confirmed" else ""),
            item.cite if item else "",
            claim=claim,
        )


def _grade(subject: Subject, run: ScoringRun) -> Iterator[Point]:
    grade = Grade.objects.filter(run=run, subject=subject).first()
    if grade is None:
        return
    levels = rules_of(subject.cycle).grades.get(subject.group)
    level = levels.levels.get(grade.grade) if levels else None
    shown = f"{grade.grade_title or '待定'}（第 {grade.rank or '—'} 名）"
    yield Point(PointKind.GRADE, "grade", "考核等次和名次", "", shown, (level.cite or "") if level else "")


def is_frozen(
    cycle: Cycle, *, indicator_key: str = "", subject_id: UUID, claim_id: UUID | None = None
) -> bool:
    """Whether an open appeal of the unit, or an unfinished recheck, freezes this indicator or claim."""
    return any(
        at_work(cycle, indicator_key=indicator_key, subject_id=subject_id, claim_id=claim_id)
        for at_work in (is_contested, is_rechecked)
    )


def is_contested(
    cycle: Cycle, *, indicator_key: str = "", subject_id: UUID, claim_id: UUID | None = None
) -> bool:
    """Whether an open appeal of the unit is about this indicator or claim, or, without either, its grade."""
    rows = Appeal.objects.filter(cycle=cycle, subject=subject_id, state__in=Appeal.OPEN)
    return rows.filter(_on(indicator_key, claim_id)).exists()


def is_rechecked(
    cycle: Cycle, *, indicator_key: str = "", subject_id: UUID, claim_id: UUID | None = None
) -> bool:
    """Whether the unit's indicator or claim, or, without either, its grade is being measured again."""
    rows = Recheck.objects.filter(cycle=cycle, subject=subject_id).exclude(state__in=Recheck.FINAL)
    return rows.filter(_on(indicator_key, claim_id)).exists()


def _on(indicator_key: str, claim_id: UUID | None) -> Q:
    """A point, whatever version of its indicator a case names."""
    if claim_id:
        return Q(claim=claim_id)
    return Q(indicator__key=indicator_key) if indicator_key else Q(point=PointKind.GRADE)
