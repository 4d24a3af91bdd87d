"""The working-day calendar: seeded from the published notices, editable by the performance office."""

import datetime as dt
from uuid import UUID

from chinese_calendar import constants

from audit import clock, ledger
from audit.actor import SYSTEM
from audit.refusals import NotPossible
from cycle.models import CalendarDay, CalendarYear
from cycle.queries import calendar as calendar_query
from offices.queries.acting import acting_as


@ledger.service
def seed(*, until: int | None = None) -> int:
    """Fill in the years that `chinesecalendar` knows and mark later ones (to `until`) provisional.

    Days that are in the table stay as they are, so that an office's own edits survive. Returns how many
    days were added.
    """
    known = {day.year for day in constants.holidays} | {day.year for day in constants.workdays}
    days = [
        CalendarDay(day=day, working=False, name=_name(name))
        for day, name in constants.holidays.items()
        if day.weekday() < 5
    ]
    days += [
        CalendarDay(day=day, working=True, name=f"{_name(name)}调休")
        for day, name in constants.workdays.items()
        if day.weekday() >= 5
    ]
    before = CalendarDay.objects.count()
    CalendarDay.objects.bulk_create(days, ignore_conflicts=True)
    last = until or max(known) + 2
    CalendarYear.objects.bulk_create(
        [CalendarYear(year=year, provisional=year not in known) for year in range(min(known), last + 1)],
        ignore_conflicts=True,
    )
    added = CalendarDay.objects.count() - before
    if added:
        ledger.record(
            "calendar.seed",
            f"calendar/{clock.now():%Y%m%d%H%M%S%f}",
            by=SYSTEM,
            at=clock.now(),
            new_stream=True,
            set={"days": added, "years": [min(known), max(known)], "source": "chinesecalendar"},
        )
    calendar_query.forget()
    return added


_NAMES = {holiday.value: holiday.chinese for holiday in constants.Holiday}


def _name(name: str) -> str:
    return str(_NAMES.get(name, name))


@ledger.service
def set_day(day: dt.date, *, working: bool, name: str, owner_id: UUID, user_id: UUID) -> None:
    """Declare one day a working day or a day off; done by the head of the performance office."""
    by, at = acting_as(user_id, owner_id, "performance_office", role="head")
    if day < clock.local_date(at):
        raise NotPossible("不能改动已经过去的日期，那些时限已经据此计算。", field="day")
    was = CalendarDay.objects.filter(day=day).values("working", "name").first()
    CalendarDay.objects.update_or_create(day=day, defaults={"working": working, "name": name.strip()})
    ledger.record(
        "calendar.set_day",
        f"calendar/{day}/{at:%Y%m%d%H%M%S%f}",
        by=by,
        at=at,
        new_stream=True,
        was=was,
        set={"day": day, "working": working, "name": name},
    )
    calendar_query.forget()


@ledger.service
def confirm_year(year: int, *, owner_id: UUID, user_id: UUID) -> None:
    """Declare a year's calendar final: its holidays have been officially published and entered."""
    by, at = acting_as(user_id, owner_id, "performance_office", role="head")
    changed = CalendarYear.objects.filter(year=year, provisional=True).update(provisional=False)
    if not changed:
        raise NotPossible(f"{year} 年的工作日历不是暂定状态，不需要确认。")
    ledger.record(
        "calendar.confirm_year",
        f"calendar/{year}/{at:%Y%m%d%H%M%S%f}",
        by=by,
        at=at,
        new_stream=True,
        was={"provisional": True},
        set={"provisional": False},
    )
    calendar_query.forget()
