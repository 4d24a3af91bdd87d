"""The working-day calendar: seeded once, edited by the head of the office, never backwards; what it opens."""

import datetime as dt

import pytest

from audit.models import Event
from audit.refusals import NotAllowed
from cycle.models import CalendarDay, CalendarYear, Matter
from cycle.queries import calendar as query
from cycle.queries.calendar import current_calendar
from cycle.services import agenda, calendars
from cycle.services.openings import open_round
from tests.county import County, refused

CHIEF_ONLY = "此事项由县绩效办的负责人办理，你目前没有这一任职，请联系本单位负责人。"
DAY = dt.date(2026, 8, 18)  # an ordinary Tuesday


def set_day(county: County, day: dt.date = DAY, *, working: bool = False, by: str = "jxb-chief") -> None:
    calendars.set_day(day, working=working, name=" 抗洪 ", owner_id=county.owner_id, user_id=county.user(by))


def confirm(county: County, year: int, by: str = "jxb-chief") -> None:
    calendars.confirm_year(year, owner_id=county.owner_id, user_id=county.user(by))


def test_published_holidays_are_known(monitoring: County) -> None:
    found = current_calendar()
    assert not found.is_working(dt.date(2026, 10, 1))
    assert not found.is_working(dt.date(2026, 2, 15))
    assert found.is_working(dt.date(2026, 2, 14))  # a Saturday that is worked
    assert found.is_working(DAY)
    assert CalendarDay.objects.get(day=dt.date(2026, 10, 1)).name == "国庆节"


def test_seeding_again_changes_nothing(monitoring: County) -> None:
    set_day(monitoring)
    assert calendars.seed() == 0
    assert CalendarDay.objects.get(day=DAY).working is False


def test_a_day_off_is_declared(monitoring: County) -> None:
    set_day(monitoring)
    assert not current_calendar().is_working(DAY)
    assert CalendarDay.objects.get(day=DAY).name == "抗洪"
    set_day(monitoring, working=True)
    assert current_calendar().is_working(DAY)


def test_every_edit_is_recorded(monitoring: County) -> None:
    set_day(monitoring)
    set_day(monitoring, working=True)
    events = Event.objects.filter(type="calendar.set_day").order_by("recorded_at")
    assert [event.facts["was"] for event in events] == [None, {"working": False, "name": "抗洪"}]
    assert [event.facts["set"]["working"] for event in events] == [False, True]


def test_the_past_stays_as_it_was(monitoring: County) -> None:
    with refused("不能改动已经过去的日期，那些时限已经据此计算。", field="day"):
        set_day(monitoring, dt.date(2026, 2, 9))
    set_day(monitoring, dt.date(2026, 2, 10))


def test_only_the_head_edits(monitoring: County) -> None:
    with refused(CHIEF_ONLY, NotAllowed):
        set_day(monitoring, by="jxb-clerk")
    with refused(CHIEF_ONLY, NotAllowed):
        confirm(monitoring, 2027, by="jxb-clerk")


def test_a_year_is_provisional_until_confirmed(monitoring: County) -> None:
    year = CalendarYear.objects.filter(provisional=True).earliest("year").year
    assert year in current_calendar().provisional
    confirm(monitoring, year)
    query.forget()
    assert year not in current_calendar().provisional
    with refused(f"{year} 年的工作日历不是暂定状态，不需要确认。"):
        confirm(monitoring, year)


@pytest.mark.parametrize("year", [2026, 1999])
def test_a_year_that_is_not_provisional_needs_no_confirmation(monitoring: County, year: int) -> None:
    with refused(f"{year} 年的工作日历不是暂定状态，不需要确认。"):
        confirm(monitoring, year)


# What the calendar opens


def opened(county: County, day: dt.date) -> list[str]:
    county.move_to(day, 9)
    return agenda.open_due(county.cycle.pk)


def test_a_month_is_asked_for_on_its_last_day(monitoring: County) -> None:
    assert opened(monitoring, dt.date(2026, 2, 27)) == []
    assert opened(monitoring, dt.date(2026, 2, 28)) == ["m02"]
    assert Matter.objects.filter(kind="report", key="m02").count() == 5
    assert opened(monitoring, dt.date(2026, 2, 28)) == []


def test_a_round_begins_the_day_after_its_period(monitoring: County) -> None:
    """Heritage is assessed every month, departments are surveyed every quarter."""
    assert opened(monitoring, dt.date(2026, 3, 31)) == ["m02", "m03", "m02"]
    assert opened(monitoring, dt.date(2026, 4, 1)) == ["m03", "q1"]
    assert Matter.objects.filter(kind="survey", key="q1").count() == 1
    assert Matter.objects.filter(kind="turnout", key="m03").exists()


def test_what_was_missed_is_made_up_for(monitoring: County) -> None:
    """After an outage of months everything is asked for at once, in order, and once."""
    found = opened(monitoring, dt.date(2026, 7, 2))
    months = [f"m{month:02d}" for month in range(2, 7)]
    assert found[:5] == months
    assert sorted(found[5:]) == sorted([*months, "q1", "q2", "midyear"])
    assert opened(monitoring, dt.date(2026, 7, 2)) == []


def test_the_year_end_round_waits_for_its_stage(yearend: County) -> None:
    keys = Matter.objects.filter(kind__in=["collection", "turnout"]).values_list("key", flat=True)
    assert "yearend" not in keys
    assert "midyear" in keys


def test_a_round_is_opened_once(assessment: County) -> None:
    assert Matter.objects.filter(kind="turnout", key="yearend").exists()
    assert open_round(assessment.cycle.pk, "yearend") == 0
    assert open_round(assessment.cycle.pk, "q3") == 0


def test_a_round_that_lost_something_opens_only_that(monitoring: County) -> None:
    county = monitoring
    county.move_to(dt.date(2026, 7, 2))
    before = open_round(county.cycle.pk, "midyear")
    lost = county.matter("turnout", key="midyear", office=county.office("county_leader", "xianzhang"))
    Matter.objects.filter(pk=lost.pk).update(key="elsewhere")
    assert before > 1
    assert open_round(county.cycle.pk, "midyear") == 1


@pytest.mark.parametrize("moment", ["preparation", "setting", "feedback", "archived"])
def test_the_calendar_asks_for_nothing_outside_monitoring_and_assessment(
    moment: str, request: pytest.FixtureRequest
) -> None:
    county: County = request.getfixturevalue(moment)
    assert opened(county, dt.date(2027, 12, 31)) == []
