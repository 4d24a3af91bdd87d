"""评定等次 of one class: vetoes that fix a grade, levels from the best with their quotas, lowering."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policies.exact import fixed, plain
from policies.packs.outcome import Level
from policies.scoring.conditions import holds
from policies.scoring.index import is_ranked
from policies.scoring.quotas import Places, cut, places_of
from policies.scoring.records import UnitResult
from policies.scoring.run import Run
from policies.scoring.vetoes import barred_levels, fixed_grade, levels_lowered


@dataclass(slots=True)
class _Pending:
    """Tied units waiting for a decision; so many of them will fall to a lower level."""

    units: list[UnitResult]
    losers: int


@dataclass(slots=True)
class _Award:
    """One pass over the levels: what each unit won (None: waiting for a decision), and why not better."""

    won: dict[str, str | None] = field(default_factory=dict)
    reasons: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[tuple[str, str]] = field(default_factory=list)


def grade_class(run: Run, members: list[UnitResult]) -> None:
    """Give every ranked unit of the class its grade; a tie without a decision leaves it open."""
    scheme = run.pack.grades.get(members[0].group)
    ranked = [one for one in members if is_ranked(one.unit)]
    if scheme is None or not ranked:
        return
    settled: dict[str, str] = {}
    for one in ranked:
        one.barred = barred_levels(run, one)
        fixed_by = fixed_grade(run, one)
        if fixed_by:
            grade, veto = fixed_by
            settled[one.unit.unit] = grade
            one.grade_reason = f"因“{veto.title}”定为“{scheme.levels[grade].title}”{_cited(veto.cite)}。"
    award = _awarded(run, ranked, scheme.levels, settled)
    while fresh := _vacated(run, ranked, scheme.levels, award):
        settled.update(fresh)
        award = _awarded(run, ranked, scheme.levels, settled)
    for code, message in award.warnings:
        run.warn(code, None, ranked[0].class_name, message, group=ranked[0].group)
    for one in ranked:
        _close(run, one, scheme.levels, award, settled)


def _awarded(
    run: Run, ranked: list[UnitResult], levels: Mapping[str, Level], settled: Mapping[str, str]
) -> _Award:
    """Level by level from the best; the last takes whoever is left."""
    award = _Award()
    remaining = [one for one in ranked if one.unit.unit not in settled]
    pending: list[_Pending] = []
    for grade, level in levels.items():
        eligible = [one for one in remaining if _is_candidate(run, one, grade, level, award)]
        if level.quota is None:
            winners = eligible
            tied: list[UnitResult] = []
            for pool in pending:
                pool.losers -= min(pool.losers, _candidates(run, pool, grade, level))
        else:
            places = places_of(run, ranked[0].group, grade, level.quota, len(ranked))
            winners, tied = _filled(run, grade, level, eligible, places, pending, award)
        award.won.update((one.unit.unit, grade) for one in winners)
        award.won.update((one.unit.unit, None) for one in tied)
        remaining = [one for one in remaining if one.unit.unit not in award.won]
    return award


def _filled(
    run: Run,
    grade: str,
    level: Level,
    eligible: list[UnitResult],
    places: Places,
    pending: list[_Pending],
    award: _Award,
) -> tuple[list[UnitResult], list[UnitResult]]:
    """Fill a quota. Places that losers of an open tie above may still claim are kept for them."""
    kept = 0
    for pool in pending:
        claim = min(pool.losers, _candidates(run, pool, grade, level), places.count - kept)
        pool.losers -= claim
        kept += claim
    outcome = cut(run, grade, level, eligible, places.count - kept)
    winners = set(outcome.winners)
    for one in eligible:
        won = one in winners
        text = (
            f"按得分取得“{level.title}”{places.text}之一"
            if won
            else f"“{level.title}”{places.text}，没有取得"
        )
        award.reasons.setdefault(one.unit.unit, []).append(text)
    if outcome.tied:
        pending.append(_Pending(outcome.tied, len(outcome.tied) - outcome.slots))
        names = "、".join(one.unit.title for one in outcome.tied)
        message = (
            f"{names}得分并列，“{level.title}”还剩 {outcome.slots} 个名额，"
            f"请研究决定先后并在 decisions.csv 记录（tie:{grade}）。"
        )
        award.warnings.append(("tie", message))
    elif len(outcome.winners) + kept < places.least:
        message = f"“{level.title}”应当有 {places.least} 个，只有 {len(outcome.winners)} 个单位够条件。"
        award.warnings.append(("quota", message))
    return outcome.winners, outcome.tied


def _candidates(run: Run, pool: _Pending, grade: str, level: Level) -> int:
    return sum(_is_candidate(run, one, grade, level, None) for one in pool.units)


def _is_candidate(run: Run, unit: UnitResult, grade: str, level: Level, award: _Award | None) -> bool:
    """Not barred, at the level's minimum, its condition holds; the first failure is remembered."""
    problem, cite = "", _cited(level.cite)
    if grade in unit.barred:
        problem, cite = f"因{_bars(run, unit)}被取消“{level.title}”资格", ""
    elif level.min is not None and unit.total < level.min:
        problem = f"得分未达到“{level.title}”的 {plain(level.min)} 分"
    elif not holds(run, unit, level.when):
        problem = f"不符合“{level.title}”的条件"
    if problem and award is not None:
        award.reasons.setdefault(unit.unit.unit, []).append(problem + cite)
    return not problem


