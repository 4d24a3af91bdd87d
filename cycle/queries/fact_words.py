"""Changed facts of a run in words: whose, what, from which value to which, by which decision."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cycle.models import Cycle, Indicator, ScoringRun, Subject
from cycle.queries.packs import rules_of
from cycle.queries.periods import period_title
from cycle.queries.rules import claim_items, level_titles
from policies.packs import Pack

Change = dict[str, Any]
Shown = Callable[[str, str], str]

_SORTS = {"bonus": "加分", "deduction": "减分"}
_COLUMNS = {
    "actual": "实绩",
    "score": "得分",
    "last_year": "上年数",
    "target": "目标值",
    "points": "分值",
    "count": "次数",
    "satisfaction": "满意度",
    "turnout": "回收率",
    "invited": "应评人数",
    "total": "得分",
    "rank": "名次",
    "grade": "等次",
    "value": "决定",
    "title": "名称",
    "method": "计分方法",
    "source": "来源文件",
    "collector": "数据采集单位",
}


@dataclass(frozen=True, slots=True)
class FactWords:
    """One changed fact; `unit` is the unit's code (empty: a group's decision), `note` says why, if known."""

    unit: str
    unit_title: str
    text: str
    note: str


class _Titles:
    """The names of a cycle's units, indicators and items."""

    def __init__(self, cycle: Cycle) -> None:
        self.pack: Pack = rules_of(cycle)
        self.units: dict[str, Subject] = {each.code: each for each in cycle.subjects.all()}
        rows = Indicator.objects.filter(cycle=cycle).select_related("subject").order_by("version")
        self.indicators: dict[tuple[str, str], Indicator] = {
            (each.subject.code, each.key): each for each in rows
        }

    def indicator(self, unit: str, key: str) -> str:
        found = self.indicators.get((unit, key))
        return f"“{found.title}”" if found else f"“{key}”"

    def item(self, unit: str, sort: str, key: str) -> str:
        subject = self.units.get(unit)
        known = claim_items(self.pack, subject.group, sort).get(key) if subject else None
        return f"“{known.title}”" if known else f"“{key}”"

    def component(self, unit: str, key: str) -> str:
        subject = self.units.get(unit)
        found = self.pack.component(subject.group, key) if subject else None
        return found.title if found else key

    def value(self, unit: str, key: str, column: str, text: str) -> str:
        """A value as people read it: a level by its title, a number with its unit."""
        found = self.indicators.get((unit, key))
        if found is None or not text:
            return text or "空"
        if column == "actual" and found.method == "levels":
            return level_titles(found.params).get(text, text)
        if column in ("actual", "last_year", "target"):
            return f"{text} {found.unit}".strip()
        return f"{text} 分" if column in ("score", "points") else text


def facts_in_words(run: ScoringRun) -> list[FactWords]:
    """Return every changed fact of a run against the run before; ballots are counted, never shown."""
    titles = _Titles(run.cycle)
    found: dict[FactWords, None] = {}
    for change in run.changes.get("facts", []):
        unit, text = _words(change, titles)
        title = titles.units[unit].title if unit in titles.units else ""
        found[FactWords(unit, title, text, _note(change))] = None
    return list(found)


def changes_of_unit(run: ScoringRun, subject: Subject) -> list[str]:
    """Return what changed among one unit's own facts, in words."""
    return [each.text for each in facts_in_words(run) if each.unit == subject.code]


def _note(change: Change) -> str:
    """What the row itself says of it, the decision above all; a claim's row names its own number first."""
    if change["table"] == "decisions":
        return ""
    return str(change["evidence"]).rpartition("，")[2] if change["evidence"] else ""


def _words(change: Change, titles: _Titles) -> tuple[str, str]:
    key: list[str] = change["key"]
    table = change["table"]
    if table == "readings":
        place = f"{titles.indicator(key[0], key[1])}{period_title(key[2])}"
        return key[0], _changed(
            change, place, lambda column, text: titles.value(key[0], key[1], column, text)
        )
    if table == "indicators":
        return key[0], _indicator(change, titles)
    if table == "adjustments":
        place = f"{_SORTS.get(key[1], '')}{titles.item(key[0], key[1], key[2])}"
        return key[0], _changed(change, place, _plain)
    if table == "vetoes":
        return key[0], _changed(change, f"否决事项{titles.item(key[0], 'veto', key[1])}", _plain)
    if table in ("ballots", "voters", "surveys", "components"):
        return key[0], f"{titles.component(key[0], key[1])}{period_title(key[2])}的数据有变化"
    if table == "decisions":
        return key[1], f"领导小组决定：{(change['after'] or change['before'] or {}).get('evidence', '')}"
    return key[0], _changed(change, "单位信息" if table == "units" else "往年结果", _plain)


def _indicator(change: Change, titles: _Titles) -> str:
    unit, _, key, rounds = change["key"][:4]
    row = change["after"] or {}
    when = "、".join(period_title(one) for one in rounds.split())
    place = f"指标{titles.indicator(unit, key)}{when}"
    if change["before"] is None and row.get("method") == "given":
        return f"{place}改为按决定的得分计分"
    return _changed(change, place, lambda column, text: titles.value(unit, key, column, text))


def _plain(column: str, text: str) -> str:
    return text or "空"


def _changed(change: Change, place: str, shown: Shown) -> str:
    if change["before"] is None:
        values = "，".join(_values(change["after"], shown))
        return f"{place}：计入{f'（{values}）' if values else ''}"
    if change["after"] is None:
        return f"{place}：不再计入"
    moved = [
        f"{_COLUMNS[name]}由 {shown(name, change['before'].get(name, ''))} 改为 "
        f"{shown(name, change['after'].get(name, ''))}"
        for name in change["columns"]
        if name in _COLUMNS
    ]
    return f"{place}：{'，'.join(moved) or '说明有变化'}"


def _values(row: dict[str, str], shown: Shown) -> Iterator[str]:
    for name in ("actual", "score", "count", "points"):
        if row.get(name):
            yield f"{_COLUMNS[name]} {shown(name, row[name])}"
