"""Deadlines as people read them: working days left or over, the moment in words, time used."""

import datetime as dt
from dataclasses import dataclass

from audit import clock
from audit.clock import last_day
from policies.clocks import WorkCalendar

_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline as `components/deadline.html` shows it; `due` is empty where no clock runs."""

    days_left: int | None
    due: str
    provisional: bool = False
    closed: str = ""


def due_of(
    due_at: dt.datetime | None,
    now: dt.datetime,
    calendar: WorkCalendar,
    *,
    provisional: bool = False,
    closed_at: dt.datetime | None = None,
) -> Due:
    """Describe a deadline seen at `now`, or how it was kept when the work was closed at `closed_at`."""
    if due_at is None:
        return Due(None, "")
    last = last_day(due_at)
    words = f"{day_text(last, now)} 24:00"
    if closed_at is not None:
        late = working_days_between(last, clock.local_date(closed_at), calendar) if closed_at > due_at else 0
        return Due(
            None, words, provisional, f"逾期 {max(late, 1)} 天办结" if closed_at > due_at else "按时办结"
        )
    return Due(days_left(due_at, now, calendar), words, provisional)


def days_left(due_at: dt.datetime, now: dt.datetime, calendar: WorkCalendar) -> int:
    """Working days from today to the last day: 0 on it, negative once it is over (never 0 then)."""
    last, today = last_day(due_at), clock.local_date(now)
    if now >= due_at:
        return -max(working_days_between(last, today, calendar), 1)
    return working_days_between(today, last, calendar)


def working_days_between(start: dt.date, end: dt.date, calendar: WorkCalendar) -> int:
    """Working days after `start` up to and including `end`; 0 when `end` is not later."""
    days = (end - start).days
    return sum(calendar.is_working(start + dt.timedelta(days=number)) for number in range(1, days + 1))


def day_text(day: dt.date, now: dt.datetime | None = None) -> str:
    """A day in words: 11-24 周二, with its year when that is not the present one."""
    year = "" if now is not None and clock.local_date(now).year == day.year else f"{day.year}-"
    return f"{year}{day:%m-%d} 周{_WEEKDAYS[day.weekday()]}"


def moment_text(moment: dt.datetime | None, now: dt.datetime | None = None) -> str:
    """A moment in words: 11-24 周二 17:00."""
    if moment is None:
        return ""
    local = clock.local(moment)
    return f"{day_text(local.date(), now)} {local:%H:%M}"
