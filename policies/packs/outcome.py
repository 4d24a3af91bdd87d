"""评估等次 grades and 结果运用 uses: levels with quotas and ties, consequences with computed amounts."""

from typing import Annotated, Literal

from pydantic import Field, PlainValidator, model_validator

from policies.packs.conditions import Condition, When
from policies.packs.entries import Entry, Strict
from policies.packs.errors import fail
from policies.packs.values import (
    ClockRule,
    Count,
    Flag,
    Id,
    Ids,
    NonNegativeScore,
    Number,
    Share,
    Text,
    count,
    identifier,
    within,
)

RoundingWord = Literal["half_up", "half_even", "floor", "ceil"]


def _places(raw: object) -> tuple[int, int]:
    """`3`, or `[3, 5]`: as decided between the two, else the most."""
    if not isinstance(raw, list):
        return count(raw), count(raw)
    if len(raw) != 2:
        fail("count 应当写一个整数，或 [最少, 最多]，例如 [3, 5]。")
    low, high = within(0, count, raw[0]), within(1, count, raw[1])
    if low > high:
        fail("count 的最少名额大于最多名额。")
    return low, high


def _tie_keys(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list):
        fail("by 应当是列表，例如 [indicators, fewer:deduction]。")
    return tuple(within(index, _tie_key, item) for index, item in enumerate(raw))


def _tie_key(raw: object) -> str:
    prefix, _, rest = str(raw).rpartition(":")
    if prefix not in {"", "fewer"}:
        fail(f"不认识“{raw}”，应当写构成部分的标识、exact_total 或 fewer:deduction。")
    return f"{prefix}:{identifier(rest)}" if prefix else identifier(rest)


class Quota(Strict):
    """How many places a level has: a share of the class's ranked units, or a count."""

    share: Share | None = None
    round: RoundingWord | None = None
    at_least: Count = 0
    count: Annotated[tuple[int, int] | None, PlainValidator(_places)] = None
    vacated: Literal["lapse", "refill"] = "lapse"

    @model_validator(mode="after")
    def _one_kind(self) -> "Quota":
        if (self.share is None) == (self.count is None):
            fail("名额要么写 share（比例），要么写 count（个数），二者取一。")
        if self.share is not None and self.round is None:
            fail("按比例计算的名额要写明 round（取整方式）：half_up、half_even、floor 或 ceil。")
        return self


class Ties(Strict):
    """Who goes first at the last place of a quota."""

    by: Annotated[tuple[str, ...], PlainValidator(_tie_keys)] = ()
    then: Literal["decide", "over", "under"] = "decide"


class Level(Entry):
    """One grade: from which total, how many places, on which condition."""

    title: Text
    min: Number | None = None
    quota: Quota | None = None
    ties: Ties = Ties()
    when: When = Condition(())


class GradeScheme(Strict):
    """The grades of some groups, best first; the last takes whoever is left."""

    groups: Ids = Field(alias="for")
    levels: dict[Id, Level]


class Rounding(Entry):
    """Where and how numbers are rounded; everywhere else they stay exact."""

    at: Literal["indicator", "component", "total"]
    places: Count
    mode: RoundingWord


class Float(Strict):
    """An amount that floats around the class's mean total: so much per point, within a bound."""

    per_point: Share
    within: Share | None = None


class Amount(Entry):
    """A computed amount: `times` × a column of `units.csv` (without `of`: a fixed amount), rounded."""

    times: NonNegativeScore
    of: Text | None = None
    float: Float | None = None
    unit: Text = "元"
    places: Count = 2
    mode: RoundingWord = "half_up"


class Use(Entry):
    """One consequence of a result: when, for whom, by which office, with what amount."""

    title: Text
    groups: Ids = Field(default=("all",), alias="for")
    when: When = Condition(())
    office: Id | None = None
    bears: Literal["unit", "head", "staff", "superior"] = "unit"
    amount: Amount | None = None
    lasts: Text | None = None
    due: ClockRule | None = None
    report: Flag = False
    replaces: Ids = ()
