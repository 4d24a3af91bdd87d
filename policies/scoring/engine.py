"""The order of evaluation: from the readings to the consequences."""

from graphlib import TopologicalSorter

from policies.exact import exact_sum, round_to
from policies.facts import CaseErrors, Facts
from policies.packs import Pack
from policies.packs.content import GroupContent
from policies.packs.contents import flat_components
from policies.scoring.adjustments import adjusted
from policies.scoring.checks import check_facts
from policies.scoring.components import ComponentScorer, sum_left
from policies.scoring.grading import grade_class
from policies.scoring.index import is_ranked
from policies.scoring.plans import Planner
from policies.scoring.ranking import limited, rank_class
from policies.scoring.records import UnitResult
from policies.scoring.result import Result
from policies.scoring.run import Run
from policies.scoring.uses import fire_uses
from policies.scoring.vetoes import raise_vetoes


def score(pack: Pack, facts: Facts) -> Result:
    """Score a case. Pure: the same pack and facts give the same result, whatever the order of the rows.

    Raises PackErrors when no value of the pack holds in the year or a local setting does not fit,
    CaseErrors when facts are missing, contradictory or without a rule, or values of the pack are still open.
    """
    run = planned_run(pack, facts)
    check_facts(run)
    _refuse(run)
    for group in _order(run.pack):
        for key in [key for key in run.classes if key[0] == group]:
            _score_class(run, run.classes[key])
    _refuse(run)
    if not facts.to_date:
        for unit in run.units.values():
            fire_uses(run, unit)
    _report_idle(run)
    return Result(run, _published_order(run))


def planned_run(pack: Pack, facts: Facts) -> Run:
    """Return a run in which every unit has its indicators and nothing is scored yet."""
    run = Run(pack.for_cycle(facts.year, facts.settings), facts)
    _plan(run)
    return run


def _refuse(run: Run) -> None:
    if run.errors:
        raise CaseErrors(run.errors)


def _plan(run: Run) -> None:
    """Every unit with its indicators, by class."""
    planners: dict[str, Planner] = {}
    for (group, class_name), rows in run.index.classes.items():
        if group not in run.pack.groups:
            continue  # reported by the checks
        if group not in planners:
            shared = run.index.group_indicators.get(group, [])
            planners[group] = Planner(group, run.pack.content[group], run.pack.scale, shared, run.errors)
        members = [
            UnitResult(
                row, group, class_name, planners[group].plan(run.index.unit_indicators.get(row.unit, []))
            )
            for row in rows
        ]
        run.classes[group, class_name] = members
        run.units.update((one.unit.unit, one) for one in members)


def _order(pack: Pack) -> list[str]:
    """Groups whose results others use come first (projects → units → leaders)."""
    needs = {group: _uses_results_of(content) for group, content in pack.content.items()}
    return list(TopologicalSorter(needs).static_order())


def _uses_results_of(content: GroupContent) -> list[str]:
    sources = [one.results_of for _, one, _ in flat_components(content.components)]
    return [group for source in sources if source for group in source.group]


def _score_class(run: Run, members: list[UnitResult]) -> None:
    """Components, adjustments, vetoes, totals; then places and grades, which read the published totals."""
    content = run.pack.content[members[0].group]
    for key, component in content.components.items():
        scored = ComponentScorer(run, members, key, component, component.points.of(run.pack.scale)).score()
        for unit in members:
            unit.components[key] = scored[unit.unit.unit]
    for unit in members:
        unit.bonus = adjusted(run, unit, "bonus", content.bonus)
        unit.deduction = adjusted(run, unit, "deduction", content.deduction)
        raise_vetoes(run, unit)
        _total(run, unit, content)
    rank_class(members)
    if not run.facts.to_date:
        grade_class(run, members)


def _total(run: Run, unit: UnitResult, content: GroupContent) -> None:
    base = sum_left(unit.components, run.pack.scale)
    if base is None:
        run.error(
            "units.csv",
            unit.unit.line,
            "unit",
            f"{unit.unit.title}没有任何一项得分，算不出总分，请补上数据。",
        )
        return
    unit.base = base
    unit.left_out = exact_sum(one.points for one in unit.components.values() if one.value is None)
    unit.exact_total = base + unit.bonus.value - unit.deduction.value - unit.veto_deduction
    unit.total = limited(unit.exact_total, content.limits)
    rounding = run.pack.rounding.get("total")
    if rounding:
        unit.total = round_to(unit.total, rounding.places, rounding.mode)


def _report_idle(run: Run) -> None:
    """空转: an indicator of events that cost nobody a point tells nothing apart."""
    for (group, indicator, title), has_lost in run.has_lost.items():
        if not has_lost:
            message = f"指标“{title}”本次没有任何单位失分（空转），请考虑调整或退出。"
            run.warn("idle", None, indicator, message, group=group)


def _published_order(run: Run) -> list[UnitResult]:
    """By group, class and place; unranked units last, equals by id."""
    return [
        unit
        for members in run.classes.values()
        for unit in sorted(members, key=lambda one: (not is_ranked(one.unit), one.rank or 0, one.unit.unit))
    ]
