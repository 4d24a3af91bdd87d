"""Deadlines: a rule of the pack, a calendar and a day of service give a last day, with its derivation."""

import calendar as gregorian
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

from policies.exact import halfwidth

Unit = Literal["wd", "d", "month"]
Period = Literal["month", "quarter", "half", "year"]
Holiday = Literal["after", "before", "same"]

ORIGINS: Final = {
    "service": "送达",
    "receipt": "签收",
    "filing": "收到申请",
    "issue": "印发",
    "decision": "作出决定",
    "round_end": "评估期结束",
    "stage_open": "阶段开始",
}
PERIODS: Final = {"month": "每月", "quarter": "每季度", "half": "每半年", "year": "年度"}
_UNITS: Final = {"wd": "个工作日", "d": "日", "month": "个月"}
_LIMITS: Final = {"wd": 250, "d": 366, "month": 24}
_EXAMPLE = "例如 {in: 7 wd, from: issue}、{in: 5 wd, after: month} 或 {by: 07-10}"


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked: a weekday is, unless the state's holiday notice says otherwise.

    `working` are weekend days worked in exchange (调休), `resting` are holidays on weekdays,
    `provisional` the years whose notice has not been published yet.
    """

    working: frozenset[date]
    resting: frozenset[date]
    provisional: frozenset[int]

    def is_working(self, day: date) -> bool:
        """A named exception first, else Monday to Friday."""
        if day in self.working:
            return True
        return day not in self.resting and day.weekday() < 5


@dataclass(frozen=True)
class Span:
    """A length of time such as `7 wd`, `15 d` or `1 month`; negative only on the ladder."""

    count: int
    unit: Unit

    @property
    def text(self) -> str:
        """In Chinese, e.g. 7 个工作日."""
        return f"{abs(self.count)} {_UNITS[self.unit]}"


@dataclass(frozen=True)
class Clock:
    """One deadline rule: a span counted from a day, or (`month_day`) a fixed day of this or the next year."""

    span: Span = Span(0, "d")
    origin: str = "service"
    after: Period | None = None
    month_day: tuple[int, int] | None = None
    next_year: bool = False
    holiday: Holiday = "after"

    @property
    def text(self) -> str:
        """The rule in Chinese, e.g. 7 个工作日 or 次年1月15日前."""
        if self.month_day:
            return f"{'次年' if self.next_year else ''}{self.month_day[0]}月{self.month_day[1]}日前"
        return f"{PERIODS[self.after]}结束后 {self.span.text}" if self.after else self.span.text


@dataclass(frozen=True)
class Deadline:
    """The last day, and how it was counted, so that everybody can recount it."""

    due_on: date
    counted: tuple[date, ...]
    skipped: tuple[date, ...]
    rule_text: str
    provisional: bool
    paused: tuple[date, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Days as ISO text, ready to be stored with the work item."""
        return {
            "due_on": self.due_on.isoformat(),
            "counted": [day.isoformat() for day in self.counted],
            "skipped": [day.isoformat() for day in self.skipped],
            "rule_text": self.rule_text,
            "provisional": self.provisional,
        } | ({"paused": [day.isoformat() for day in self.paused]} if self.paused else {})


def parse_span(text: str, *, signed: bool = False) -> Span:
    """Read `7 wd`, `15 d`, `1 month`; with `signed` also `-5 wd` and `0`. Raises ValueError (Chinese)."""
    cleaned = halfwidth(str(text))
    if signed and cleaned == "0":
        return Span(0, "wd")
    match = re.fullmatch(r"([+-]?)(\d{1,4})\s*(wd|d|months?)", cleaned, re.ASCII)
    if match is None or (match[1] and not signed):
        raise ValueError(f"“{text}”不是时长，应当写成 7 wd（工作日）、15 d（自然日）或 1 month（月）。")
    unit: Unit = "month" if match[3].startswith("month") else "wd" if match[3] == "wd" else "d"
    count = int(match[2])
    if count > _LIMITS[unit] or (count == 0 and not signed):
        raise ValueError(f"“{text}”不合理：时长应当在 1 到 {_LIMITS[unit]} {_UNITS[unit]}之间。")
    return Span(-count if match[1] == "-" else count, unit)


def parse_month_day(text: str) -> tuple[tuple[int, int], bool]:
    """Read `07-10` or `next 01-15` → ((month, day), is it next year). Raises ValueError (Chinese)."""
    match = re.fullmatch(r"(next\s+)?(\d{1,2})-(\d{1,2})", halfwidth(str(text)), re.ASCII)
    if match is None:
        raise ValueError(f"“{text}”不是日期，应当写成 07-10（当年）或 next 01-15（次年）。")
    month, day = int(match[2]), int(match[3])
    if not 1 <= month <= 12 or not 1 <= day <= gregorian.monthrange(2024, month)[1]:
        raise ValueError(f"“{text}”这一天不存在，请核对月份和日期。")
    return (month, day), bool(match[1])


