"""How many places a level has, and who gets the last one when totals are equal."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from typing import Any

from policies.exact import percent, whole
from policies.packs.outcome import Level, Quota
from policies.scoring.records import UnitResult
from policies.scoring.run import Run

_ROUND_WORDS = {"half_up": "四舍五入", "half_even": "四舍六入五成双", "floor": "只舍不入", "ceil": "只入不舍"}


@dataclass(frozen=True, slots=True)
class Places:
    """The places of a level in one class: how many, how they were worked out, the least there should be."""

    count: int
    text: str
    least: int = 0


def places_of(run: Run, group: str, grade: str, quota: Quota, ranked: int) -> Places:
    """A share of the ranked units (barred and fixed ones included), or a count, as decided between two."""
    if quota.share is not None and quota.round is not None:
        count = max(whole(quota.share * ranked, quota.round), quota.at_least)
        text = f"{ranked} 个单位的 {percent(quota.share)}，{_ROUND_WORDS[quota.round]}"
        return Places(count, f"名额 {count} 个（{text}）")
    low, high = quota.count or (0, 0)
    decision = run.index.decisions.get((group, "", f"quota:{grade}"))
    if low == high:
        return Places(high, f"名额 {high} 个", low)
    if decision is None:
        return Places(high, f"名额 {low} 至 {high} 个，未作决定，按最多 {high} 个", low)
    count = int(decision.value)
    return Places(count, f"名额 {low} 至 {high} 个，决定 {count} 个", low)


@dataclass(frozen=True, slots=True)
class Cut:
    """Who won a level's places; `tied` wait for a decision about `slots` places."""

    winners: list[UnitResult]
    tied: list[UnitResult]
    slots: int


def cut(run: Run, grade: str, level: Level, eligible: list[UnitResult], count: int) -> Cut:
    """The highest totals first; equal totals at the last place are settled by the level's rule for ties."""
    if len(eligible) <= count:
        return Cut(list(eligible), [], 0)
    winners: list[UnitResult] = []
    ordered = sorted(eligible, key=lambda one: _order(level, one), reverse=True)
    for _, same in groupby(ordered, key=lambda one: _order(level, one)):
        tied = list(same)
        slots = count - len(winners)
        if len(tied) <= slots:
            winners += tied
            continue
        if slots > 0:
            return _settled(run, grade, level, winners, tied, slots)
        break
    return Cut(winners, [], 0)


def _order(level: Level, unit: UnitResult) -> tuple[Any, ...]:
    """The published total, then what the level says to look at; never id or order of input."""
    return (unit.total, *(_tie_value(key, unit) for key in level.ties.by))


def _tie_value(key: str, unit: UnitResult) -> tuple[bool, Fraction]:
    if key == "exact_total":
        return True, unit.exact_total
    if key == "fewer:deduction":
        return True, -unit.deduction.value
    found = unit.flat().get(key)
    if found is None or found.value is None:
        return False, Fraction(0)
    return True, found.value


def _settled(
    run: Run, grade: str, level: Level, winners: list[UnitResult], tied: list[UnitResult], slots: int
) -> Cut:
    if level.ties.then == "over":
        return Cut(winners + tied, [], 0)
    if level.ties.then == "under":
        return Cut(winners, [], 0)
    item = f"tie:{grade}"
    decided = {one.unit.unit: run.index.decisions.get((one.group, one.unit.unit, item)) for one in tied}
    orders = [row.value for row in decided.values() if row is not None]
    if len(orders) == len(tied) and len(set(orders)) == len(tied):
        first = [one for _, one in sorted(zip(orders, tied, strict=True), key=itemgetter(0))]
        return Cut(winners + first[:slots], [], 0)
    if len(set(orders)) < len(orders):
        line = next(row.line for row in decided.values() if row is not None)
        run.error("decisions.csv", line, "value", f"{item} 的顺序有重复，每个并列单位要有不同的顺序。")
    return Cut(winners, tied, slots)
