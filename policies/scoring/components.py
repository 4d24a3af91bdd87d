"""One component for one class: rounds, replaced rounds, missing data, weights of rounds."""

from collections.abc import Callable
from fractions import Fraction

from policies.exact import exact_sum, round_to
from policies.packs.content import Component
from policies.scoring import panels, portfolios
from policies.scoring.combining import indicators_round
from policies.scoring.measures import exact
from policies.scoring.records import ComponentResult, RoundResult, UnitResult
from policies.scoring.run import Run, Scope

_ZERO = Fraction(0)
_FILES = {
    "indicators": "readings.csv",
    "survey": "surveys.csv",
    "ballots": "ballots.csv",
    "given": "components.csv",
}
_WANTED = {
    "indicators": "指标数据",
    "survey": "有效的满意度调查结果",
    "ballots": "有效的打分",
    "special": "专项考核结果",
    "portfolio": "分管（联系）对象的结果",
    "given": "给定的得分",
}


class ComponentScorer:
    """Scores one component (or part) for all units of one class."""

    def __init__(
        self, run: Run, members: list[UnitResult], key: str, component: Component, points: Fraction
    ) -> None:
        self.scope = Scope(run, members, key, component, points)
        self.run = run
        self.members = members
        self.key = key
        self.component = component
        self.points = points
        self.weights = run.due_rounds(component.rounds)

    def score(self) -> dict[str, ComponentResult]:
        """The component's result of every unit of the class, by unit id."""
        if self.component.parts:
            return self._from_parts()
        raw = {unit.unit.unit: self._raw(unit) for unit in self.members}
        return {unit.unit.unit: self._closed(unit, raw) for unit in self.members}

    def _from_parts(self) -> dict[str, ComponentResult]:
        scored = {
            key: ComponentScorer(self.run, self.members, key, part, part.points.of(self.points)).score()
            for key, part in self.component.parts.items()
        }
        results = {}
        for unit in self.members:
            parts = {key: results[unit.unit.unit] for key, results in scored.items()}
            given = self.run.index.given.get((unit.unit.unit, self.key, ""))
            value = exact(given.score) if given else sum_left(parts, self.points)
            origin = "given" if given else "computed"
            results[unit.unit.unit] = ComponentResult(
                self.component, self.points, self._rounded(value), parts=parts, origin=origin
            )
        return results

    def _raw(self, unit: UnitResult) -> dict[str, RoundResult | None]:
        """What each round brings before missing ones are filled; a row for the year stands for all rounds."""
        if (unit.unit.unit, self.key, "") in self.run.index.given:
            return {}
        return {round_id: self._round(unit, round_id) for round_id in self.weights}

    def _round(self, unit: UnitResult, round_id: str) -> RoundResult | None:
        given = self.run.index.given.get((unit.unit.unit, self.key, round_id))
        if given:
            return RoundResult(exact(given.score), "given")
        return _ROUND_SCORERS[str(self.component.scored_by)](self.scope, unit, round_id)

    def _closed(self, unit: UnitResult, raw: dict[str, dict[str, RoundResult | None]]) -> ComponentResult:
        result = ComponentResult(self.component, self.points, None)
        given = self.run.index.given.get((unit.unit.unit, self.key, ""))
        if given:
            result.value, result.origin = self._rounded(exact(given.score)), "given"
            return result
        for round_id, found in raw[unit.unit.unit].items():
            result.rounds[round_id] = found or self._filled(unit, round_id, raw)
        counting = {
            key: weight for key, weight in self.weights.items() if result.rounds[key].value is not None
        }
        total = sum(counting.values(), _ZERO)
        if total:
            result.weights = {key: weight / total for key, weight in counting.items()}
            values = ((result.rounds[key].value or _ZERO) * weight for key, weight in result.weights.items())
            result.value = self._rounded(exact_sum(values))
        return result

    def _filled(
        self, unit: UnitResult, round_id: str, raw: dict[str, dict[str, RoundResult | None]]
    ) -> RoundResult:
        """What stands for a round without data, as `missing` says."""
        policy = self.component.missing
        if policy == "zero":
            return RoundResult(_ZERO, "zero")
        if policy == "full":
            return RoundResult(self.points, "full")
        if policy == "reweight":
            return RoundResult(None, "left_out")
        if policy == "peers_mean":
            peers = [rounds.get(round_id) for rounds in raw.values()]
            values = [one.value for one in peers if one and one.value is not None]
            if values:
                return RoundResult(exact_sum(values) / len(values), "peers_mean")
        self._missing(unit, round_id)
        return RoundResult(_ZERO, "zero")

    def _missing(self, unit: UnitResult, round_id: str) -> None:
        kind = str(self.component.scored_by)
        message = (
            f"{unit.unit.title}“{self.component.title}”{round_id} 轮没有{_WANTED[kind]}，"
            "请补上数据；确实没有的，在方案里写明 missing（缺数据时如何计）。"
        )
        self.run.error(_FILES.get(kind, "results.csv"), 0, "", message)

    def _rounded(self, value: Fraction | None) -> Fraction | None:
        rounding = self.run.pack.rounding.get("component")
        return round_to(value, rounding.places, rounding.mode) if rounding and value is not None else value


def sum_left(parts: dict[str, ComponentResult], points: Fraction) -> Fraction | None:
    """The sum of what was assessed, scaled up for what was left out; None if everything was."""
    present = [part for part in parts.values() if part.value is not None]
    weight = exact_sum(part.points for part in present)
    if not weight:
        return None
    total = exact_sum(part.value for part in present if part.value is not None)
    return total if weight == points else total * points / weight


RoundScorer = Callable[[Scope, UnitResult, str], RoundResult | None]
_ROUND_SCORERS: dict[str, RoundScorer] = {
    "indicators": indicators_round,
    "survey": panels.survey_round,
    "ballots": panels.ballots_round,
    "special": portfolios.special_round,
    "portfolio": portfolios.portfolio_round,
    "given": lambda scope, unit, round_id: None,
}
