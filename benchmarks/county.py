"""A synthetic county in a scratch database: the demo county's offices and people, and as many units as asked.

The product's own database is never touched: the database is made as the tests make theirs, with the same
roles and privileges, and dropped at the end.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch
from uuid import UUID

from django.test.utils import modify_settings

from audit import clock
from benchmarks.flows import LeanSetting
from cycle.models import Cycle, Matter, Sheet, Subject
from cycle.queries import calendar
from cycle.services import setup
from offices.models import Office, Organisation, Posting
from offices.queries import directory
from policies.packs import load_pack
from tests import databases
from workflows import flows
from workflows.rehearsal import county

PACK, YEAR = "zhengding", 2026
MONDAY = dt.datetime(YEAR, 3, 2, 9, 0, tzinfo=clock.ZONE)


@contextmanager
def scratch_database() -> Iterator[None]:
    """A database of this process alone, gone afterwards."""
    databases.begin_run()
    databases.set_up("bench")
    try:
        yield
    finally:
        databases.tear_down()


@contextmanager
def lean_flow() -> Iterator[None]:
    """While it lasts, sheets move through `LeanSetting`, and stored references to these flows resolve."""
    with (
        modify_settings(INSTALLED_APPS={"append": "benchmarks"}),
        patch.dict(flows.BY_KEY, {LeanSetting.key: LeanSetting}),
        patch.dict(flows.BY_KIND, {Sheet.KIND: LeanSetting}),
    ):
        yield


def clerk_id() -> UUID:
    """The person who, besides the performance office, holds both posts of every synthetic unit."""
    return county.user(county.CLERK)


def found_county(units: int) -> Cycle:
    """Set the county up with `units` more townships; return its cycle."""
    _forget_earlier_databases()
    clock.move_to(MONDAY)
    county.people(PACK, since=dt.date(YEAR - 1, 1, 1), password=None)
    owner = Organisation.objects.get(code=county.ROOT[PACK])
    cycle_id = setup.create_cycle(
        load_pack(PACK), owner_id=owner.pk, year=YEAR, user_id=clerk_id(), is_demo=True
    )
    organisations = Organisation.objects.bulk_create(
        Organisation(
            code=f"bench-{number}",
            title=f"测试乡{number}",
            short_title=f"测试乡{number}",
            parent=owner,
            level="township",
            kind="township",
        )
        for number in range(units)
    )
    offices = Office.objects.bulk_create(
        Office(organisation=each, capacity="unit", title=each.title) for each in organisations
    )
    Posting.objects.bulk_create(
        Posting(office=office, user_id=clerk_id(), role=role, since=MONDAY.date())
        for office in offices
        for role in ("handler", "head")
    )
    Subject.objects.bulk_create(
        Subject(
            cycle_id=cycle_id,
            organisation=office.organisation,
            office=office,
            code=office.organisation.code,
            title=office.title,
            group="township",
            position=position,
        )
        for position, office in enumerate(offices)
    )
    return Cycle.objects.get(pk=cycle_id)


def _forget_earlier_databases() -> None:
    """What a process remembers of its database does not hold for the next one."""
    directory.forget()
    calendar.forget()
    county.user.cache_clear()


def add_sheets(cycle: Cycle, key: str) -> list[Matter]:
    """One sheet for each unit, told apart from earlier ones by `key`; no process is started."""
    return Matter.objects.bulk_create(
        Sheet(
            cycle=cycle,
            kind=Sheet.KIND,
            stage=Sheet.STAGE,
            subject=subject,
            key=key,
            state="draft",
            title=f"{subject.title}指标申报",
            created_at=MONDAY,
        )
        for subject in cycle.subjects.all()
    )
