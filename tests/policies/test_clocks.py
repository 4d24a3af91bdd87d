"""Deadlines against a recount by hand and against a brute-force oracle."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.clocks import WorkCalendar, deadline, parse_clock, parse_span, shift

# The Spring Festival of 2026: 15-23 February off, 14 and 28 February worked.
FESTIVAL = WorkCalendar(
    working=frozenset({date(2026, 2, 14), date(2026, 2, 28)}),
    resting=frozenset(date(2026, 2, day) for day in range(16, 24)),
    provisional=frozenset({2027}),
)
PLAIN = WorkCalendar(frozenset(), frozenset(), frozenset())


def due(raw: dict, start: date, calendar: WorkCalendar = PLAIN, period_end: date | None = None) -> date:
    return deadline(parse_clock(raw), start=start, year=2026, calendar=calendar, period_end=period_end).due_on


def test_working_days_skip_the_festival_and_count_the_exchanged_saturday() -> None:
    found = deadline(parse_clock({"in": "3 wd"}), start=date(2026, 2, 12), year=2026, calendar=FESTIVAL)
    assert found.due_on == date(2026, 2, 24)
    assert found.counted == (date(2026, 2, 13), date(2026, 2, 14), date(2026, 2, 24))
    assert found.skipped == tuple(date(2026, 2, day) for day in range(15, 24))
    assert found.rule_text == "3 个工作日"


@pytest.mark.parametrize(
    ("raw", "start", "expected"),
    [
        ({"in": "7 wd", "from": "issue"}, date(2026, 11, 20), date(2026, 12, 1)),
        ({"in": "15 d"}, date(2026, 3, 1), date(2026, 3, 16)),
        ({"in": "15 d"}, date(2026, 3, 6), date(2026, 3, 23)),  # 21 March is a Saturday
        ({"in": "15 d", "holiday": "before"}, date(2026, 3, 6), date(2026, 3, 20)),
        ({"in": "15 d", "holiday": "same"}, date(2026, 3, 6), date(2026, 3, 21)),
        ({"in": "1 month"}, date(2026, 8, 31), date(2026, 9, 30)),
        ({"by": "07-10"}, date(2026, 1, 5), date(2026, 7, 10)),
        ({"by": "next 01-15"}, date(2026, 1, 5), date(2027, 1, 15)),
        ({"by": "07-11"}, date(2026, 1, 5), date(2026, 7, 13)),
        ({"by": "02-29"}, date(2026, 1, 5), date(2026, 3, 2)),  # no 29th: the 28th, a Saturday
    ],
)
def test_rules_of_each_kind(raw: dict, start: date, expected: date) -> None:
    assert due(raw, start) == expected


def test_a_clock_after_a_period_counts_from_its_last_day_and_needs_it() -> None:
    assert due({"in": "5 wd", "after": "month"}, date(2026, 1, 1), period_end=date(2026, 9, 30)) == date(
        2026, 10, 7
    )
    with pytest.raises(ValueError, match="从期末起算"):
        due({"in": "5 wd", "after": "month"}, date(2026, 1, 1))


def test_an_unpublished_year_makes_the_deadline_provisional() -> None:
    clock = parse_clock({"in": "10 wd"})
    early = deadline(clock, start=date(2026, 12, 1), year=2026, calendar=FESTIVAL)
    late = deadline(clock, start=date(2026, 12, 25), year=2026, calendar=FESTIVAL)
    assert (early.provisional, late.provisional) == (False, True)
    assert late.as_json()["due_on"] == "2027-01-08"


def test_the_ladder_moves_by_working_days_both_ways() -> None:
    assert shift(date(2026, 2, 24), -5, FESTIVAL) == date(2026, 2, 10)
    assert shift(date(2026, 2, 13), 2, FESTIVAL) == date(2026, 2, 24)
    assert shift(date(2026, 2, 15), 0, FESTIVAL) == date(2026, 2, 15)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"in": "7 days"}, "“7 days”不是时长"),
        ({"in": "0 wd"}, "时长应当在 1 到 250 个工作日之间"),
        ({"in": "7 wd", "by": "07-10"}, "要么写 in"),
        ({"in": "7 wd", "from": "issue", "after": "month"}, "from 和 after 只能写一个"),
        ({"by": "02-30"}, "这一天不存在"),
        ({"by": "13-01"}, "这一天不存在"),
        ({"in": "7 wd", "from": "start"}, "from 不能是“start”"),
        ({"within": "7 wd"}, "不认识“within”"),
        ("7 wd", "时限应当写成一组键值"),
    ],
)
def test_wrong_clocks_are_refused_in_a_sentence(raw: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_clock(raw)


def test_full_width_digits_are_accepted() -> None:
    assert parse_span("７ wd") == parse_span("7 wd")


days = st.dates(date(2026, 1, 1), date(2026, 12, 1))
calendars = st.builds(
    lambda working, resting: WorkCalendar(frozenset(working - resting), frozenset(resting), frozenset()),
    st.sets(days, max_size=40),
    st.sets(days, max_size=40),
)


def is_working(day: date, calendar: WorkCalendar) -> bool:
    """The oracle's own rule, written the other way round."""
    if day.isoweekday() in (6, 7):
        return day in calendar.working
    return day not in calendar.resting


@given(days, st.integers(1, 30), calendars)
def test_working_days_agree_with_counting_every_day(start: date, count: int, calendar: WorkCalendar) -> None:
    found = deadline(parse_clock({"in": f"{count} wd"}), start=start, year=2026, calendar=calendar)
    after = [start + timedelta(days=n) for n in range(1, 200)]
    assert found.due_on == [day for day in after if is_working(day, calendar)][count - 1]
    assert sorted(found.counted + found.skipped) == [day for day in after if day <= found.due_on]
    assert shift(start, count, calendar) == found.due_on


@given(days, st.integers(1, 60), calendars)
def test_calendar_days_end_on_the_first_working_day_from_the_last_day_on(
    start: date, count: int, calendar: WorkCalendar
) -> None:
    last = start + timedelta(days=count)
    later = (last + timedelta(days=n) for n in range(200))
    assert due({"in": f"{count} d"}, start, calendar) == next(
        day for day in later if is_working(day, calendar)
    )


@given(days, st.integers(1, 20), calendars)
def test_going_forth_and_back_never_ends_after_the_start(
    start: date, count: int, calendar: WorkCalendar
) -> None:
    there = shift(start, count, calendar)
    back = shift(there, -count, calendar)
    assert back <= start
    assert all(not is_working(back + timedelta(days=n), calendar) for n in range(1, (start - back).days))
