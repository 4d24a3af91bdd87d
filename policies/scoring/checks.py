"""Do the facts fit the rules? Unknown ids, rows twice, facts without a rule, decisions out of range."""

from collections.abc import Iterable, Set
from typing import Any

from policies.cases.tables import TABLES, row_key
from policies.exact import plain
from policies.facts import AdjustmentRow, ComponentRow
from policies.packs.values import STANDARD_ROUNDS
from policies.scoring.decisions import check_decision
from policies.scoring.indicator_checks import check_indicator, check_readings
from policies.scoring.measures import exact
from policies.scoring.records import UnitResult
from policies.scoring.reports import owner_of, report_unknown, scored_by
from policies.scoring.run import Run


def check_facts(run: Run) -> None:
    """Report every row that the rules do not know, and every open value of the pack, to the run."""
    for path in run.pack.open_values():
        run.error("case.yaml", 0, "set", f"方案的“{path}”还没有定，请在 set 里填写后再评分。")
    rounds = STANDARD_ROUNDS | set(run.pack.periods.rounds)
    if run.facts.to_date and run.facts.to_date not in rounds:
        run.error("case.yaml", 0, "to_date", f"没有“{run.facts.to_date}”这个轮次，例如 m05、q2、midyear。")
    if not run.facts.units:
        run.error("units.csv", 0, "", "没有一个被评估单位。")
    _no_row_twice(run)
    _units(run)
    for row in run.facts.indicators:
        check_indicator(run, row)
    check_readings(run)
    _panels(run)
    for adjustment in run.facts.adjustments:
        _adjustment(run, adjustment)
    _vetoes(run)
    for given in run.facts.components:
        _component(run, given)
    _history(run)
    for decision in run.facts.decisions:
        check_decision(run, decision)


def _no_row_twice(run: Run) -> None:
    for table in TABLES:
        if table.in_order:
            continue
        rows = getattr(run.facts, table.name)
        keys = [row_key(table, row) for row in rows]
        if len(set(keys)) == len(keys):
            continue
        seen: set[tuple[Any, ...]] = set()
        for row, key in zip(rows, keys, strict=True):
            if key in seen:
                run.error(table.file, row.line, "", f"重复了，同一{'、'.join(table.key)}只能有一行。")
            seen.add(key)


def _units(run: Run) -> None:
    for row in run.facts.units:
        group = run.pack.groups.get(row.group)
        if group is None:
            report_unknown(run, "units.csv", row, "group", "组", row.group, run.pack.groups)
        elif group.classes and not row.attributes.get(group.classes.by):
            run.error("units.csv", row.line, group.classes.by, "这一格不能空，要按它分类比较。")
        if row.standing not in {"", "ranked", "unranked"}:
            run.error(
                "units.csv",
                row.line,
                "standing",
                f"“{row.standing}”不对，可以留空，或写 unranked（不排名）。",
            )


def _panels(run: Run) -> None:
    """Surveys, ballots, invited voters and other results stand in a component that is scored by them."""
    sources: tuple[tuple[str, Iterable[Any], Set[str]], ...] = (
        ("surveys.csv", run.facts.surveys, {"survey"}),
        ("ballots.csv", run.facts.ballots, {"ballots"}),
        ("voters.csv", run.facts.voters, {"ballots"}),
        ("results.csv", run.facts.results, {"special", "portfolio"}),
    )
    for file, rows, kinds in sources:
        for row in rows:
            unit = owner_of(run, file, row)
            if unit is not None:
                _panel_row(run, file, row, unit, kinds)


def _panel_row(run: Run, file: str, row: Any, unit: UnitResult, kinds: Set[str]) -> None:
    component = run.pack.component(unit.group, row.component)
    if component is None or component.scored_by not in kinds:
        known = [key for key, fits in scored_by(run, unit.group, kinds).items() if fits]
        report_unknown(run, file, row, "component", "构成部分", row.component, known)
        return
    round_id = getattr(row, "round", "")
    if round_id and round_id not in component.rounds:
        report_unknown(run, file, row, "round", "轮次", round_id, component.rounds)
    if (row.unit, row.component, round_id) in run.index.given or (
        row.unit,
        row.component,
        "",
    ) in run.index.given:
        run.error(
            file, row.line, "component", f"“{row.component}”这一轮已在 components.csv 给分，不能再有数据。"
        )
    kind = getattr(row, "voter_kind", "")
    if kind and kind not in component.voters:
        report_unknown(run, file, row, "voter_kind", "打分主体", kind, component.voters)