def _vacated(
    run: Run, ranked: list[UnitResult], levels: Mapping[str, Level], award: _Award
) -> dict[str, str]:
    """Lowered units whose place goes to the next one: their grade is fixed, the places filled again."""
    fresh = {}
    for one in ranked:
        won = award.won.get(one.unit.unit)
        quota = levels[won].quota if won else None
        if won and quota and quota.vacated == "refill" and levels_lowered(run, one):
            fresh[one.unit.unit] = _lowered(list(levels), won, levels_lowered(run, one))
            one.grade_reason = _lowering_text(one, levels[won].title, levels[fresh[one.unit.unit]].title)
    return fresh


def _close(
    run: Run, unit: UnitResult, levels: Mapping[str, Level], award: _Award, settled: Mapping[str, str]
) -> None:
    """Write the grade and the reason of one unit."""
    unit_id = unit.unit.unit
    rounding = run.pack.rounding.get("total")
    total = fixed(unit.total, rounding.places) if rounding else plain(unit.total)
    if unit_id in settled:
        unit.grade = settled[unit_id]
    elif award.won[unit_id] is None:
        unit.grade_reason = f"得分 {total} 分，最后一个名额上得分并列，等待研究决定，暂不定等次。"
        return
    else:
        won = award.won[unit_id] or ""
        steps = "；".join(award.reasons.get(unit_id, []))
        unit.grade = _lowered(list(levels), won, levels_lowered(run, unit))
        verdict = f"评为“{levels[won].title}”{_cited(levels[won].cite)}。"
        unit.grade_reason = f"得分 {total} 分，{steps + '；' if steps else ''}{verdict}"
        if unit.grade != won:
            unit.grade_reason += _lowering_text(unit, levels[won].title, levels[unit.grade].title)
    unit.grade_title = levels[unit.grade].title


def _lowering_text(unit: UnitResult, won: str, lowered: str) -> str:
    causes = "、".join(f"“{one.title}”" for one in unit.vetoes)
    return f"因{causes}由“{won}”降为“{lowered}”。"


def _lowered(order: list[str], won: str, by: int) -> str:
    """Counted from the grade won, not below the last."""
    return order[min(order.index(won) + by, len(order) - 1)]


def _bars(run: Run, unit: UnitResult) -> str:
    vetoes = run.pack.content[unit.group].vetoes
    barring = {one.item: one for one in unit.vetoes if vetoes[one.item].effect.bar}
    return "、".join(f"“{one.title}”{_cited(one.cite)}" for one in barring.values())


def _cited(cite: str | None) -> str:
    return f"（{cite}）" if cite else ""
