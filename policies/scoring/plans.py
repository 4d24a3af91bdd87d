"""Which indicators a unit has in which round: the text's own, then its group's rows, then its own rows."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from policies.exact import NotANumber, parse_number
from policies.facts import CaseError, IndicatorRow
from policies.packs.content import Component, GroupContent, TextIndicator
from policies.packs.contents import flat_components
from policies.packs.defects import defects
from policies.packs.errors import did_you_mean, dotted
from policies.packs.methods import METHODS, TARGET_WORDS, Params, parse_params
from policies.packs.values import Score, score_not_negative


@dataclass(slots=True, eq=False)
class Planned:
    """One indicator of a unit, ready to be scored. Not frozen only because so many are built."""

    id: str
    title: str
    component: str
    points: Fraction
    method: str
    params: Params
    target: Fraction | str
    heading: str
    collector: str
    cite: str | None
    line: int


Plan = dict[str, dict[str, tuple[Planned, ...]]]
"""Component → round → indicators in the order of the text, then by id."""


@dataclass(slots=True)
class _Layer:
    """The cells of one source of an indicator: a text indicator or a row."""

    cells: Mapping[str, str]
    params: str
    rounds: tuple[str, ...]
    line: int


class Planner:
    """Builds the plans of one group's units; defects of the rows are collected in `errors`."""

    def __init__(
        self,
        group: str,
        content: GroupContent,
        scale: Fraction,
        rows: Iterable[IndicatorRow],
        errors: list[CaseError],
    ) -> None:
        self.group = group
        self.errors = errors
        self.holders = component_points(content, scale)
        self.components = {key: one for key, one, _ in flat_components(content.components)}
        self.rounds = {key: tuple(one.rounds) for key, one in self.components.items()}
        for key, section in (("bonus", content.bonus), ("deduction", content.deduction)):
            self.rounds[key] = tuple(section.rounds) if section else ()
        self.layers: dict[str, list[_Layer]] = _text_layers(content)
        for row in sorted(rows, key=lambda one: (one.indicator, bool(one.rounds))):
            self.layers.setdefault(row.indicator, []).append(_row_layer(row))

    def plan(self, own: Iterable[IndicatorRow]) -> Plan:
        """The unit's indicators by component and round."""
        layers = self.layers
        own = sorted(own, key=lambda one: (one.indicator, bool(one.rounds)))
        if own:
            layers = {key: list(value) for key, value in layers.items()}
            for row in own:
                layers.setdefault(row.indicator, []).append(_row_layer(row))
        found: dict[str, dict[str, list[Planned]]] = {}
        for key, stack in layers.items():
            for planned, rounds in self._variants(key, stack):
                by_round = found.setdefault(planned.component, {})
                for round_id in rounds:
                    by_round.setdefault(round_id, []).append(planned)
        return {
            component: {round_id: tuple(ones) for round_id, ones in by_round.items()}
            for component, by_round in found.items()
        }

    def _variants(self, key: str, stack: list[_Layer]) -> list[tuple[Planned, tuple[str, ...]]]:
        """The indicator as it holds for all rounds, or round by round where rows name rounds."""
        if not any(layer.rounds for layer in stack):
            planned = self._merged(key, stack)
            return [(planned, self._rounds_of(planned.component))] if planned else []
        variants: list[tuple[Planned, tuple[str, ...]]] = []
        for round_id in dict.fromkeys(name for names in self.rounds.values() for name in names):
            holding = [layer for layer in stack if not layer.rounds or round_id in layer.rounds]
            planned = self._merged(key, holding) if holding else None
            if planned and round_id in self._rounds_of(planned.component):
                variants.append((planned, (round_id,)))
        return variants

    def _rounds_of(self, component: str) -> tuple[str, ...]:
        return self.rounds.get(component, ("",))

    def _merged(self, key: str, stack: list[_Layer]) -> Planned | None:
        cells: dict[str, str] = {}
        params = ""
        for layer in stack:
            if layer.cells.get("method") and layer.cells["method"] != cells.get("method"):
                params = ""  # another method's parameters mean nothing to this one
            cells.update({name: value for name, value in layer.cells.items() if value})
            params = layer.params or params
        component = cells["component"]
        owner = self.components.get(component)
        method = cells.get("method") or (owner.method if owner else None) or ""
        line = stack[-1].line
        try:
            return Planned(
                id=key,
                title=cells.get("title") or key,
                component=component,
                points=_points(cells.get("points", ""), component, self.holders),
                method=method,
                params=_params(method, params),
                target=_target(cells.get("target", "")),
                heading=cells.get("heading", ""),
                collector=cells.get("collector", ""),
                cite=cells.get("cite") or (owner.cite if owner else None),
                line=line,
            )
        except _Defect as defect:
            self.errors.append(CaseError("indicators.csv", line, defect.column, f"指标“{key}”：{defect}"))
            return None


