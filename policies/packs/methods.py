"""Parameters of the scoring methods: what `params` may say for each, checked before anything is scored."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from itertools import pairwise
from typing import Annotated, Any, Final, Literal

from pydantic import PlainValidator, ValidationError, model_validator

from policies.packs.defects import defects
from policies.packs.entries import Strict
from policies.packs.errors import did_you_mean, fail
from policies.packs.values import (
    AnyScore,
    Flag,
    Id,
    Number,
    Score,
    Share,
    identifier,
    number,
    positive,
    score,
    score_not_negative,
    text,
    within,
)

MISSING: Final = ("error", "zero", "full", "peers_mean", "reweight")
Missing = Literal["error", "zero", "full", "peers_mean", "reweight"]
Direction = Literal["up", "down"]
ValueOf = Literal["actual", "change", "rate", "completion"]
FULL: Final = Score(Fraction(1), True)
ZERO: Final = Score(Fraction(0))


@dataclass(frozen=True, slots=True)
class Band:
    """Points for values from `min` on; the last band of a list may have no `min`."""

    min: Fraction | None
    score: Score
    title: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Steps beyond or short of the target: from this gap on, every `every` counts `points`."""

    start: "Distance"
    every: "Distance"
    points: Score


@dataclass(frozen=True, slots=True)
class Distance:
    """A gap, absolute or as a share of |target|."""

    value: Fraction
    is_share: bool = False

    def of(self, target: Fraction) -> Fraction:
        """In the indicator's own unit."""
        return self.value * abs(target) if self.is_share else self.value


@dataclass(frozen=True, slots=True)
class Up:
    """What reaching beyond the target adds, at most `max`."""

    every: Distance
    add: Score
    max: Score | None


