"""The demonstration: one year archived, one just assessed and open to appeal, one alive in March."""

import datetime as dt
from uuid import UUID

from django.db.models import Q

from audit import clock, ledger
from audit.models import Event
from cycle.models import Feedback
from policies.packs import Pack
from workflows.rehearsal import county
from workflows.rehearsal.chance import Chance
from workflows.rehearsal.year import Progress, Year, live
from workflows.services import claiming

EARLIER, ASSESSED, THIS_YEAR = 2024, 2025, 2026
LATEST = dt.date(THIS_YEAR, 4, 10)
"""When the demonstration ends at the latest."""
ACCOUNTS = (
    "nanniu-handler",
    "nanniu-head",
    "collector",
    "jxb-clerk",
    "jxb-chief",
    "joint-reviewer",
    "appeal-reviewer",
    "leader",
    "org-dept",
    "auditor",
    "sysadmin",
)
"""The accounts that a visitor is offered."""
LEFT_ALONE = {
    ASSESSED: ("nanniu-handler", "nanniu-head", "appeal-reviewer"),
    THIS_YEAR: (
        "nanniu-head",
        "jxb-clerk",
        "jxb-clerk-2",
        "jxb-chief",
        "collector",
        "leader",
        "caizheng-collector-handler",
    ),
}
"""Accounts that leave a year's work alone in the last days, so that it waits for whoever signs in."""
LEFT_ALONE_FROM = dt.date(THIS_YEAR, 3, 26)
FRESH = "nanniu"
"""The unit whose letter is served last: its window is open when somebody signs in."""


def fill(
    pack_id: str, *, seed: int, password: str, progress: Progress, edition: Pack | None = None
) -> list[Year]:
    """Live the years in an empty database; `edition` may be the scheme with fewer members.

    One year is archived, one was just assessed — letters are served, appeals wait, windows are open —, one is
    being monitored.
    """
    start = dt.date(EARLIER, 1, 4)
    clock.move_to(clock.at(start, 8, 30))
    county.people(pack_id, since=dt.date(EARLIER - 1, 1, 1), password=password)
    years: list[Year] = []
    for number, year in enumerate((EARLIER, ASSESSED, THIS_YEAR)):
        first = dt.date(year, 1, 4)
        clock.move_to(clock.at(first, 8, 30))
        years.append(_year(pack_id, year, seed + number, password, progress, edition))
        years[-1].away = {county.user(name): LEFT_ALONE_FROM for name in LEFT_ALONE.get(year, ())}
        if year != THIS_YEAR:
            live(years, start=first, until=dt.date(year, 12, 31))
    years[1].kept = frozenset({("feedback", FRESH)})
    live(years, start=dt.date(THIS_YEAR, 1, 4), until=LATEST, stop=_letters_are_read)
    years[1].do_next(Feedback.objects.get(cycle=years[1].cycle, subject__code=FRESH).pk)
    _leave_work(years[-1])
    clock.move_to(clock.now() + dt.timedelta(hours=1))
    ledger.note("demo.filled", f"demo/{years[-1].cycle.pk}", seed=seed)
    return years


def _letters_are_read(day: dt.date) -> bool:
    """The day after the other units' last letter was served: units may appeal, and some have."""
    letters = Feedback.objects.filter(cycle__year=ASSESSED).exclude(subject__code=FRESH)
    waiting = letters.filter(Q(served_at=None) | Q(served_at__gte=clock.at(day)))
    return letters.exists() and not waiting.exists()


def is_filled() -> bool:
    """Whether the demonstration has been lived to its end in this database."""
    return Event.objects.filter(type="demo.filled").exists()


def _year(
    pack_id: str, year: int, seed: int, password: str, progress: Progress, edition: Pack | None
) -> Year:
    cycle = county.prepare_cycle(pack_id, year, edition)
    return Year(cycle, Chance(seed), pack_id, password, progress=progress)


def _leave_work(year: Year) -> None:
    """Two claims wait for whoever signs in: one at the unit, one at the county government."""
    _claim(year, "nanniu", "city_department", "市统计局关于表扬统计工作先进单位的通报（演示文件）")
    decided = _claim(year, "nanniu", "outstanding", "承办全省现场观摩会，社会公认度高（演示事项）")
    year.do_next(decided)
    year.do_next(decided)


def _claim(year: Year, unit: str, item: str, source: str) -> UUID:
    subject = year.cycle.subjects.get(code=unit)
    return claiming.open_and_start(
        subject.pk,
        user_id=county.user(f"{unit}-handler"),
        office_id=subject.office_id,
        sort="bonus",
        item=item,
        source=source,
    )