class _Defect(Exception):
    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def component_points(content: GroupContent, scale: Fraction) -> dict[str, Fraction]:
    """The points of every component and part; bonus, deduction and watched indicators have the scale."""
    result = dict.fromkeys(("bonus", "deduction", "none"), scale)

    def collect(components: Mapping[str, Component], holder: Fraction) -> None:
        for key, component in components.items():
            result[key] = component.points.of(holder)
            collect(component.parts, result[key])

    collect(content.components, scale)
    return result


def _text_layers(content: GroupContent) -> dict[str, list[_Layer]]:
    sources: list[tuple[str, Mapping[str, TextIndicator]]] = [
        *((key, one.indicators) for key, one, _ in flat_components(content.components)),
        *(("bonus", section.indicators) for section in [content.bonus] if section),
        *(("deduction", section.indicators) for section in [content.deduction] if section),
        ("none", content.watched.indicators),
    ]
    return {
        key: [_text_layer(component, indicator)]
        for component, indicators in sources
        for key, indicator in indicators.items()
    }


def _text_layer(component: str, indicator: TextIndicator) -> _Layer:
    params = json.dumps(indicator.params, sort_keys=True) if indicator.params else ""
    rounds = tuple(indicator.cell("round").split())
    return _Layer({**indicator.cells, "component": component}, params, rounds, 0)


def _row_layer(row: IndicatorRow) -> _Layer:
    cells = {
        "component": row.component,
        "title": row.title,
        "points": row.points,
        "method": row.method,
        "target": row.target,
        "heading": row.heading,
        "collector": row.collector,
    }
    return _Layer(cells, row.params, row.rounds, row.line)


def _points(text: str, component: str, holders: Mapping[str, Fraction]) -> Fraction:
    if not text:
        if component == "none":
            return Fraction(0)
        raise _Defect("points", "没有分值，请填写 points。")
    if component not in holders:
        return Fraction(0)  # the unknown component is reported by the checks
    try:
        return _score(text).of(holders[component])
    except PydanticCustomError as error:
        raise _Defect("points", str(error)) from None


@lru_cache(maxsize=8192)
def _score(text: str) -> Score:
    return score_not_negative(text)


def _target(text: str) -> Fraction | str:
    """A number, one of the words, or empty."""
    if not text or text in TARGET_WORDS:
        return text
    try:
        return parse_number(text)
    except NotANumber:
        words = "、".join(TARGET_WORDS)
        raise _Defect("target", f"目标值“{text}”应当是数字，或 {words} 之一。") from None


def _params(method: str, text: str) -> Params:
    if method not in METHODS:
        if not method:
            raise _Defect("method", "没有计分方法，请填写 method，或在方案里给这个构成部分写 method。")
        raise _Defect("method", f"没有“{method}”这种计分方法。{did_you_mean(method, METHODS)}")
    parsed = _parsed(method, text)
    if isinstance(parsed, str):
        raise _Defect("params", parsed)
    return parsed


@lru_cache(maxsize=8192)
def _parsed(method: str, text: str) -> Params | str:
    """The parameters, or in one sentence what is wrong with them."""
    try:
        raw: Any = json.loads(text) if text else {}
        return parse_params(method, raw)
    except ValidationError as error:
        return "".join(
            f"参数 {dotted(one.path) or method}：{one.message}{one.suggestion}" for one in defects(error)
        )
    except ValueError:
        return "参数不是 JSON 对象。"
