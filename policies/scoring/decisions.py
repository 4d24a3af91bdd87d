"""Recorded decisions: do they fit the rule they decide?"""

from policies.facts import DecisionRow
from policies.packs.errors import did_you_mean
from policies.packs.outcome import Quota
from policies.scoring.run import Run

_FILE = "decisions.csv"


def check_decision(run: Run, row: DecisionRow) -> None:
    """Report a decision about an unknown group, unit or item, or out of its range."""
    if row.group not in run.pack.groups:
        known = did_you_mean(row.group, run.pack.groups)
        run.error(_FILE, row.line, "group", f"没有“{row.group}”这个组。{known}")
        return
    kind, _, name = row.item.partition(":")
    if kind == "quota":
        _quota(run, row, name)
    elif kind == "tie":
        _tie(run, row, name)
    elif kind == "points":
        _points(run, row, name.partition("/")[0])
    else:
        message = f"不认识“{row.item}”，可以写 quota:等次、tie:等次 或 points:构成部分[/对象]。"
        run.error(_FILE, row.line, "item", message)


def _quota_of(run: Run, row: DecisionRow, grade: str) -> Quota | None:
    scheme = run.pack.grades.get(row.group)
    level = scheme.levels.get(grade) if scheme else None
    if level is None or level.quota is None:
        limited = [key for key, one in scheme.levels.items() if one.quota] if scheme else []
        suggestion = did_you_mean(grade, limited)
        run.error(_FILE, row.line, "item", f"没有“{grade}”这个有名额限制的等次。{suggestion}")
        return None
    return level.quota


def _quota(run: Run, row: DecisionRow, grade: str) -> None:
    quota = _quota_of(run, row, grade)
    if quota is None:
        return
    if row.unit:
        run.error(_FILE, row.line, "unit", "名额是整个组的决定，unit 请留空。")
    low, high = quota.count or (0, 0)
    if low == high:
        run.error(_FILE, row.line, "item", "这个等次的名额由方案规定，不能另作决定。")
    elif row.value % 1 or not low <= row.value <= high:
        run.error(_FILE, row.line, "value", f"名额“{row.value}”超出范围，应当是 {low} 到 {high} 的整数。")


def _tie(run: Run, row: DecisionRow, grade: str) -> None:
    quota = _quota_of(run, row, grade)
    if quota is not None and _has_unit(run, row) and row.value <= 0:
        run.error(_FILE, row.line, "value", "先后顺序应当写 1、2、3 这样的正数。")


def _points(run: Run, row: DecisionRow, component: str) -> None:
    if not _has_unit(run, row):
        return
    found = run.pack.component(row.group, component)
    if found is None or found.scored_by != "special":
        run.error(_FILE, row.line, "item", f"“{component}”不是由决定给分的构成部分，请核对。")


def _has_unit(run: Run, row: DecisionRow) -> bool:
    unit = run.index.units.get(row.unit)
    if unit is None or unit.group != row.group:
        run.error(_FILE, row.line, "unit", f"“{row.unit}”不是“{row.group}”组的单位，请核对。")
        return False
    return True
