"""The facts of a case arranged for look-up by unit, component and round."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cached_property
from typing import TypeVar

from policies.facts import (
    AdjustmentRow,
    BallotRow,
    ComponentRow,
    DecisionRow,
    Facts,
    HistoryRow,
    IndicatorRow,
    ReadingRow,
    ResultRow,
    SurveyRow,
    UnitRow,
    VetoRow,
)
from policies.packs import Pack
from policies.scoring.measures import exact

Row = TypeVar("Row")


class Index:
    """Look-ups over the facts; built once for a run."""

    def __init__(self, pack: Pack, facts: Facts) -> None:
        self.units: dict[str, UnitRow] = {row.unit: row for row in facts.units}
        self.readings: dict[tuple[str, str, str], ReadingRow] = {
            (row.unit, row.indicator, row.round): row for row in facts.readings
        }
        self._readings = facts.readings
        self.surveys: dict[tuple[str, str, str], SurveyRow] = {
            (row.unit, row.component, row.round): row for row in facts.surveys
        }
        self.ballots = _ballots(facts.ballots)
        self.invited = {
            (row.unit, row.component, row.round, row.voter_kind): row.invited for row in facts.voters
        }
        self.given: dict[tuple[str, str, str], ComponentRow] = {
            (row.unit, row.component, row.round): row for row in facts.components
        }
        self.unit_indicators: Mapping[str, list[IndicatorRow]] = _by(facts.indicators, "unit")
        self.group_indicators: Mapping[str, list[IndicatorRow]] = _by(
            self.unit_indicators.get("", []), "group"
        )
        self.adjustments: Mapping[str, list[AdjustmentRow]] = _by(facts.adjustments, "unit")
        self.vetoes: Mapping[str, list[VetoRow]] = _by(facts.vetoes, "unit")
        self.history: dict[tuple[str, int], HistoryRow] = {(row.unit, row.year): row for row in facts.history}
        self.results: Mapping[tuple[str, str], list[ResultRow]] = _results(facts.results)
        self.decisions: dict[tuple[str, str, str], DecisionRow] = {
            (row.group, row.unit, row.item): row for row in facts.decisions
        }
        self.classes = _classes(pack, facts)

    @cached_property
    def unit_readings(self) -> Mapping[str, list[ReadingRow]]:
        """All readings of each unit; only conditions ask for them."""
        return _by(self._readings, "unit")

    def reading(self, unit: str, indicator: str, round_id: str) -> ReadingRow | None:
        """The reading of the round, else the one that stands for every round without a row."""
        found = self.readings.get((unit, indicator, round_id))
        return found if found is not None else self.readings.get((unit, indicator, ""))


def _by(rows: Iterable[Row], attribute: str) -> dict[str, list[Row]]:
    result: dict[str, list[Row]] = {}
    for row in rows:
        result.setdefault(getattr(row, attribute), []).append(row)
    return result


def _ballots(rows: Iterable[BallotRow]) -> dict[tuple[str, str, str], dict[str, list[Fraction]]]:
    result: dict[tuple[str, str, str], dict[str, list[Fraction]]] = {}
    for row in rows:
        kinds = result.setdefault((row.unit, row.component, row.round), {})
        kinds.setdefault(row.voter_kind, []).append(exact(row.score))
    return result


def _results(rows: Iterable[ResultRow]) -> dict[tuple[str, str], list[ResultRow]]:
    result: dict[tuple[str, str], list[ResultRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda one: (one.unit, one.component, one.subject)):
        result[row.unit, row.component].append(row)
    return result


def _classes(pack: Pack, facts: Facts) -> dict[tuple[str, str], list[UnitRow]]:
    """Units by (group, class), groups in the order of the pack, units by id."""
    result: dict[tuple[str, str], list[UnitRow]] = {}
    order = {group: place for place, group in enumerate(pack.groups)}
    for unit in sorted(facts.units, key=lambda row: (order.get(row.group, 0), row.unit)):
        result.setdefault(class_key(pack, unit), []).append(unit)
    return result


def class_key(pack: Pack, unit: UnitRow) -> tuple[str, str]:
    """Group and class of a unit; the class is empty where the group is undivided."""
    group = pack.groups.get(unit.group)
    return unit.group, unit.attributes.get(group.classes.by, "") if group and group.classes else ""


def is_ranked(unit: UnitRow) -> bool:
    """Units whose standing is `unranked` are scored and no more."""
    return unit.standing != "unranked"
