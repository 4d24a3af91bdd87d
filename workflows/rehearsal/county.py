"""Setting up the demo county from its tables: offices, people, leaders, a cycle with drafts."""

import csv
import datetime as dt
import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from uuid import UUID

from django.db import transaction

from audit.actor import SYSTEM
from cycle.models import Cycle, Subject
from cycle.services import calendars, setup
from cycle.services.setup import IndicatorDraft
from offices.models import Organisation, User
from offices.queries import directory
from offices.services import imports
from policies.packs import Pack, load_pack

Row = dict[str, str]
ROOT = {"zhengding": "zhengding"}
CLERK = "jxb-clerk"
CHIEF = "jxb-chief"


@cache
def table(pack: str, name: str) -> list[Row]:
    """Return the rows of one of the county's tables."""
    path = Path(__file__).parent / pack / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def people(pack: str, *, since: dt.date, password: str | None) -> Organisation:
    """Import organisations, offices, postings and leaders once; return the county."""
    user.cache_clear()
    directory.forget()
    found = Organisation.objects.filter(code=ROOT[pack]).first()
    if found is not None:
        return found
    calendars.seed()
    with transaction.atomic():  # a county is there as a whole: half of one would never be completed
        imports.import_organisations(table(pack, "organisations"), by=SYSTEM)
        imports.import_offices(table(pack, "offices"), by=SYSTEM)
        imports.import_postings(
            table(pack, "postings"), by=SYSTEM, since=since, password=password, is_demo=True
        )
        imports.import_leaders(table(pack, "leaders"), by=SYSTEM, since=since)
    return Organisation.objects.get(code=ROOT[pack])


def prepare_cycle(pack_id: str, year: int, pack: Pack | None = None) -> Cycle:
    """Adopt the policy for a year, name the units, draft their indicators.

    `pack` may be a smaller edition of the same scheme, with fewer members (a short rehearsal).
    """
    pack = pack or load_pack(pack_id)
    owner = Organisation.objects.get(code=ROOT[pack_id])
    clerk = user(CLERK)
    cycle_id = setup.create_cycle(pack, owner_id=owner.pk, year=year, user_id=clerk, is_demo=True)
    attributes = {
        row["unit"]: {"staff": row["staff"], "monthly_payroll": row["monthly_payroll"]}
        for row in table(pack_id, "profile")
    }
    setup.add_subjects(cycle_id, attributes=attributes, user_id=clerk)
    units = set(Subject.objects.filter(cycle=cycle_id).values_list("code", flat=True))
    drafts = [_draft(row) for row in table(pack_id, "indicators") if row["unit"] in units]
    setup.draft_indicators(cycle_id, drafts, user_id=clerk)
    return Cycle.objects.get(pk=cycle_id)


@cache
def user(username: str) -> UUID:
    """Return the id of a demo account."""
    return User.objects.get_by_natural_key(username).pk


def _draft(row: Row) -> IndicatorDraft:
    midyear = {"target": row["midyear_target"], "last_year": row["midyear_last_year"]}
    return IndicatorDraft(
        unit=row["unit"],
        key=row["indicator"],
        component=row["component"],
        heading=row["heading"],
        title=row["title"],
        unit_of_measure=row["unit_of_measure"],
        points=Decimal(row["points"]),
        method=row["method"],
        target=row["target"],
        params=json.loads(row["params"] or "{}"),
        standard=row["standard"],
        rule=row["rule"],
        source=row["source"],
        collector=row["collector"],
        last_year=Decimal(row["last_year"]) if row["last_year"] else None,
        round_values={"midyear": midyear} if row["midyear_target"] else {},
        plan={name: row[name] for name in ("measures", "milestones", "sections")},
        is_key=row["is_key"] == "是",
    )
