"""The demonstration: last year lived to its archive, this year alive in September with work on every desk."""

import datetime as dt
from uuid import UUID

from audit import clock, ledger
from audit.models import Event
from policies.packs import Pack
from workflows.rehearsal import county
from workflows.rehearsal.chance import Chance
from workflows.rehearsal.year import Progress, Year, live
from workflows.services import claiming

LAST_YEAR, THIS_YEAR = 2025, 2026
ALIVE_UNTIL = dt.date(2026, 9, 8)
LEFT_ALONE_FROM = dt.date(2026, 9, 1)
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
LEFT_ALONE = (
    "nanniu-head",
    "jxb-clerk",
    "jxb-clerk-2",
    "jxb-chief",
    "collector",
    "leader",
    "caizheng-collector-handler",
)
"""Accounts that do nothing in the last days, so that work waits for whoever tries the product."""


def fill(
    pack_id: str, *, seed: int, password: str, progress: Progress, edition: Pack | None = None
) -> list[Year]:
    """Live both years in an empty database; `edition` may be the scheme with fewer members."""
    start = dt.date(LAST_YEAR, 1, 4)
    clock.move_to(clock.at(start, 8, 30))
    county.people(pack_id, since=dt.date(LAST_YEAR - 1, 1, 1), password=password)
    years = [_year(pack_id, LAST_YEAR, seed, password, progress, edition)]
    live(years, start=start, until=dt.date(LAST_YEAR, 12, 31))
    turn = dt.date(THIS_YEAR, 1, 4)
    clock.move_to(clock.at(turn, 8, 30))
    years.append(_year(pack_id, THIS_YEAR, seed + 1, password, progress, edition))
    years[1].away = {county.user(name): LEFT_ALONE_FROM for name in LEFT_ALONE}
    live(years, start=turn, until=ALIVE_UNTIL)
    _leave_work(years[1])
    clock.move_to(clock.at(ALIVE_UNTIL, 10, 0))
    ledger.note("demo.filled", f"demo/{years[1].cycle.pk}", seed=seed)
    return years


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
