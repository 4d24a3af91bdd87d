"""How the checks of facts report a row that the rules do not know."""

from collections.abc import Iterable, Set
from typing import Any

from policies.packs.errors import did_you_mean
from policies.scoring.records import UnitResult
from policies.scoring.run import Run


def report_unknown(
    run: Run, file: str, row: Any, column: str, kind: str, name: str, known: Iterable[str]
) -> None:
    """An id that refers to nothing, with the nearest one that does."""
    run.error(file, row.line, column, f"没有“{name}”这个{kind}。{did_you_mean(name, known)}")


def owner_of(run: Run, file: str, row: Any) -> UnitResult | None:
    """The unit of a row; an unknown one is reported."""
    unit = run.units.get(row.unit)
    if unit is None and row.unit not in run.index.units:
        report_unknown(run, file, row, "unit", "单位", row.unit, run.index.units)
    return unit


def scored_by(run: Run, group: str, kinds: Set[str]) -> dict[str, bool]:
    """Which components of a group are scored in one of these ways."""
    content = run.pack.content[group]
    return {key: one.scored_by in kinds for key, one in content.components.items()}