def _adjustment(run: Run, row: AdjustmentRow) -> None:
    file = "adjustments.csv"
    unit = owner_of(run, file, row)
    if unit is None:
        return
    if row.kind not in {"bonus", "deduction"}:
        run.error(file, row.line, "kind", f"“{row.kind}”不对，应当写 bonus（加分）或 deduction（减分）。")
        return
    section = getattr(run.pack.content[unit.group], row.kind)
    items = section.items if section else {}
    if row.item not in items:
        report_unknown(run, file, row, "item", "加减分项", row.item, items)
        return
    item = items[row.item]
    if item.points.is_given:
        _given_points(run, row, item.range)
    elif row.points is not None and exact(row.points) not in {
        item.points.total(0, 1),
        item.points.total(0, row.count),
    }:
        run.error(file, row.line, "points", "这一项的分值由方案规定，points 请留空。")
    for name in row.multiplier.split():
        if name not in item.multipliers:
            report_unknown(run, file, row, "multiplier", "系数", name, item.multipliers)
    if item.part == "source" and row.source not in section.parts:
        report_unknown(run, file, row, "source", "分项", row.source, section.parts)


def _given_points(run: Run, row: AdjustmentRow, bounds: tuple[Any, Any] | None) -> None:
    file = "adjustments.csv"
    if row.points is None:
        run.error(file, row.line, "points", "这一项由决定给分，请填写 points。")
    elif bounds and not bounds[0] <= exact(row.points) <= bounds[1]:
        message = f"给分 {row.points} 超出范围，应当在 {plain(bounds[0])} 到 {plain(bounds[1])} 之间。"
        run.error(file, row.line, "points", message)
    elif row.points < 0:
        run.error(file, row.line, "points", "分值不能是负数；减分也写正数，由系统相减。")
    if row.count != 1:
        run.error(file, row.line, "count", "由决定给分的事项一行记一次，count 应当是 1。")


def _vetoes(run: Run) -> None:
    for row in run.facts.vetoes:
        unit = owner_of(run, "vetoes.csv", row)
        if unit is not None and row.item not in run.pack.content[unit.group].vetoes:
            report_unknown(
                run, "vetoes.csv", row, "item", "否决项", row.item, run.pack.content[unit.group].vetoes
            )


def _component(run: Run, row: ComponentRow) -> None:
    file = "components.csv"
    unit = owner_of(run, file, row)
    if unit is None:
        return
    component = run.pack.component(unit.group, row.component)
    if component is None:
        report_unknown(
            run,
            file,
            row,
            "component",
            "构成部分",
            row.component,
            unit.flat() or run.pack.content[unit.group].components,
        )
        return
    if row.round and row.round not in component.rounds:
        report_unknown(run, file, row, "round", "轮次", row.round, component.rounds)
    if row.round and (row.unit, row.component, "") in run.index.given:
        run.error(file, row.line, "round", "这一项已有全年得分，不能再给单独一轮。")
    points = run.points_of(unit.group, row.component)
    if not 0 <= exact(row.score) <= points:
        run.error(file, row.line, "score", f"得分 {row.score} 超出范围，应当在 0 到 {plain(points)} 之间。")


def _history(run: Run) -> None:
    for row in run.facts.history:
        unit = owner_of(run, "history.csv", row)
        if unit is None:
            continue
        if row.year >= run.facts.year:
            run.error("history.csv", row.line, "year", f"往年结果的年份应当早于 {run.facts.year}。")
        scheme = run.pack.grades.get(unit.group)
        if row.grade and scheme and row.grade not in scheme.levels:
            report_unknown(run, "history.csv", row, "grade", "等次", row.grade, scheme.levels)
