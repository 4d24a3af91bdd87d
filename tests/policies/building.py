"""Small packs and cases for tests: a pack from YAML text, facts from a few words."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from policies.cases.tables import canonical_params
from policies.facts import (
    BallotRow,
    ComponentRow,
    Facts,
    IndicatorRow,
    ReadingRow,
    UnitRow,
)
from policies.packs import Pack, load_pack
from policies.packs.source import read_source
from policies.scoring import Result, score

HEAD = """
policy: mini
title: 测试方案
scale: 100
subjects: {groups: {town: {title: 乡镇}, bureau: {title: 部门}}}
assessors:
  offices: {office: {title: 绩效办, role: office}}
  voters: {leader: {title: 领导}, public: {title: 公众}}
"""
GIVEN = """
content:
  town: {components: {work: {title: 工作, points: 100, scored_by: given}}}
"""
GRADED = """
grades:
  - for: [town]
    levels:
      good: {title: 优秀, min: 90, quota: {count: 2}}
      fair: {title: 合格, min: 60}
      poor: {title: 不合格}
"""


def pack_of(*texts: str, head: str = HEAD) -> Pack:
    """A pack from pieces of YAML under the common head."""
    return Pack(read_source((head + "".join(texts)).encode(), "mini.yaml"))


def units(*ids: str, group: str = "town", **attributes: str) -> tuple[UnitRow, ...]:
    """Units by id; an attribute holds for all of them."""
    return tuple(UnitRow(one, one.upper(), group, "", attributes) for one in ids)


def given(**scores: float | str) -> tuple[ComponentRow, ...]:
    """The year's score of the component `work`, unit by unit."""
    return tuple(ComponentRow(unit, "work", "", Decimal(str(value))) for unit, value in scores.items())


def facts(**rows: Any) -> Facts:
    """Facts of 2026 for the mini pack."""
    return Facts(**{"policy": "mini", "year": 2026, **rows})


def graded(pack: Pack, rows: Mapping[str, Any] | None = None, **scores: float | str) -> Result:
    """Score units whose total is given, e.g. `graded(pack, a=95, b=90)`."""
    return score(pack, facts(units=units(*scores), components=given(**scores), **(rows or {})))


def grades_of(result: Result) -> dict[str, str | None]:
    """Unit → grade."""
    return {unit.unit.unit: unit.grade for unit in result.units}


def one_indicator(
    method: str,
    params: dict[str, Any] | None = None,
    *,
    target: str = "",
    points: str = "10",
    **readings: Any,
) -> Result:
    """Units with one indicator of 10 points (of 10) each, e.g. `one_indicator("ratio", target="5", a=4)`.

    A reading is the actual, or a dict of the reading's cells.
    """
    work = f"{{title: 工作, points: {points}, scored_by: indicators}}"
    content = f"content: {{town: {{components: {{work: {work}}}}}}}\n"
    pack = pack_of(content, head=HEAD.replace("scale: 100", f"scale: {points}"))
    row = IndicatorRow(
        "", "x", "work", "指标", points, method, target, canonical_params(params or {}), group="town"
    )
    rows = tuple(_reading(unit, value) for unit, value in readings.items())
    return score(pack, facts(units=units(*readings), indicators=(row,), readings=rows))


def points_of(result: Result) -> dict[str, str]:
    """Unit → points of `work`, as text."""
    data = result.to_json(explanations=False)
    return {unit["unit"]: unit["components"]["work"] for unit in data["units"]}


def ballots(unit: str, kind: str, *scores: float) -> tuple[BallotRow, ...]:
    """One ballot for every score."""
    return tuple(
        BallotRow(unit, "work", "yearend", kind, f"{kind}{n}", Decimal(str(value)))
        for n, value in enumerate(scores)
    )


def zhengding() -> Pack:
    """The reference pack."""
    return load_pack("zhengding")


def case_dir(name: str) -> Path:
    """A case of this suite."""
    return Path(__file__).parent / "cases" / name


def _reading(unit: str, value: Any) -> ReadingRow:
    if isinstance(value, dict):
        cells = {
            key: Decimal(str(cell)) if key in {"last_year", "score"} else cell for key, cell in value.items()
        }
        if isinstance(cells.get("actual"), int | float):
            cells["actual"] = Decimal(str(cells["actual"]))
        return ReadingRow(unit, "x", "", **cells)
    return ReadingRow(unit, "x", "", Decimal(str(value)))
