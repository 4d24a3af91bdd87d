"""What a scoring method looks at, and how it says what it did."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import NamedTuple

from policies.exact import exact_sum
from policies.packs.methods import ValueOf


class Unscorable(Exception):
    """A reading that no score can be computed from: a Chinese sentence and the column to mend."""

    def __init__(self, message: str, column: str = "actual") -> None:
        super().__init__(message)
        self.column = column


class Formula(NamedTuple):
    """A computation in words and with its numbers; `numbers` is an arithmetic expression or empty."""

    words: str
    numbers: str


class PeerValues:
    """The numbers of all ranked units of a class for one indicator in one round, in ascending order."""

    def __init__(self, values: Iterable[Fraction]) -> None:
        self.ordered = sorted(values)

    def __len__(self) -> int:
        return len(self.ordered)

    @cached_property
    def mean(self) -> Fraction:
        """Their mean."""
        return exact_sum(self.ordered) / len(self.ordered)

    @cached_property
    def distinct(self) -> list[Fraction]:
        """Every number once."""
        return sorted(set(self.ordered))


Peers = Callable[[ValueOf], PeerValues]


@dataclass(slots=True)
class Measure:
    """One reading of one indicator in one round.

    `value` is the number looked at (`actual`, change, rate or completion), `peers(kind)` the same number of
    all ranked units of the class, `warnings` collects what the office should look at.
    """

    points: Fraction
    value: Fraction
    target: Fraction | None
    last_year: Fraction | None
    actual: Decimal | str | None
    score: Decimal | None
    note: str
    peers: Peers
    warnings: list[tuple[str, str]]

    def warn(self, code: str, message: str) -> None:
        """Remember something the office should look at."""
        self.warnings.append((code, message))

    def aim(self) -> Fraction:
        """The target; raises Unscorable where there is none."""
        if self.target is None:
            raise Unscorable("没有目标值，请在 indicators.csv 的 target 列填写。", "target")
        return self.target


@lru_cache(maxsize=1 << 17)
def exact(value: Decimal) -> Fraction:
    """The decimal as a fraction; the same few numbers come again and again."""
    return Fraction(*value.as_integer_ratio())


def derived(kind: ValueOf, actual: Fraction, last_year: Fraction | None, target: Fraction | None) -> Fraction:
    """The number a method looks at; raises Unscorable when what it needs is not there."""
    if kind == "actual":
        return actual
    if kind == "completion":
        if not target:
            raise Unscorable("目标值为空或为 0，算不出完成率，请核对 target。", "target")
        return actual / target * 100
    if last_year is None:
        raise Unscorable("没有上年数，算不出增减，请填写 last_year。", "last_year")
    if kind == "change":
        return actual - last_year
    if last_year == 0:
        raise Unscorable("上年数是 0，算不出增速，请改用增量（value: change）或另定计分方法。", "last_year")
    return (actual - last_year) / last_year * 100


def resolved_target(
    target: Fraction | str, last_year: Fraction | None, peers: Peers, kind: ValueOf
) -> Fraction | None:
    """A target in figures: a number, last year's, or the peers' mean, least or greatest; None without."""
    if isinstance(target, Fraction):
        return target
    if not target:
        return None
    if target == "last_year":
        if last_year is None:
            raise Unscorable("目标是上年数，但没有填写 last_year。", "last_year")
        return last_year
    values = peers(kind)
    if not values:
        raise Unscorable("目标取自同组单位，但同组单位没有数据。", "target")
    if target == "peers_mean":
        return values.mean
    return values.ordered[0] if target == "peers_min" else values.ordered[-1]
