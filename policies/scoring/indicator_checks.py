"""Do indicators and readings fit the rules: component, heading, rounds, nothing read twice?"""

from collections.abc import Mapping, Set
from typing import Any

from policies.facts import IndicatorRow
from policies.packs.contents import RESERVED
from policies.packs.values import STANDARD_ROUNDS
from policies.scoring.records import UnitResult
from policies.scoring.reports import owner_of, report_unknown, scored_by
from policies.scoring.run import Run


def check_indicator(run: Run, row: IndicatorRow) -> None:
    """One row of `indicators.csv` against its group's content."""
    file = "indicators.csv"
    group = _group_of(run, row)
    if group is None:
        return
    content = run.pack.content[group]
    component = run.pack.component(group, row.component)
    has_section = {"bonus": bool(content.bonus), "deduction": bool(content.deduction), "none": True}
    if component is None and not has_section.get(row.component):
        known = [key for key, one in scored_by(run, group, {"indicators"}).items() if one]
        report_unknown(run, file, row, "component", "构成部分", row.component, [*known, *RESERVED])
    elif component is not None and component.scored_by != "indicators":
        run.error(file, row.line, "component", f"“{row.component}”不是按指标计分的，不能放指标。")
    elif (
        component is not None and row.heading and component.headings and row.heading not in component.headings
    ):
        report_unknown(run, file, row, "heading", "一级指标", row.heading, component.headings)
    else:
        known_rounds = _rounds(run, group, row.component)
        for round_id in row.rounds:
            if known_rounds and round_id not in known_rounds:
                report_unknown(run, file, row, "round", "轮次", round_id, known_rounds)


def _rounds(run: Run, group: str, component: str) -> Set[str]:
    try:
        return run.pack.rounds(group, component).keys()
    except KeyError:
        return set()


def check_readings(run: Run) -> None:
    """Every reading belongs to an indicator and a round of its unit, and is not replaced by a given score."""
    planned: dict[str, Mapping[tuple[str, str], str]] = {}
    for row in run.facts.readings:
        unit = run.units.get(row.unit)
        if unit is None:
            owner_of(run, "readings.csv", row)
            continue
        known = planned.get(row.unit)
        if known is None:
            known = planned[row.unit] = _read_places(unit)
        component = known.get((row.indicator, row.round))
        if component is None:
            _unknown_reading(run, row, {indicator for indicator, _ in known}, known)
        elif (row.unit, component, row.round) in run.index.given or (
            row.unit,
            component,
            "",
        ) in run.index.given:
            run.error(
                "readings.csv",
                row.line,
                "indicator",
                f"“{component}”这一轮已在 components.csv 给分，不能再有数据。",
            )


def _read_places(unit: UnitResult) -> dict[tuple[str, str], str]:
    """(indicator, round) → component for everything that may be read for a unit."""
    places: dict[tuple[str, str], str] = {}
    for component, rounds in unit.plan.items():
        for round_id, ones in rounds.items():
            for one in ones:
                for name in (one.id, one.params.of or one.id):
                    places[name, round_id] = places[name, ""] = component
                if component == "none":
                    places.update({(one.id, extra): component for extra in STANDARD_ROUNDS})
    return places


def _unknown_reading(run: Run, row: Any, indicators: set[str], places: Mapping[tuple[str, str], str]) -> None:
    if row.indicator not in indicators:
        report_unknown(run, "readings.csv", row, "indicator", "指标", row.indicator, indicators)
        return
    rounds = [round_id for name, round_id in places if name == row.indicator and round_id]
    report_unknown(run, "readings.csv", row, "round", "轮次", row.round, rounds)


def _group_of(run: Run, row: IndicatorRow) -> str | None:
    """The group whose rules hold for the row; None if there is none, which is reported."""
    file = "indicators.csv"
    if not row.unit:
        if row.group in run.pack.groups:
            return row.group
        report_unknown(run, file, row, "group", "组", row.group, run.pack.groups)
        return None
    unit = owner_of(run, file, row)
    if unit is None:
        return None
    if row.group not in {"", unit.group}:
        message = f"{unit.unit.title}属于“{unit.group}”组，与这里写的“{row.group}”不符。"
        run.error(file, row.line, "group", message)
    if row.collector == row.unit and "own_unit" in run.pack.assessors.recusal:
        message = f"{unit.unit.title}的指标“{row.title}”由本单位采集，应当回避。"
        run.warn("recusal", unit, row.indicator, message)
    return unit.group
