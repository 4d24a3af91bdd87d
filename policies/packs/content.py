"""评估内容 content: components and their parts, bonus and deduction items, vetoes."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated, Any, Final, Literal

from pydantic import Field, PlainValidator, model_validator

from policies.packs.conditions import When
from policies.packs.entries import Entry, Strict
from policies.packs.errors import fail
from policies.packs.methods import Band, MethodName, Missing, parse_bands
from policies.packs.values import (
    AnyScore,
    Count,
    Flag,
    Id,
    Ids,
    NonNegativeScore,
    Number,
    PositiveNumber,
    Rounds,
    Score,
    Text,
    Weights,
    count,
    number,
    score,
    score_not_negative,
    text,
    within,
)

ScoredBy = Literal["indicators", "survey", "ballots", "special", "portfolio", "given"]
_EVERY: Final = frozenset(
    {"title", "points", "scored_by", "rounds", "missing", "headings", "parts", "cite", "basis", "note"}
)
_KEYS: Final[dict[str, frozenset[str]]] = {
    "indicators": frozenset({"method", "items", "indicators", "combine", "incomplete"}),
    "survey": frozenset({"bands", "min_turnout"}),
    "ballots": frozenset({"voters", "trim", "min_votes", "min_turnout", "missing_kind", "anonymous"}),
    "special": frozenset({"map", "results_of", "several"}),
    "portfolio": frozenset({"results_of"}),
    "given": frozenset(),
}
_CELLS: Final = (
    "title",
    "points",
    "method",
    "target",
    "collector",
    "heading",
    "round",
    "cite",
    "basis",
    "note",
)


@dataclass(frozen=True)
class TextIndicator:
    """An indicator the text itself sets: the cells of a row of `indicators.csv`, params flat beside them."""

    cells: dict[str, str]
    params: dict[str, Any]

    def cell(self, name: str) -> str:
        """A cell's text, empty when not written."""
        return self.cells.get(name, "")


@dataclass(frozen=True)
class GivenRange:
    """Points left to a decision between two bounds; undecided, it is an error."""

    low: Score
    high: Score


@dataclass(frozen=True)
class ItemPoints:
    """Points of a bonus or deduction item by occurrence (the last repeats); none: the row gives them."""

    by_occurrence: tuple[Fraction, ...] = field(default=())

    @property
    def is_given(self) -> bool:
        """Does each row bring its own points?"""
        return not self.by_occurrence

    def total(self, first: int, occurrences: int) -> Fraction:
        """Points of so many occurrences, the first being number `first` (counted from 0)."""
        last = len(self.by_occurrence) - 1
        listed = range(first, min(first + occurrences, last))
        beyond = occurrences - len(listed)
        return sum((self.by_occurrence[n] for n in listed), Fraction(0)) + beyond * self.by_occurrence[last]


def _text_indicator(raw: object) -> TextIndicator:
    if not isinstance(raw, dict):
        fail("指标应当写成一组键值，例如 {title: 名称, points: 10, method: ratio, target: 100}。")
    cells = {key: within(key, text, value) for key, value in raw.items() if key in _CELLS}
    if "points" in cells:
        within("points", score_not_negative, cells["points"])
    return TextIndicator(cells, {key: value for key, value in raw.items() if key not in _CELLS})


def _items(raw: object) -> tuple[int, int]:
    if not isinstance(raw, list) or len(raw) != 2:
        fail("items 应当写成 [最少, 最多]，例如 [1, 6]。")
    low, high = within(0, count, raw[0]), within(1, count, raw[1])
    if low > high:
        fail("items 的最少个数大于最多个数。")
    return low, high


def _grade_map(raw: object) -> dict[str, Score | GivenRange]:
    if not isinstance(raw, dict) or not raw:
        fail("map 应当写成 {等次: 分值}，例如 {first: 10, good: {from: 8, to: 9, undecided: error}}。")
    return {key: within(key, _mapped, value) for key, value in raw.items()}


def _mapped(raw: object) -> Score | GivenRange:
    if not isinstance(raw, dict):
        return score(raw)
    if set(raw) - {"undecided"} != {"from", "to"} or raw.get("undecided", "error") != "error":
        fail("由决定确定的分值应当写成 {from: 8, to: 9, undecided: error}。")
    return GivenRange(within("from", score, raw["from"]), within("to", score, raw["to"]))


def _points(raw: object) -> ItemPoints:
    if raw == "given":
        return ItemPoints()
    items = raw if isinstance(raw, list) else [raw]
    parsed = tuple(within(index, number, item) for index, item in enumerate(items))
    if not parsed or min(parsed) < 0:
        fail("分值应当是不小于 0 的数（加分、减分都写正数）、按次数排列的列表，或 given（由决定给分）。")
    return ItemPoints(parsed)


def _range(raw: object) -> tuple[Fraction, Fraction]:
    if not isinstance(raw, list) or len(raw) != 2:
        fail("range 应当写成 [最低, 最高]，例如 [0, 4]。")
    low, high = within(0, number, raw[0]), within(1, number, raw[1])
    if low > high:
        fail("range 的最低分大于最高分。")
    return low, high


class ResultsOf(Strict):
    """Whose results count: units of other groups of this cycle, or `results.csv`."""

    group: Ids = ()
    linked_by: Id | None = None
    file: Flag = False

    @model_validator(mode="after")
    def _one_source(self) -> "ResultsOf":
        if bool(self.group) == self.file or bool(self.group) != bool(self.linked_by):
            fail("results_of 要么写 {file: true}，要么同时写 group（组）和 linked_by（units.csv 里的列名）。")
        return self


