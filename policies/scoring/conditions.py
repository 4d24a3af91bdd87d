"""Does a condition hold for a unit? One small function for every key of the language."""

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any, Final

from policies.exact import exact_sum
from policies.packs.conditions import ApartTest, Condition, HistoryTest, ImprovedTest, RankTest
from policies.packs.values import Compare
from policies.scoring.index import is_ranked
from policies.scoring.measures import exact
from policies.scoring.ranking import places
from policies.scoring.records import UnitResult
from policies.scoring.run import Run


def holds(run: Run, unit: UnitResult, condition: Condition) -> bool:
    """All tests hold; a condition without tests always does."""
    return all(_TESTS[test.key](run, unit, test.argument) for test in condition.tests)


def _group(run: Run, unit: UnitResult, groups: tuple[str, ...]) -> bool:
    return unit.group in groups


def _attribute(run: Run, unit: UnitResult, wanted: dict[str, tuple[str, ...]]) -> bool:
    return all(unit.unit.attributes.get(name, "") in values for name, values in wanted.items())


def _grade(run: Run, unit: UnitResult, grades: tuple[str, ...]) -> bool:
    return unit.grade in grades


def _grade_or_worse(run: Run, unit: UnitResult, grade: str) -> bool:
    order = _levels(run, unit)
    return unit.grade is not None and grade in order and order.index(unit.grade) >= order.index(grade)


def _grade_or_better(run: Run, unit: UnitResult, grade: str) -> bool:
    order = _levels(run, unit)
    return unit.grade is not None and grade in order and order.index(unit.grade) <= order.index(grade)


def _levels(run: Run, unit: UnitResult) -> list[str]:
    scheme = run.pack.grades.get(unit.group)
    return list(scheme.levels) if scheme else []


def _total(run: Run, unit: UnitResult, compare: Compare) -> bool:
    return compare.holds(unit.total)


def _share_of(unit: UnitResult, component: str) -> Fraction | None:
    found = unit.flat().get(component)
    if found is None or found.value is None or not found.points:
        return None
    return found.value / found.points * 100


def _percent(run: Run, unit: UnitResult, wanted: dict[str, Compare]) -> bool:
    shares = {key: _share_of(unit, key) for key in wanted}
    return all(share is not None and wanted[key].holds(share) for key, share in shares.items())


def _satisfaction(run: Run, unit: UnitResult, compare: Compare) -> bool:
    """The mean satisfaction over the rounds that counted, weighted as they count."""
    values, weights = [], []
    for key, component in unit.flat().items():
        for round_id, weight in component.weights.items():
            row = run.index.surveys.get((unit.unit.unit, key, round_id))
            if row is not None and component.component.scored_by == "survey":
                values.append(exact(row.satisfaction) * weight)
                weights.append(weight)
    return bool(weights) and compare.holds(exact_sum(values) / exact_sum(weights))


def _indicator(run: Run, unit: UnitResult, wanted: dict[str, Compare]) -> bool:
    """The latest actual, by the order of the rounds in which the indicator is read."""
    return all(
        (value := _latest(run, unit, indicator)) is not None and compare.holds(value)
        for indicator, compare in wanted.items()
    )


def _latest(run: Run, unit: UnitResult, indicator: str) -> Fraction | None:
    rows = [row for row in run.index.unit_readings.get(unit.unit.unit, []) if row.indicator == indicator]
    numbers = [row for row in rows if row.actual is not None and not isinstance(row.actual, str)]
    if not numbers:
        return None
    latest = max(numbers, key=lambda row: run.round_end(row.round))
    return exact(latest.actual) if latest.actual is not None and not isinstance(latest.actual, str) else None


def _rank(run: Run, unit: UnitResult, test: RankTest) -> bool:
    """Among the first or last n; tied units all count in, so that the third place may be several units."""
    if not is_ranked(unit.unit):
        return False
    if not test.within:
        place = unit.rank_from_end if test.from_end else unit.rank
        return place is not None and place <= test.place
    if unit.group not in test.within:
        return False
    key = ("places", test.within, test.from_end)
    return run.once(key, partial(_places_within, run, test))[unit.total] <= test.place


def _places_within(run: Run, test: RankTest) -> dict[Fraction, int]:
    others = [one for one in run.units.values() if one.group in test.within and is_ranked(one.unit)]
    return places([one.total for one in others], from_end=test.from_end)


def _veto(run: Run, unit: UnitResult, items: tuple[str, ...]) -> bool:
    return any(veto.item in items for veto in unit.vetoes)


def _bonus(run: Run, unit: UnitResult, items: tuple[str, ...]) -> bool:
    return any(line.item in items for line in unit.bonus.lines)


def _deduction(run: Run, unit: UnitResult, items: tuple[str, ...]) -> bool:
    return any(line.item in items for line in unit.deduction.lines)


def _history(run: Run, unit: UnitResult, test: HistoryTest) -> bool:
    """The grade so many years running, this one included; a missing year breaks the run and is warned of."""
    if unit.grade not in test.grades:
        return False
    for back in range(1, test.running):
        year = run.facts.year - back
        row = run.index.history.get((unit.unit.unit, year))
        if row is None:
            message = f"{unit.unit.title}没有 {year} 年的结果，连续年数从这里断开。"
            run.warn("history", unit, str(year), message)
            return False
        if row.grade not in test.grades:
            return False
    return True


def _improved(run: Run, unit: UnitResult, test: ImprovedTest) -> bool:
    """Among the first n of the class by a positive improvement on last year."""
    gain = _gain(run, unit, test.by)
    if gain is None or gain <= 0:
        return False
    key = ("gains", unit.group, unit.class_name, test.by)
    return run.once(key, partial(_places_of_gains, run, unit, test.by))[gain] <= test.first


def _places_of_gains(run: Run, unit: UnitResult, by: str) -> dict[Fraction, int]:
    members = run.classes[unit.group, unit.class_name]
    return places([gain for one in members if (gain := _gain(run, one, by)) is not None])


def _gain(run: Run, unit: UnitResult, by: str) -> Fraction | None:
    row = run.index.history.get((unit.unit.unit, run.facts.year - 1))
    if row is None or not is_ranked(unit.unit):
        return None
    if by == "total":
        return unit.total - exact(row.total) if row.total is not None else None
    return Fraction(row.rank - unit.rank) if row.rank is not None and unit.rank is not None else None


def _apart(run: Run, unit: UnitResult, test: ApartTest) -> bool:
    first, second = _share_of(unit, test.of[0]), _share_of(unit, test.of[1])
    return first is not None and second is not None and abs(first - second) >= test.by


def _any(run: Run, unit: UnitResult, conditions: tuple[Condition, ...]) -> bool:
    return any(holds(run, unit, condition) for condition in conditions)


def _not(run: Run, unit: UnitResult, conditions: tuple[Condition, ...]) -> bool:
    return not any(holds(run, unit, condition) for condition in conditions)


_TESTS: Final[dict[str, Callable[[Run, UnitResult, Any], bool]]] = {
    "group": _group,
    "attribute": _attribute,
    "grade": _grade,
    "grade_or_worse": _grade_or_worse,
    "grade_or_better": _grade_or_better,
    "total": _total,
    "percent": _percent,
    "satisfaction": _satisfaction,
    "indicator": _indicator,
    "rank": _rank,
    "veto": _veto,
    "bonus": _bonus,
    "deduction": _deduction,
    "history": _history,
    "improved": _improved,
    "apart": _apart,
    "any": _any,
    "not": _not,
}
