"""Totals within their limits, and places by total: 1 + how many are higher (from the end: lower)."""

from fractions import Fraction

from policies.packs.content import Limits
from policies.scoring.index import is_ranked
from policies.scoring.records import UnitResult


def limited(total: Fraction, limits: Limits | None) -> Fraction:
    """The total within the bounds the text writes; without any, 104 and -3 can be."""
    if limits and limits.min is not None:
        total = max(total, limits.min)
    return min(total, limits.max) if limits and limits.max is not None else total


def places(totals: list[Fraction], *, from_end: bool = False) -> dict[Fraction, int]:
    """Each total's place."""
    result: dict[Fraction, int] = {}
    for place, total in enumerate(sorted(totals, reverse=not from_end), start=1):
        result.setdefault(total, place)
    return result


def rank_class(members: list[UnitResult]) -> None:
    """Give the ranked units of a class their places; unranked ones have none."""
    ranked = [one for one in members if is_ranked(one.unit)]
    totals = [one.total for one in ranked]
    first, last = places(totals), places(totals, from_end=True)
    for one in members:
        one.ranked = len(ranked)
    for one in ranked:
        one.rank, one.rank_from_end = first[one.total], last[one.total]