class Component(Entry):
    """One part of the content, e.g. 指标评估 90 分; either `scored_by` something or made of `parts`."""

    title: Text
    points: AnyScore
    scored_by: ScoredBy | None = None
    rounds: Rounds = Field(default_factory=lambda: {"yearend": Fraction(1)})
    missing: Missing = "error"
    headings: dict[Id, Text] = Field(default_factory=dict)
    parts: dict[Id, "Component"] = Field(default_factory=dict)
    method: MethodName | None = None
    items: Annotated[tuple[int, int] | None, PlainValidator(_items)] = None
    indicators: dict[Id, Annotated[TextIndicator, PlainValidator(_text_indicator)]] = Field(
        default_factory=dict
    )
    combine: Literal["sum", "mean", "weighted", "geometric"] = "sum"
    incomplete: Literal["error", "scale"] = "error"
    bands: Annotated[tuple[Band, ...], PlainValidator(parse_bands)] = ()
    min_turnout: Number | None = None
    voters: Weights = Field(default_factory=dict)
    trim: Count = 0
    min_votes: Count = 1
    missing_kind: Literal["error", "reweight"] = "error"
    anonymous: Flag = False
    map: Annotated[dict[str, Score | GivenRange], PlainValidator(_grade_map)] = Field(default_factory=dict)
    results_of: ResultsOf | None = None
    several: Literal["mean", "worst", "best"] = "mean"

    @model_validator(mode="before")
    @classmethod
    def _keys_of_its_kind(cls, raw: Any) -> Any:
        kind = raw.get("scored_by") if isinstance(raw, dict) else None
        if not isinstance(raw, dict) or (kind is not None and str(kind) not in _KEYS):
            return raw
        if (kind is None) == ("parts" not in raw):
            fail("构成部分要么写 scored_by（怎样得分），要么写 parts（由哪些部分组成），二者取一。")
        allowed = _EVERY | _KEYS.get(str(kind), frozenset())
        for key in raw:
            owners = [name for name, keys in _KEYS.items() if key in keys]
            if key not in allowed and owners:
                fail(
                    f"“{key}”只用于 scored_by: {'、'.join(owners)}。",
                    key,
                    suggestion="请删去，或改 scored_by。",
                )
        return raw

    @model_validator(mode="after")
    def _complete(self) -> "Component":
        if self.scored_by == "ballots" and not self.voters:
            fail("打分评估要写 voters（谁来打分、各占多少权重），例如 {county_leader: 1}。")
        if self.scored_by in {"special", "portfolio"} and self.results_of is None:
            fail("要写 results_of（用谁的结果），例如 {file: true}。")
        if self.scored_by == "special" and not self.map:
            fail("要写 map（各等次对应的分值）。")
        return self


class AdjustmentItem(Entry):
    """One bonus or deduction item; points are positive in both."""

    title: Text
    points: Annotated[ItemPoints, PlainValidator(_points)]
    range: Annotated[tuple[Fraction, Fraction] | None, PlainValidator(_range)] = None
    part: Id | None = None
    cap: NonNegativeScore | None = None
    limit: Count | None = None
    multipliers: dict[Id, PositiveNumber] = Field(default_factory=dict)
    decided_by: Ids = ()

    @model_validator(mode="after")
    def _range_only_when_given(self) -> "AdjustmentItem":
        if self.range is not None and not self.points.is_given:
            fail("range 只用于 points: given（由决定给分）。")
        return self


class AdjustmentPart(Entry):
    """A share of the deductions (or bonuses) with its own cap."""

    title: Text | None = None
    cap: NonNegativeScore


class Adjustments(Entry):
    """加分 or 减分: items with caps on item, part and whole."""

    title: Text | None = None
    cap: NonNegativeScore | None = None
    parts: dict[Id, AdjustmentPart] = Field(default_factory=dict)
    same_fact: Literal["highest", "sum"] = "highest"
    items: dict[Id, AdjustmentItem] = Field(default_factory=dict)
    indicators: dict[Id, Annotated[TextIndicator, PlainValidator(_text_indicator)]] = Field(
        default_factory=dict
    )
    rounds: Rounds = Field(default_factory=lambda: {"yearend": Fraction(1)})


class Effect(Strict):
    """What a veto does; an empty effect is there for a use to name."""

    deduct: Annotated[Fraction | None, PlainValidator(number)] = None
    bar: Id | None = None
    lower: Count = 0
    set: Id | None = None


class Veto(Entry):
    """一票否决: raised by a fact, or by itself `when` a condition holds."""

    title: Text
    effect: Effect = Effect()
    when: When | None = None
    decided_by: Ids = ()


class Watched(Strict):
    """Indicators that are followed and never scored."""

    indicators: dict[Id, Annotated[TextIndicator, PlainValidator(_text_indicator)]] = Field(
        default_factory=dict
    )


class Limits(Entry):
    """Bounds of the total; without them 104 and −3 can be."""

    min: Number | None = None
    max: Number | None = None


class GroupContent(Strict):
    """Everything one group is assessed on."""

    components: dict[Id, Component] = Field(default_factory=dict)
    bonus: Adjustments | None = None
    deduction: Adjustments | None = None
    vetoes: dict[Id, Veto] = Field(default_factory=dict)
    watched: Watched = Watched()
    limits: Limits | None = None


class CommonContent(GroupContent):
    """Content shared by several groups."""

    groups: Ids = Field(alias="for")
