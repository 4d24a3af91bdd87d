"""When indicators may be adjusted: the policy's season, and the periods that are closed already."""

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from audit import clock
from audit.models import Event
from cycle.models import (
    AdjustmentLine,
    Collection,
    Compilation,
    Cycle,
    Indicator,
    IndicatorAdjustment,
    Subject,
)
from cycle.queries.calendar import current_calendar
from cycle.queries.packs import rules_of
from cycle.queries.periods import period_title
from cycle.queries.versions import round_end
from policies.clocks import Clock, deadline

_MONTHS = {"month": 1, "quarter": 3, "half": 6}


@dataclass(frozen=True, slots=True)
class Season:
    """When requests are taken: spans of days (both included), in words, with the article.

    No spans: at any time while indicators are monitored; `barred`: never, and why.
    """

    spans: tuple[tuple[dt.date, dt.date], ...]
    cite: str
    barred: str = ""

    def is_open(self, day: dt.date) -> bool:
        """Whether a request may be made on this day."""
        return not self.barred and (not self.spans or any(first <= day <= last for first, last in self.spans))

    def closing(self, day: dt.date) -> dt.date | None:
        """The last day of the span in which a day lies; None where there are no spans."""
        return next((last for first, last in self.spans if first <= day <= last), None)

    @property
    def words(self) -> str:
        """The season in Chinese, for pages and refusals."""
        if self.barred:
            return f"考核办法规定年度中不调整指标：{self.barred}"
        if not self.spans:
            return "日常监测期间随时可以提出。"
        return (
            f"考核办法规定的申请时间是{'、'.join(f'{_day(one)}至{_day(two)}' for one, two in self.spans)}。"
        )


def season_of(cycle: Cycle) -> Season:
    """Return when the policy takes requests for adjustment: the clock of the step `adjustment.request`."""
    rule = rules_of(cycle).step("indicator_setting", "adjustment", "request")
    cite = rule.cite or ""
    if rule.skip:
        return Season((), cite, rule.why or "以下达的指标为准。")
    return Season(tuple(_spans(cycle, rule.clock)) if rule.clock else (), cite)


def _spans(cycle: Cycle, rule: Clock) -> Iterator[tuple[dt.date, dt.date]]:
    """Until a fixed day; after each period's end; else from the day on which monitoring began."""
    began, days = _monitored_since(cycle), current_calendar()
    if rule.after:
        months = _MONTHS.get(rule.after, 12)
        for month in range(months, 12, months):
            end = dt.date(cycle.year, month, calendar.monthrange(cycle.year, month)[1])
            due = deadline(rule, start=end, year=cycle.year, calendar=days, period_end=end)
            yield end + dt.timedelta(days=1), due.due_on
    else:
        yield began, deadline(rule, start=began, year=cycle.year, calendar=days).due_on


def _monitored_since(cycle: Cycle) -> dt.date:
    """The day on which monitoring began, else the year's first."""
    events = Event.objects.filter(stream=f"cycle/{cycle.pk}", type="cycle.open_monitoring")
    moment = events.values_list("at", flat=True).first()
    return clock.local_date(moment) if moment else dt.date(cycle.year, 1, 1)


def closed_since(unit: Subject, day: dt.date) -> tuple[str, dt.date] | None:
    """Return the latest period closed for the unit that ends on `day` or later: in words, with its last day.

    A month is closed once its summary is submitted, a round once data of the unit collected in it is checked.
    """
    cycle = unit.cycle
    pack = rules_of(cycle)
    months = Compilation.objects.filter(cycle=cycle, state="submitted").values_list("key", flat=True)
    rounds = Collection.objects.filter(cycle=cycle, state="checked", readings__indicator__subject=unit)
    found = [
        *((round_end(pack, key, cycle.year), f"{period_title(key)}的完成情况已经汇总上报") for key in months),
        *(
            (round_end(pack, key, cycle.year), f"{period_title(key)}的数据已经采集核定")
            for key in rounds.values_list("key", flat=True).distinct()
        ),
    ]
    closed = [each for each in found if each[0] >= day]
    if not closed:
        return None
    end, words = max(closed)
    return words, end


def open_requests(unit: Subject, *, but: UUID | None = None) -> dict[UUID, IndicatorAdjustment]:
    """Return the unit's requests that are not decided, by the indicators that they concern."""
    lines = AdjustmentLine.objects.filter(adjustment__subject=unit, indicator__isnull=False)
    lines = lines.exclude(adjustment__state__in=IndicatorAdjustment.FINAL).exclude(adjustment=but)
    return {
        each.indicator_id: each.adjustment for each in lines.select_related("adjustment") if each.indicator_id
    }


def current(unit: Subject) -> list[Indicator]:
    """Return the unit's issued indicators, the newest version of each, in the order of the sheet."""
    rows = Indicator.objects.filter(subject=unit, state=Indicator.State.ISSUED)
    return list(rows.select_related("subject", "collector").order_by("position", "key"))


def _day(day: dt.date) -> str:
    return f" {day.month} 月 {day.day} 日"
