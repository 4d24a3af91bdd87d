"""The state of one scoring run: what is read, what has been computed, what is wrong or worth a look."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any, TypeVar

from policies.exact import round_to
from policies.facts import CaseError, Facts, ReadingRow
from policies.packs import Pack
from policies.packs.content import Component
from policies.packs.methods import ValueOf
from policies.packs.rounds import span
from policies.scoring.index import Index, is_ranked
from policies.scoring.measures import Measure, PeerValues, Unscorable, derived, exact, resolved_target
from policies.scoring.methods import score_measure
from policies.scoring.plans import Planned, component_points
from policies.scoring.records import Notice, UnitResult

T = TypeVar("T")
_ZERO = Fraction(0)


class Run:
    """One run over one pack and one set of facts."""

    def __init__(self, pack: Pack, facts: Facts) -> None:
        self.pack = pack
        self.facts = facts
        self.index = Index(pack, facts)
        self.units: dict[str, UnitResult] = {}
        self.classes: dict[tuple[str, str], list[UnitResult]] = {}
        self.errors: list[CaseError] = []
        self.warnings: list[Notice] = []
        self.has_lost: dict[tuple[str, str, str], bool] = {}
        self._peers: dict[tuple[str, str, str, str, str, ValueOf], PeerValues] = {}
        self._computed: dict[tuple[Any, ...], Any] = {}
        self._due = span(pack, facts.to_date, facts.year)[1] if facts.to_date else None
        self._indicator_rounding = pack.rounding.get("indicator")

    def error(self, file: str, line: int, column: str, message: str) -> None:
        """Remember a defect of the facts; the run is refused at its end."""
        self.errors.append(CaseError(file, line, column, message))

    def once(self, key: tuple[Any, ...], compute: Callable[[], T]) -> T:
        """A value over many units, computed when first asked for; call it only when totals are final."""
        if key not in self._computed:
            self._computed[key] = compute()
        found: T = self._computed[key]
        return found

    def warn(self, code: str, unit: UnitResult | None, subject: str, message: str, group: str = "") -> None:
        """Remember something the office should look at."""
        owner = unit.unit if unit else None
        self.warnings.append(
            Notice(code, owner.group if owner else group, owner.unit if owner else "", subject, message)
        )

    def due_rounds(self, weights: dict[str, Fraction]) -> dict[str, Fraction]:
        """The rounds that count: all, or in an interim run those over by `to_date`."""
        if self._due is None:
            return weights
        return {key: weight for key, weight in weights.items() if self.round_end(key) <= self._due}

    def round_end(self, round_id: str) -> date:
        """The last day a round covers; no round stands for the whole cycle."""
        return span(self.pack, round_id, self.facts.year)[1]

    def points_of(self, group: str, component: str) -> Fraction:
        """The points of a component or part; KeyError for an unknown one."""
        return component_points(self.pack.content[group], self.pack.scale)[component]

    def score_indicator(self, unit: UnitResult, planned: Planned, round_id: str) -> Fraction | None:
        """Points of one indicator in one round; None when there is no reading."""
        reading = self.index.reading(unit.unit.unit, planned.params.of or planned.id, round_id)
        if reading is None:
            return None
        try:
            measure = self.measure(unit, planned, round_id, reading)
            score = score_measure(planned.method, planned.params, measure)
        except Unscorable as problem:
            self._unscorable(planned, reading, problem)
            return _ZERO
        for code, message in measure.warnings:
            self.warn(code, unit, planned.id, f"{unit.unit.title}“{planned.title}”（{round_id}）：{message}")
        if planned.method == "deduct":
            key = (unit.group, planned.id, planned.title)
            self.has_lost[key] = self.has_lost.get(key, False) or score < planned.points
        rounding = self._indicator_rounding
        return round_to(score, rounding.places, rounding.mode) if rounding else score

    def _unscorable(self, planned: Planned, reading: ReadingRow, problem: Unscorable) -> None:
        is_plan = problem.column in {"target", "params"}
        file, line = ("indicators.csv", planned.line) if is_plan else ("readings.csv", reading.line)
        self.error(file, line, problem.column, f"指标“{planned.title}”：{problem}")

    def measure(self, unit: UnitResult, planned: Planned, round_id: str, reading: ReadingRow) -> Measure:
        """What the method looks at; raises Unscorable where the reading does not suffice."""
        peers = partial(self.peers, unit, planned, round_id)
        last_year = exact(reading.last_year) if reading.last_year is not None else None
        if planned.method in {"given", "levels"}:
            value, target = _ZERO, None
        else:
            target = resolved_target(planned.target, last_year, peers, planned.params.value)
            value = derived(planned.params.value, _actual(reading), last_year, target)
        return Measure(
            planned.points, value, target, last_year, reading.actual, reading.score, reading.note, peers, []
        )

    def peers(self, unit: UnitResult, planned: Planned, round_id: str, kind: ValueOf) -> PeerValues:
        """The same number of all ranked units of the class that have a reading in the round."""
        key = (unit.group, unit.class_name, planned.component, planned.id, round_id, kind)
        found = self._peers.get(key)
        if found is None:
            members = self.classes[unit.group, unit.class_name]
            found = self._peers[key] = PeerValues(self._peer_values(members, planned, round_id, kind))
        return found

    def _peer_values(
        self, members: Iterable[UnitResult], planned: Planned, round_id: str, kind: ValueOf
    ) -> Iterable[Fraction]:
        for peer in members:
            if not is_ranked(peer.unit):
                continue
            reading = self.index.reading(peer.unit.unit, planned.params.of or planned.id, round_id)
            if reading is None or reading.actual is None or isinstance(reading.actual, str):
                continue
            its_own = peer.plan.get(planned.component, {}).get(round_id, ())
            own = next((one for one in its_own if one.id == planned.id), planned)
            last_year = exact(reading.last_year) if reading.last_year is not None else None
            try:
                target = _plain_target(own.target, last_year)
                yield derived(kind, exact(reading.actual), last_year, target)
            except Unscorable:
                continue  # the peer's own row is reported where it is scored


@dataclass(frozen=True, slots=True)
class Scope:
    """One component being scored for one class."""

    run: Run
    members: list[UnitResult]
    key: str
    component: Component
    points: Fraction


def _actual(reading: ReadingRow) -> Fraction:
    if reading.actual is None:
        raise Unscorable("没有填写完成值，请填写 actual；确实没有数据的，整行删去。")
    if isinstance(reading.actual, str):
        raise Unscorable(f"完成值“{reading.actual}”不是数字。")
    return exact(reading.actual)


def _plain_target(target: Fraction | str, last_year: Fraction | None) -> Fraction | None:
    """A peer's own target; one taken from the peers again would never end."""
    if isinstance(target, str) and target.startswith("peers_"):
        return None
    return resolved_target(target, last_year, lambda kind: PeerValues(()), "actual")