def parse_clock(raw: object) -> Clock:
    """Read a `due` of the pack; raises ValueError with a Chinese sentence and an example."""
    if not isinstance(raw, Mapping):
        raise ValueError(f"时限应当写成一组键值，{_EXAMPLE}。")
    unknown = set(raw) - {"in", "by", "from", "after", "holiday"}
    if unknown:
        raise ValueError(f"时限里不认识“{'”“'.join(sorted(map(str, unknown)))}”，{_EXAMPLE}。")
    if ("in" in raw) == ("by" in raw):
        raise ValueError(f"时限要么写 in（多长时间内），要么写 by（某日之前），{_EXAMPLE}。")
    if "from" in raw and "after" in raw:
        raise ValueError(f"from 和 after 只能写一个：时限不能既从事件起算又从期末起算，{_EXAMPLE}。")
    holiday = _choice(raw.get("holiday", "after"), {"after", "before", "same"}, "holiday")
    if "by" in raw:
        if "from" in raw or "after" in raw:
            raise ValueError(f"by 是固定日期，不能再写 from 或 after，{_EXAMPLE}。")
        month_day, next_year = parse_month_day(str(raw["by"]))
        return Clock(month_day=month_day, next_year=next_year, holiday=holiday)
    after = _choice(raw["after"], set(PERIODS), "after") if "after" in raw else None
    origin = _choice(raw.get("from", "service"), set(ORIGINS), "from")
    return Clock(span=parse_span(str(raw["in"])), origin=origin, after=after, holiday=holiday)


def _choice(value: object, allowed: set[str], key: str) -> Any:
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{key} 不能是“{value}”，可以写 {'、'.join(sorted(allowed))}。")
    return value


Pauses = Sequence[tuple[date, date]]
"""Times in which a clock stands still: after the first day of each, up to and including its last."""


def deadline(
    clock: Clock,
    *,
    start: date,
    year: int,
    calendar: WorkCalendar,
    period_end: date | None = None,
    paused: Pauses = (),
) -> Deadline:
    """The last day for a clock that starts on `start` (the day of service, or of the event `from` names).

    The first day is not counted and the last runs to midnight. A calendar-day rule that ends on a rest day
    moves to the next working day. A clock `after` a period counts from `period_end`; ValueError without it.
    Days in `paused` do not count, except for a clock that ends on a fixed day.
    """
    if clock.month_day:
        month, day = clock.month_day
        named = _clamped(year + clock.next_year, month, day)
        return _settled(clock, named, (), named, calendar)
    if clock.after:
        if period_end is None:
            raise ValueError(f"时限“{clock.text}”从期末起算，需要给出这一期的最后一天。")
        start = period_end
    if clock.span.unit == "wd":
        return _counted(clock, start, calendar, paused, calendar.is_working)
    if clock.span.unit == "d":
        found = _counted(clock, start, calendar, paused, lambda day: True)
        return _settled(clock, found.due_on, found.counted, start, calendar, found.paused)
    last, stood_still = _put_off(_months_later(start, clock.span.count), start, paused)
    return _settled(clock, last, (), start, calendar, stood_still)


def shift(day: date, n_wd: int, calendar: WorkCalendar) -> date:
    """The n-th working day after `day` (before it, if negative); 0 is the day itself."""
    step = timedelta(days=1 if n_wd > 0 else -1)
    for _ in range(abs(n_wd)):
        day = _next(day, step, calendar.is_working)
    return day


def _counted(
    clock: Clock,
    start: date,
    calendar: WorkCalendar,
    pauses: Pauses,
    counts: Callable[[date], bool],
) -> Deadline:
    """Count the days after `start` one by one, past rest days and pauses."""
    counted: list[date] = []
    skipped: list[date] = []
    stood_still: list[date] = []
    day = start
    while len(counted) < clock.span.count:
        day += timedelta(days=1)
        if _is_paused(day, pauses):
            stood_still.append(day)
        else:
            (counted if counts(day) else skipped).append(day)
    provisional = _provisional(start, day, calendar)
    return Deadline(day, tuple(counted), tuple(skipped), clock.text, provisional, tuple(stood_still))


def _put_off(last: date, start: date, pauses: Pauses) -> tuple[date, tuple[date, ...]]:
    """A last day later by as many days as the clock stood still before it."""
    stood_still: list[date] = []
    day = start
    while day < last:
        day += timedelta(days=1)
        if _is_paused(day, pauses):
            stood_still.append(day)
            last += timedelta(days=1)
    return last, tuple(stood_still)


def _is_paused(day: date, pauses: Pauses) -> bool:
    return any(first < day <= last for first, last in pauses)


def _settled(
    clock: Clock,
    last: date,
    counted: tuple[date, ...],
    start: date,
    calendar: WorkCalendar,
    paused: tuple[date, ...] = (),
) -> Deadline:
    """Move a last day that is a rest day, and remember the days passed over."""
    due, skipped = last, []
    step = timedelta(days=-1 if clock.holiday == "before" else 1)
    while clock.holiday != "same" and not calendar.is_working(due):
        skipped.append(due)
        due += step
    provisional = _provisional(start, max(due, last), calendar)
    return Deadline(due, counted, tuple(skipped), clock.text, provisional, paused)


def _provisional(start: date, end: date, calendar: WorkCalendar) -> bool:
    return any(year in calendar.provisional for year in range(start.year, end.year + 1))


def _next(day: date, step: timedelta, accepted: Callable[[date], bool]) -> date:
    day += step
    while not accepted(day):
        day += step
    return day


def _months_later(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return _clamped(index // 12, index % 12 + 1, day.day)


def _clamped(year: int, month: int, day: int) -> date:
    """A day that does not exist in that month (31 April, 29 February) is the month's last day."""
    return date(year, month, min(day, gregorian.monthrange(year, month)[1]))
