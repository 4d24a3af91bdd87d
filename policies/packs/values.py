"""The small values of the language: texts, numbers, scores, weights, comparisons, each read from text."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Final, TypeVar

from pydantic import PlainValidator
from pydantic_core import PydanticCustomError

from policies.clocks import Clock, Span, parse_clock, parse_month_day, parse_span
from policies.exact import NotANumber, halfwidth, parse_number, percent, plain
from policies.packs.errors import did_you_mean, fail

MONTHS: Final = tuple(f"m{month:02d}" for month in range(1, 13))
QUARTERS: Final = ("q1", "q2", "q3", "q4")
STANDARD_ROUNDS: Final = frozenset({"midyear", "yearend", "h1", "h2", *QUARTERS, *MONTHS})
T = TypeVar("T")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")


@dataclass(frozen=True, slots=True)
class Score:
    """A number of points, or a share of the points of whatever holds it."""

    value: Fraction
    is_share: bool = False

    def of(self, holder: Fraction) -> Fraction:
        """In points, given the points of the holder."""
        return self.value * holder if self.is_share else self.value

    @property
    def text(self) -> str:
        """As the pack writes it: `5` or `95%`."""
        return percent(self.value) if self.is_share else plain(self.value)


@dataclass(frozen=True, slots=True)
class Compare:
    """A test of one number: equal to it, or within `min` ≥, `above` >, `max` ≤, `below` <."""

    equal: Fraction | None = None
    min: Fraction | None = None
    above: Fraction | None = None
    max: Fraction | None = None
    below: Fraction | None = None

    def holds(self, value: Fraction) -> bool:
        """Does the number pass every part of the test?"""
        return (
            (self.equal is None or value == self.equal)
            and (self.min is None or value >= self.min)
            and (self.above is None or value > self.above)
            and (self.max is None or value <= self.max)
            and (self.below is None or value < self.below)
        )


def text(raw: object) -> str:
    """A non-empty text."""
    if not isinstance(raw, str):
        fail("这里应当是一段文字，不能是列表或一组键值。")
    if not raw.strip():
        fail("这里是空的，请填写内容；不需要这一项就整行删去。")
    return raw.strip()


def identifier(raw: object) -> str:
    """An id: letters, digits, `_` and `-`, beginning with a letter."""
    value = text(raw)
    if not _ID.match(value):
        fail(f"“{value}”不能作标识：标识用英文字母开头，只含字母、数字、下划线和连字符。")
    return value


def number(raw: object) -> Fraction:
    """A decimal number."""
    try:
        return parse_number(text(raw))
    except NotANumber as error:
        fail(str(error))


def positive(raw: object) -> Fraction:
    """A number above zero."""
    value = number(raw)
    if value <= 0:
        fail(f"“{raw}”应当大于 0。")
    return value


def not_negative(raw: object) -> Fraction:
    """A number that is zero or more."""
    value = number(raw)
    if value < 0:
        fail(f"“{raw}”不能是负数；扣分也写成正数，由系统相减。")
    return value


def count(raw: object) -> int:
    """A whole number, zero or more."""
    value = not_negative(raw)
    if value.denominator != 1 or value > 1_000_000:
        fail(f"“{raw}”应当是整数。")
    return int(value)


def share(raw: object) -> Fraction:
    """A percentage between 0 and 100, as a fraction of one."""
    value = halfwidth(text(raw))
    if not value.endswith("%"):
        fail(f"“{raw}”应当写成百分数，例如 25%。")
    result = not_negative(value[:-1]) / 100
    if result > 1:
        fail(f"“{raw}”超过了 100%，请核对。")
    return result


def score(raw: object) -> Score:
    """Points, or a percentage of the holder's points (which may exceed 100)."""
    value = halfwidth(text(raw))
    if value.endswith("%"):
        return Score(number(value[:-1]) / 100, True)
    return Score(number(value))


def score_not_negative(raw: object) -> Score:
    """Points or a percentage, zero or more."""
    result = score(raw)
    if result.value < 0:
        fail(f"“{raw}”不能是负数；封顶值和扣分都写成正数。")
    return result


def flag(raw: object) -> bool:
    """`true` or `false`."""
    if raw not in ("true", "false"):
        fail(f"“{raw}”应当写 true（是）或 false（否）。")
    return raw == "true"


