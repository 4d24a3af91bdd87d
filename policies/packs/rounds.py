"""Which days a round of assessment covers."""

import calendar as gregorian
from datetime import date

from policies.packs.pack import Pack


def span(pack: Pack, round_id: str, year: int) -> tuple[date, date]:
    """First and last day a round covers: as the pack says, else the month, quarter or half its id names.

    Any other id covers the whole cycle.
    """
    named = pack.periods.rounds.get(round_id)
    if named and named.covers:
        first, last = named.covers
        return _day(year, first), _day(year, last)
    months = _months(round_id)
    if months is None:
        return pack.first_day(year), _day(year, pack.periods.cycle.last)
    last_day = gregorian.monthrange(year, months[1])[1]
    return date(year, months[0], 1), date(year, months[1], last_day)


def _months(round_id: str) -> tuple[int, int] | None:
    """First and last month of a standard round."""
    if round_id == "midyear":
        return 1, 6
    kind, number = round_id[:1], round_id[1:]
    length = {"m": 1, "q": 3, "h": 6}.get(kind)
    if length is None or not number.isdigit() or not 1 <= int(number) <= 12 // length:
        return None
    last = int(number) * length
    return last - length + 1, last


def _day(year: int, day: tuple[tuple[int, int], bool]) -> date:
    (month, number), next_year = day
    year += next_year
    return date(year, month, min(number, gregorian.monthrange(year, month)[1]))