@dataclass(frozen=True, slots=True)
class Down:
    """What falling short takes, stretch by stretch."""

    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What the n-th event takes; None takes all the rest."""

    points: tuple[Score | None, ...]


@dataclass(frozen=True, slots=True)
class QualityLevel:
    """One level of a qualitative indicator, with the criteria for awarding it."""

    score: Score
    title: str
    criteria: str


def parse_bands(raw: object) -> tuple[Band, ...]:
    """`[{min: 90, score: 30}, …, {score: 0}]`, best first; defects point at the band."""
    if not isinstance(raw, list) or not raw:
        fail("档次应当是列表，例如 [{min: 90, score: 30}, {score: 0}]。")
    parsed = tuple(within(index, _band, item) for index, item in enumerate(raw))
    for index, (upper, lower) in enumerate(pairwise(parsed), start=1):
        if upper.min is None:
            fail("没有 min 的一档只能放在最后。", index - 1)
        if lower.min is not None and lower.min >= upper.min:
            fail("档次应当从高到低排列，min 逐档变小，不能重复。", index)
    return parsed


def _band(raw: object) -> Band:
    entries = _known(raw, {"min", "score", "title"}, {"score"})
    lowest = within("min", number, entries["min"]) if "min" in entries else None
    return Band(lowest, within("score", score, entries["score"]), str(entries.get("title", "")))


def distance(raw: object) -> Distance:
    """`0.5` or `1%` (of the target's absolute value); above zero."""
    value = text(raw)
    if value.endswith(("%", "％")):
        return Distance(positive(value[:-1]) / 100, True)
    return Distance(positive(value))


def _start(raw: object) -> Distance:
    return Distance(Fraction(0)) if raw == "0" else distance(raw)


def _up(raw: object) -> Up:
    entries = _known(raw, {"every", "add", "max"}, {"every", "add"})
    limit = within("max", score_not_negative, entries["max"]) if "max" in entries else None
    add = within("add", score_not_negative, entries["add"])
    return Up(within("every", distance, entries["every"]), add, limit)


def _down(raw: object) -> Down:
    if not isinstance(raw, list):
        return Down((_stretch(raw, first=True),))
    stretches = [within(index, partial(_stretch, first=index == 0), item) for index, item in enumerate(raw)]
    starts = [stretch.start for stretch in stretches]
    if not stretches or len({start.is_share for start in starts if start.value}) > 1:
        fail("分段要写成列表，各段的 from 单位要一致（都是绝对数或都是百分数）。")
    if any(left.value >= right.value for left, right in pairwise(starts)):
        fail("各段的 from 应当从小到大排列。")
    return Down(tuple(stretches))


def _stretch(raw: object, *, first: bool) -> Stretch:
    entries = _known(
        raw, {"every", "take", "from"}, {"every", "take"} if first else {"every", "take", "from"}
    )
    start = within("from", _start, entries.get("from", "0"))
    take = within("take", score_not_negative, entries["take"])
    return Stretch(start, within("every", distance, entries["every"]), take)


def _taken(raw: object) -> Taken:
    items = raw if isinstance(raw, list) else [raw]
    if not items:
        fail("each 是空的，应当写每次扣几分，例如 0.5、[0.5, 1] 或 all。")
    parsed = [None if item == "all" else within(n, score_not_negative, item) for n, item in enumerate(items)]
    return Taken(tuple(parsed))


def _levels(raw: object) -> dict[str, QualityLevel]:
    if not isinstance(raw, dict) or not raw:
        fail("levels 应当写成 {标识: 100%, …} 或 {标识: {score: 100%, criteria: 标准}}。")
    return {within(key, identifier, key): within(key, _level, value) for key, value in raw.items()}


def _level(raw: object) -> QualityLevel:
    if isinstance(raw, str):
        return QualityLevel(score_not_negative(raw), "", "")
    entries = _known(raw, {"score", "title", "criteria"}, {"score"})
    points = within("score", score_not_negative, entries["score"])
    return QualityLevel(points, str(entries.get("title", "")), str(entries.get("criteria", "")))


def _table(raw: object) -> tuple[Score, ...]:
    if not isinstance(raw, list) or not raw:
        fail("table 应当是名次对应得分的列表，例如 [100%, 95%, 90%]。")
    return tuple(within(index, score, item) for index, item in enumerate(raw))


def _limit(raw: object) -> Fraction | None:
    if raw == "none":
        return None
    value = text(raw)
    if not value.endswith(("%", "％")) or number(value[:-1]) < 100:
        fail(f"max 不能是“{raw}”，应当写不低于 100% 的百分数（例如 120%）或 none（不封顶）。")
    return number(value[:-1]) / 100


def _known(raw: object, allowed: set[str], needed: set[str]) -> dict[str, Any]:
    if not isinstance(raw, dict):
        fail("这里应当是一组“键: 值”。")
    for key in raw:
        if key not in allowed:
            fail(f"不认识“{key}”。", key, suggestion=did_you_mean(str(key), allowed))
    for key in sorted(needed - set(raw)):
        fail(f"缺少“{key}”。")
    return raw


class Params(Strict):
    """What every method allows: the direction, whose readings, which number is looked at, when none came."""

    direction: Direction = "up"
    of: Id | None = None
    value: ValueOf = "actual"
    missing: Missing | None = None


class Ratio(Params):
    """Points × actual ÷ target below the target (zhengding 五（一）1: 按实际完成比例折算)."""

    floor: AnyScore = ZERO
    max: Annotated[Fraction | None, PlainValidator(_limit)] = Fraction(1)
    zero_below: Share | None = None

    @cached_property
    def is_plain(self) -> bool:
        """Nothing but the proportion: no more than full points, no floor, no threshold."""
        return self.max == 1 and not self.floor.value and self.zero_below is None


class Threshold(Params):
    """All or nothing."""


class Step(Params):
    """So many points for every so much above or below the target."""

    up: Annotated[Up | None, PlainValidator(_up)] = None
    down: Annotated[Down | None, PlainValidator(_down)] = None
    partial: Literal["floor", "ceil", "exact"]
    segments: Literal["parts", "whole"] | None = None
    floor: AnyScore = ZERO

    @model_validator(mode="after")
    def _complete(self) -> "Step":
        if self.up is None and self.down is None:
            fail("step 至少要写 up（超额加分）或 down（不足扣分）。")
        if self.down and len(self.down.stretches) > 1 and self.segments is None:
            fail("分段扣分要写明 segments：parts（各段分别计）或 whole（全部按所在段计）。")
        return self


class Bands(Params):
    """The band with the greatest `min` not above the value."""

    bands: Annotated[tuple[Band, ...], PlainValidator(parse_bands)]
    upper_inclusive: Flag = False


class Efficacy(Params):
    """功效系数法: a base score plus the place between a low and a high value."""

    base: Number = Fraction(60)
    low: Number | None = None
    high: Number | None = None
    clamp: Flag = True
    equal: Literal["full", "base"] = "full"


@dataclass(frozen=True, slots=True)
class GrowthPart:
    """One half of `growth`: its weight among the two, method, parameters and target."""

    weight: Fraction
    method: str
    params: Params
    target: Fraction | str


def _growth_part(raw: object) -> GrowthPart:
    if not isinstance(raw, dict):
        fail("increment 和 rate 都应当写成 {weight: 50%, method: 方法, …}。")
    rest = {key: value for key, value in raw.items() if key not in {"weight", "method", "target"}}
    method = within("method", method_name, raw.get("method"))
    if method in {"growth", "levels", "given", "deduct"}:
        fail(f"增量和增速不能用“{method}”计分。", "method")
    weight = within("weight", score_not_negative, raw.get("weight")).value
    target = within("target", _growth_target, raw.get("target", ""))
    return GrowthPart(weight, method, nested_params(method, rest), target)


def _growth_target(raw: object) -> Fraction | str:
    if raw in ("", "peers_mean", "peers_min", "peers_max"):
        return str(raw)
    return number(raw)


class Growth(Params):
    """增量 + 增速: two methods side by side, each with its weight."""

    increment: Annotated[GrowthPart, PlainValidator(_growth_part)]
    rate: Annotated[GrowthPart, PlainValidator(_growth_part)]
    no_base: Literal["error", "increment"] = "error"


class Rank(Params):
    """Points by place among the peers."""

    table: Annotated[tuple[Score, ...], PlainValidator(_table)]
    then: AnyScore = ZERO
    floor: AnyScore = ZERO
    ties: Literal["min", "mean", "dense"] = "min"


class Deduct(Params):
    """Points lost for every event."""

    each: Annotated[Taken, PlainValidator(_taken)]
    floor: AnyScore = ZERO


class Levels(Params):
    """Qualitative: the level awarded says the score."""

    levels: Annotated[dict[str, QualityLevel], PlainValidator(_levels)]


class Given(Params):
    """Entered by the collector, with a reason."""


METHODS: Final[dict[str, type[Params]]] = {
    "ratio": Ratio,
    "threshold": Threshold,
    "step": Step,
    "bands": Bands,
    "efficacy": Efficacy,
    "growth": Growth,
    "rank": Rank,
    "deduct": Deduct,
    "levels": Levels,
    "given": Given,
}
NEEDS_TARGET: Final = frozenset({"ratio", "threshold", "step"})
TARGET_WORDS: Final = ("last_year", "peers_mean", "peers_min", "peers_max")


def method_name(raw: object) -> str:
    """One of the ten methods."""
    value = text(raw)
    if value not in METHODS:
        fail(f"没有“{value}”这种计分方法。", suggestion=did_you_mean(value, METHODS))
    return value


def parse_params(method: str, raw: dict[str, Any]) -> Params:
    """Check the parameters of a method; raises pydantic's ValidationError with every defect."""
    return METHODS[method].model_validate(raw)


def nested_params(method: str, raw: dict[str, Any]) -> Params:
    """Parameters inside another value: the first defect becomes a defect of that value."""
    try:
        return parse_params(method, raw)
    except ValidationError as error:
        defect = defects(error)[0]
        fail(defect.message, *defect.path, suggestion=defect.suggestion)


MethodName = Annotated[str, PlainValidator(method_name)]
