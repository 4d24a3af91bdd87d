"""The result of a scoring run and its public output format."""

from typing import Any

from policies.exact import fixed, plain
from policies.facts import Facts
from policies.packs import Pack
from policies.scoring.explanation import explain
from policies.scoring.records import ComponentResult, Notice, UnitResult
from policies.scoring.run import Run


class Result:
    """One scoring run: the pack and facts it read, a result for every unit, warnings.

    `units` are ordered by group, class and rank. Explanations are made on demand, from the same facts.
    """

    def __init__(self, run: Run, units: list[UnitResult]) -> None:
        self.run = run
        self.units = units
        self.warnings: list[Notice] = sorted(set(run.warnings))

    @property
    def pack(self) -> Pack:
        """The pack as it held in the year."""
        return self.run.pack

    @property
    def facts(self) -> Facts:
        """The facts that were read."""
        return self.run.facts

    def unit(self, unit_id: str) -> UnitResult:
        """The result of one unit; KeyError for an unknown id."""
        return self.run.units[unit_id]

    def total_text(self, unit: UnitResult) -> str:
        """The published total, with the places the pack rounds to."""
        rounding = self.pack.rounding.get("total")
        return fixed(unit.total, rounding.places) if rounding else plain(unit.total)

    def to_json(self, *, explanations: bool = True) -> dict[str, Any]:
        """The public output: numbers as decimal strings, units in published order."""
        return {
            "policy": {"id": self.pack.id, "digest": self.pack.digest},
            "year": self.facts.year,
            "units": [self._unit_json(unit, explanations) for unit in self.units],
            "warnings": [warning.to_json() for warning in self.warnings],
        }

    def _unit_json(self, unit: UnitResult, explanations: bool) -> dict[str, Any]:
        data: dict[str, Any] = {
            "unit": unit.unit.unit,
            "title": unit.unit.title,
            "group": unit.group,
            "class": unit.class_name,
            "total": self.total_text(unit),
            "components": {key: _points(one) for key, one in unit.flat().items()},
            "bonus": plain(unit.bonus.value),
            "deduction": plain(unit.deduction.value),
            "veto_deduction": plain(unit.veto_deduction),
            "rank": unit.rank,
            "ranked": unit.ranked,
            "grade": unit.grade,
            "grade_title": unit.grade_title,
            "grade_reason": unit.grade_reason,
            "barred": list(unit.barred),
            "vetoes": [veto.item for veto in unit.vetoes],
            "uses": [use.to_json() for use in unit.uses],
        }
        if explanations:
            data["explanation"] = explain(self, unit.unit.unit).to_json()
        return data


def _points(component: ComponentResult) -> str | None:
    """The component's points, exact to the decimals shown; None where it was left out."""
    return plain(component.value) if component.value is not None else None
