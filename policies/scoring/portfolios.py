"""Components scored by other results: special assessments by grade, portfolios of a leader by totals."""

from dataclasses import dataclass
from fractions import Fraction

from policies.exact import exact_sum, plain
from policies.packs.content import GivenRange
from policies.packs.values import Score
from policies.scoring.measures import exact
from policies.scoring.records import RoundResult, UnitResult
from policies.scoring.run import Scope


@dataclass(frozen=True, slots=True)
class OtherResult:
    """A result that counts for a unit: of this run, or of `results.csv`."""

    subject: str
    total: Fraction | None
    grade: str | None
    weight: Fraction
    line: int


def other_results(scope: Scope, unit: UnitResult) -> list[OtherResult]:
    """The results the component looks at, in the order of their subjects."""
    source = scope.component.results_of
    if source is None or source.file:
        rows = scope.run.index.results.get((unit.unit.unit, scope.key), [])
        return [
            OtherResult(
                row.subject,
                exact(row.total) if row.total is not None else None,
                row.grade or None,
                exact(row.weight) if row.weight is not None else Fraction(1),
                row.line,
            )
            for row in rows
        ]
    linked = [
        one
        for one in scope.run.units.values()
        if one.group in source.group
        and unit.unit.unit in one.unit.attributes.get(source.linked_by or "", "").split()
    ]
    linked.sort(key=lambda one: one.unit.unit)
    return [OtherResult(one.unit.unit, one.total, one.grade, Fraction(1), one.unit.line) for one in linked]


def portfolio_round(scope: Scope, unit: UnitResult, round_id: str) -> RoundResult | None:
    """Points × the weighted mean of the totals ÷ scale; None without any result."""
    results = other_results(scope, unit)
    for one in results:
        if one.total is None:
            scope.run.error("results.csv", one.line, "total", f"“{one.subject}”没有得分，请填写 total。")
    weight = exact_sum(one.weight for one in results)
    if weight <= 0:
        return None
    total = exact_sum(one.total * one.weight for one in results if one.total is not None)
    return RoundResult(scope.points * total / weight / scope.run.pack.scale)


def special_round(scope: Scope, unit: UnitResult, round_id: str) -> RoundResult | None:
    """The points of the grade each special assessment brought; several: mean, worst or best."""
    points = [value for one in other_results(scope, unit) if (value := _points(scope, unit, one)) is not None]
    if not points:
        return None
    several = scope.component.several
    if several == "mean":
        return RoundResult(exact_sum(points) / len(points))
    return RoundResult(min(points) if several == "worst" else max(points))


def _points(scope: Scope, unit: UnitResult, one: OtherResult) -> Fraction | None:
    mapped = scope.component.map.get(one.grade or "")
    if mapped is None:
        known = "、".join(scope.component.map)
        message = f"“{one.subject}”的等次“{one.grade or '空'}”没有对应的分值，可以写：{known}。"
        scope.run.error("results.csv", one.line, "grade", message)
        return None
    if isinstance(mapped, Score):
        return mapped.of(scope.points)
    return _decided(scope, unit, one, mapped)


def _decided(scope: Scope, unit: UnitResult, one: OtherResult, bounds: GivenRange) -> Fraction | None:
    """Points within a range are a recorded decision, for the subject or for the component."""
    low, high = bounds.low.of(scope.points), bounds.high.of(scope.points)
    decisions = scope.run.index.decisions
    items = (f"points:{scope.key}/{one.subject}", f"points:{scope.key}")
    found = [row for item in items if (row := decisions.get((unit.group, unit.unit.unit, item)))]
    if not found:
        message = (
            f"{unit.unit.title}“{one.subject}”应当在 {plain(low)} 到 {plain(high)} 分之间决定，"
            f"请在 decisions.csv 记录决定（{items[0]}）。"
        )
        scope.run.error("decisions.csv", 0, "value", message)
        return None
    value = exact(found[0].value)
    if not low <= value <= high:
        message = f"决定的 {plain(value)} 分超出范围，应当在 {plain(low)} 到 {plain(high)} 分之间。"
        scope.run.error("decisions.csv", found[0].line, "value", message)
        return None
    return value
