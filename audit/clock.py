"""Business time: the database's clock plus one stored offset.

All deadlines and events use it, so that two web servers never disagree. The offset exists for
rehearsals and is recorded with every event; a production system refuses to start with one.
"""

import datetime as dt
from zoneinfo import ZoneInfo

from django.db import connection

ZONE = ZoneInfo("Asia/Shanghai")


def now() -> dt.datetime:
    """Return business time. Call it *after* taking a lock: it must not date from before the wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT business_now()")
        moment: dt.datetime = cursor.fetchone()[0]
    return moment


def offset() -> dt.timedelta:
    """Return how far business time stands from the database's clock (zero in production)."""
    with connection.cursor() as cursor:
        cursor.execute('SELECT "offset" FROM audit_clock')
        row = cursor.fetchone()
    return row[0] if row else dt.timedelta(0)


def local(moment: dt.datetime) -> dt.datetime:
    """Return `moment` in the time zone of the offices (Asia/Shanghai)."""
    return moment.astimezone(ZONE)


def local_date(moment: dt.datetime) -> dt.date:
    """Return the offices' calendar date at `moment`."""
    return local(moment).date()


def at(day: dt.date, hour: int = 0, minute: int = 0) -> dt.datetime:
    """Return a moment of `day` in the offices' time zone."""
    return dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


def end_of(day: dt.date) -> dt.datetime:
    """Return 24:00 of `day`: a deadline's last day runs to midnight."""
    return at(day + dt.timedelta(days=1))


def last_day(end: dt.datetime) -> dt.date:
    """Return the last day of something that runs to `end` (midnight belongs to the day before)."""
    return local_date(end - dt.timedelta(microseconds=1))


def move_to(moment: dt.datetime) -> None:
    """Set the offset so that business time is now `moment`. For rehearsals only."""
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO audit_clock (id, "offset") VALUES (1, %s - clock_timestamp())'
            ' ON CONFLICT (id) DO UPDATE SET "offset" = EXCLUDED."offset"',
            [moment],
        )
