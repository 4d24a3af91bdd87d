"""Where a unit stands: in its group this year, and against its own result of the year before."""

from fractions import Fraction
from typing import Any

from cycle.models import Cycle, Grade
from cycle.queries.results import approved_run
from policies.exact import exact_sum, fixed, plain
from policies.scoring import Result, UnitResult

PLACES = 2
"""Decimals of means and medians where the policy does not say how totals are rounded."""


def group_standing(result: Result, found: UnitResult) -> dict[str, Any]:
    """Return the mean, best and median of the units ranked together, in total and per component."""
    peers = [
        each for each in result.units if (each.group, each.class_name) == (found.group, found.class_name)
    ]
    lines = []
    for key, one in found.flat().items():
        if one.value is None:
            continue
        others = [each.flat()[key].value for each in peers if key in each.flat()]
        lines.append(
            {"key": key, "title": one.component.title, "own": plain(one.value)}
            | _measures(result, [value for value in others if value is not None])
        )
    return {
        "units": len(peers),
        "total": {"own": result.total_text(found)} | _measures(result, [each.total for each in peers]),
        "components": lines,
    }


def _measures(result: Result, values: list[Fraction]) -> dict[str, str]:
    rounding = result.pack.rounding.get("total")
    places = rounding.places if rounding else PLACES
    ordered = sorted(values)
    middle = ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]
    return {
        "mean": fixed(exact_sum(ordered) / len(ordered), places),
        "best": fixed(ordered[-1], places),
        "median": fixed(middle / 2, places),
    }


def last_year(cycle: Cycle, result: Result, found: UnitResult) -> dict[str, Any] | None:
    """Return the unit's approved result of its last assessed year, with what has changed since."""
    years = [row for row in result.facts.history if row.unit == found.unit.unit and row.year < cycle.year]
    if not years:
        return None
    row = max(years, key=lambda each: each.year)
    then = Fraction(row.total) if row.total is not None else None
    return {
        "year": row.year,
        "total": plain(then) if then is not None else "",
        "rank": row.rank,
        "grade": _grade_title(cycle, row.year, found.unit.unit),
        "change": plain(found.total - then) if then is not None else "",
        "places": row.rank - found.rank if row.rank and found.rank else None,
    }


def _grade_title(cycle: Cycle, year: int, code: str) -> str:
    past = Cycle.objects.filter(owner=cycle.owner_id, year=year).exclude(state="cancelled").first()
    run = approved_run(past) if past else None
    title = Grade.objects.filter(run=run, subject__code=code).values_list("grade_title", flat=True).first()
    return title or ""
