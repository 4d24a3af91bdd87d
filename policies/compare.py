"""What changed between two scoring runs: facts, totals, ranks, grades."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from policies.cases.tables import TABLES, Table, row_key
from policies.exact import plain
from policies.facts import Facts
from policies.scoring import Result, UnitResult


@dataclass(frozen=True)
class FactChange:
    """One row that differs: `before` or `after` is None where it was added or removed.

    `columns` are the columns that differ; `evidence` names the decision behind the later row, if it says.
    """

    table: str
    key: tuple[str, ...]
    before: dict[str, str] | None
    after: dict[str, str] | None
    columns: tuple[str, ...]
    evidence: str

    @property
    def text(self) -> str:
        """In Chinese, e.g. readings.csv nanniu/gdp/midyear：actual 由 95 改为 97."""
        place = f"{self.table}.csv {'/'.join(part for part in self.key if part)}"
        if self.before is None:
            return f"{place}：新增"
        if self.after is None:
            return f"{place}：删除"
        changes = "，".join(
            f"{name} 由 {self.before.get(name) or '空'} 改为 {self.after.get(name) or '空'}"
            for name in self.columns
        )
        return f"{place}：{changes}"


@dataclass(frozen=True)
class UnitChange:
    """How a unit's outcome moved; a pair is (before, after), None where the unit was not there."""

    unit: str
    title: str
    total: tuple[str | None, str | None]
    difference: str | None
    rank: tuple[int | None, int | None]
    grade: tuple[str | None, str | None]


@dataclass(frozen=True)
class Difference:
    """Everything that differs between two runs."""

    policy: tuple[str, str]
    facts: tuple[FactChange, ...]
    units: tuple[UnitChange, ...]

    @property
    def grades_moved(self) -> tuple[UnitChange, ...]:
        """Units whose grade is another one now."""
        return tuple(one for one in self.units if one.grade[0] != one.grade[1])

    def to_json(self) -> dict[str, Any]:
        """For storing and showing."""
        return {
            "policy": list(self.policy),
            "facts": [
                {
                    "table": one.table,
                    "key": list(one.key),
                    "before": one.before,
                    "after": one.after,
                    "columns": list(one.columns),
                    "evidence": one.evidence,
                    "text": one.text,
                }
                for one in self.facts
            ],
            "units": [
                {
                    "unit": one.unit,
                    "title": one.title,
                    "total": list(one.total),
                    "difference": one.difference,
                    "rank": list(one.rank),
                    "grade": list(one.grade),
                }
                for one in self.units
            ],
        }


def diff(before: Result, after: Result) -> Difference:
    """Changed facts, then the units whose total, rank or grade moved (largest change of total first)."""
    units = sorted(_units(before, after), key=lambda one: (-abs(Fraction(one.difference or 0)), one.unit))
    return Difference(
        (before.pack.digest, after.pack.digest), tuple(diff_facts(before.facts, after.facts)), tuple(units)
    )


def diff_facts(before: Facts, after: Facts) -> Iterator[FactChange]:
    """Rows added, removed or changed, table by table."""
    for table in TABLES:
        old, new = _rows(table, before), _rows(table, after)
        for key in sorted({*old, *new}):
            left, right = old.get(key), new.get(key)
            if left != right:
                yield _change(table, key, left, right)


def _rows(table: Table, facts: Facts) -> dict[tuple[str, ...], dict[str, str]]:
    """The rows by key; rows that may repeat are told apart by their order of occurrence."""
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for row in getattr(facts, table.name):
        cells = {column.name: column.kind.write(getattr(row, column.attribute)) for column in table.columns}
        cells.update(row.attributes if table.is_open else {})
        key = tuple(_text(part) for part in row_key(table, row))
        number = 1
        while (*key, str(number)) in rows:
            number += 1
        rows[*key, str(number)] = cells
    return rows


def _text(part: Any) -> str:
    return " ".join(part) if isinstance(part, tuple) else str(part)


def _change(
    table: Table, key: tuple[str, ...], before: dict[str, str] | None, after: dict[str, str] | None
) -> FactChange:
    left, right = before or {}, after or {}
    columns = tuple(name for name in {**left, **right} if left.get(name, "") != right.get(name, ""))
    evidence = right.get("evidence") or right.get("note") or ""
    shown = key if table.in_order else key[:-1]
    return FactChange(table.name, shown, before, after, columns, evidence)


def _units(before: Result, after: Result) -> Iterator[UnitChange]:
    old = {one.unit.unit: one for one in before.units}
    new = {one.unit.unit: one for one in after.units}
    for key in {**old, **new}:
        left, right = old.get(key), new.get(key)
        total = (before.total_text(left) if left else None, after.total_text(right) if right else None)
        rank = (left.rank if left else None, right.rank if right else None)
        grade = (left.grade if left else None, right.grade if right else None)
        if total[0] != total[1] or rank[0] != rank[1] or grade[0] != grade[1]:
            yield UnitChange(key, _title(left, right), total, _difference(left, right), rank, grade)


def _title(left: UnitResult | None, right: UnitResult | None) -> str:
    found = right or left
    return found.unit.title if found else ""


def _difference(left: UnitResult | None, right: UnitResult | None) -> str | None:
    return plain(right.total - left.total) if left and right else None