def identifiers(raw: object) -> tuple[str, ...]:
    """One id or a list of ids."""
    if isinstance(raw, list):
        values = tuple(within(index, identifier, item) for index, item in enumerate(raw))
        repeated = next((value for value in values if values.count(value) > 1), None)
        if repeated:
            fail(f"“{repeated}”在列表里重复了。")
        return values
    return (identifier(raw),)


def weights(raw: object) -> dict[str, Fraction]:
    """Percentages that add up to 100, or parts (part ÷ sum); a list shares equally. Values add up to 1."""
    if isinstance(raw, list):
        return _equal(identifiers(raw))
    if not isinstance(raw, dict) or not raw:
        fail("权重应当写成 {标识: 50%, …}（合计 100%）或 {标识: 1, …}（按份数）。")
    parsed = {
        within(key, identifier, key): within(key, score_not_negative, value) for key, value in raw.items()
    }
    total = sum((item.value for item in parsed.values()), Fraction(0))
    if len({item.is_share for item in parsed.values()}) > 1:
        fail("权重要么都写百分数，要么都写份数，不能混用。")
    if next(iter(parsed.values())).is_share and total != 1:
        fail(f"各权重合计是 {percent(total)}，应当正好是 100%。")
    if total <= 0:
        fail("各权重合计是 0，至少有一项要大于 0。")
    return {key: item.value / total for key, item in parsed.items()}


def rounds(raw: object) -> dict[str, Fraction]:
    """`monthly`, `quarterly`, a list (equal weights) or weights by round id."""
    if raw == "monthly":
        return _equal(MONTHS)
    if raw == "quarterly":
        return _equal(QUARTERS)
    if isinstance(raw, str):
        return _equal((identifier(raw),))
    return weights(raw)


def compare(raw: object) -> Compare:
    """A number, or a map of `min`, `above`, `max`, `below`."""
    if not isinstance(raw, dict):
        return Compare(equal=number(raw))
    for key in raw:
        if key not in {"min", "above", "max", "below"}:
            fail(f"不认识“{key}”。", key, suggestion=did_you_mean(key, ("min", "above", "max", "below")))
    if not raw:
        fail("比较条件是空的，应当写成 {min: 60}（不低于）、{below: 60}（低于）等。")
    return Compare(**{key: within(key, number, value) for key, value in raw.items()})


def _equal(keys: tuple[str, ...]) -> dict[str, Fraction]:
    if not keys:
        fail("列表是空的，至少要写一项。")
    return {key: Fraction(1, len(keys)) for key in keys}


def within(place: str | int, parse: Callable[[object], T], raw: object) -> T:
    """Parse a value below the current one, so that a defect points at its own line."""
    try:
        return parse(raw)
    except PydanticCustomError as error:
        context = dict(error.context or {})
        fail(context["text"], place, *context["at"], suggestion=context["suggestion"])


def clock(raw: object) -> Clock:
    """A deadline rule."""
    try:
        return parse_clock(raw)
    except ValueError as error:
        fail(str(error))


def ladder_step(raw: object) -> Span:
    """A signed distance from the deadline."""
    try:
        return parse_span(text(raw), signed=True)
    except ValueError as error:
        fail(str(error))


def month_day(raw: object) -> tuple[tuple[int, int], bool]:
    """`07-10` or `next 01-15`."""
    try:
        return parse_month_day(text(raw))
    except ValueError as error:
        fail(str(error))


Text = Annotated[str, PlainValidator(text)]
Id = Annotated[str, PlainValidator(identifier)]
Ids = Annotated[tuple[str, ...], PlainValidator(identifiers)]
Number = Annotated[Fraction, PlainValidator(number)]
PositiveNumber = Annotated[Fraction, PlainValidator(positive)]
Count = Annotated[int, PlainValidator(count)]
Share = Annotated[Fraction, PlainValidator(share)]
AnyScore = Annotated[Score, PlainValidator(score)]
NonNegativeScore = Annotated[Score, PlainValidator(score_not_negative)]
Flag = Annotated[bool, PlainValidator(flag)]
Weights = Annotated[dict[str, Fraction], PlainValidator(weights)]
Rounds = Annotated[dict[str, Fraction], PlainValidator(rounds)]
Comparison = Annotated[Compare, PlainValidator(compare)]
ClockRule = Annotated[Clock, PlainValidator(clock)]
LadderSpan = Annotated[Span, PlainValidator(ladder_step)]
MonthDay = Annotated[tuple[tuple[int, int], bool], PlainValidator(month_day)]
