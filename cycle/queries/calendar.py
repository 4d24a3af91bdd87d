"""The working-day calendar as the policies' pure arithmetic wants it."""

import time

from django.db import connection

from cycle.models import CalendarDay, CalendarYear
from policies.clocks import WorkCalendar

_cache: tuple[float, int, WorkCalendar] | None = None
FRESH_SECONDS = 5.0
"""How long a process may rely on its copy. An edit recomputes open deadlines anyway."""


def current_calendar() -> WorkCalendar:
    """Return the calendar: the same object as long as nothing changed, so that deadlines can be cached."""
    global _cache
    if _cache is not None and time.monotonic() - _cache[0] < FRESH_SECONDS:
        return _cache[2]
    version = _version()
    if _cache is None or _cache[1] != version:
        _cache = (time.monotonic(), version, _load())
    else:
        _cache = (time.monotonic(), version, _cache[2])
    return _cache[2]


def forget() -> None:
    """Drop the copy (after an edit in this process, and between tests)."""
    global _cache
    _cache = None


def _version() -> int:
    """A fingerprint of the calendar's rows, computed by the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce((SELECT sum(hashtextextended(d::text, 0)) FROM cycle_calendarday d), 0)"
            " + coalesce((SELECT sum(hashtextextended(y::text, 1)) FROM cycle_calendaryear y), 0)"
        )
        return int(cursor.fetchone()[0])


def _load() -> WorkCalendar:
    days = list(CalendarDay.objects.values_list("day", "working"))
    return WorkCalendar(
        working=frozenset(day for day, working in days if working),
        resting=frozenset(day for day, working in days if not working),
        provisional=frozenset(CalendarYear.objects.filter(provisional=True).values_list("year", flat=True)),
    )
