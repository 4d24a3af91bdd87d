"""A small living county: the reference scheme cut to six units, made through the product's own services.

It takes a fifth of a second, so that every test that commits can have its own.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from uuid import UUID

from audit import clock
from audit.actor import SYSTEM
from cycle.models import Cycle, Indicator, Matter
from cycle.queries import calendar
from cycle.services import stages
from offices.models import Office, User
from offices.services import imports
from policies.packs import Pack, load_pack, pack_from_bytes
from workflows.models import WorkItem
from workflows.rehearsal import county
from workflows.services import relaying, tasks

SCHEME = "zhengding"
YEAR = 2026
MONDAY = dt.date(2026, 1, 5)
UNITS = {"township": 2, "department": 3, "heritage": 1}
UNIT = "nanniu"
HANDLER, HEAD, CLERK, CHIEF = "nanniu-handler", "nanniu-head", "jxb-clerk", "jxb-chief"
LEADING = "lingdaoxiaozu-handler"
PATH = [
    ("declare", HANDLER),
    ("approve", HEAD),
    ("first_review", CLERK),
    ("joint_review", "reviewer-1"),
    ("decide", LEADING),
    ("issue", CLERK),
    ("sign", HEAD),
]
"""The steps of indicator setting with who does each of them for `UNIT`."""


def edition(*, reviewers: int = 0) -> Pack:
    """The reference scheme with few members; `reviewers` offices review jointly (none: it is skipped)."""
    data = json.loads(load_pack(SCHEME).canonical)
    for group, count in UNITS.items():
        definition = data["subjects"]["groups"][group]
        definition["members"] = definition["members"][:count]
        definition["count"] = str(count)
    if reviewers:
        names = [f"reviewer_{number}" for number in range(1, reviewers + 1)]
        data["assessors"]["offices"] |= {name: {"title": name, "role": "use"} for name in names}
        steps = data["process"]["indicator_setting"]["indicator_setting"]
        steps["joint_review"] = {"office": names, "due": {"in": "5 wd"}, "basis": "default"}
    return pack_from_bytes(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())


def prepared(*, reviewers: int = 0, on: dt.date = MONDAY) -> Cycle:
    """Offices, people and a cycle in preparation, at nine o'clock of a working day."""
    calendar.forget()
    county.user.cache_clear()
    clock.move_to(clock.at(on, 9))
    county.people(SCHEME, since=dt.date(YEAR - 1, 1, 1), password=None)
    _seat_reviewers(reviewers)
    return county.prepare_cycle(SCHEME, YEAR, edition(reviewers=reviewers))


def _seat_reviewers(count: int) -> None:
    numbers = range(1, count + 1)
    seats = [{"organisation": "jixiaoban", "capacity": f"reviewer_{each}"} for each in numbers]
    people = [
        {**seat, "username": f"reviewer-{each}", "name": f"演示·会审{each}组经办员", "role": "handler"}
        for each, seat in zip(numbers, seats, strict=True)
    ]
    if count:
        imports.import_offices(
            [seat | {"title": f"会审{seat['capacity'][-1]}组"} for seat in seats], by=SYSTEM
        )
        imports.import_postings(people, by=SYSTEM, since=dt.date(YEAR - 1, 1, 1))


def setting(*, reviewers: int = 0, on: dt.date = MONDAY) -> Cycle:
    """A cycle in 指标设置, every unit's declaration waiting in its inbox."""
    cycle = prepared(reviewers=reviewers, on=on)
    stages.open_stage(cycle.pk, "indicator_setting", user_id=user(CHIEF))
    relaying.drain()
    return Cycle.objects.get(pk=cycle.pk)


def user(username: str) -> UUID:
    """The id of an account."""
    return User.objects.get_by_natural_key(username).pk


def office(capacity: str, organisation: str = "") -> Office:
    """The office of a capacity (and an organisation, where several have it)."""
    rows = Office.objects.filter(capacity=capacity)
    return rows.get(organisation__code=organisation) if organisation else rows.get()


def sheet(unit: str = UNIT) -> Matter:
    """The declaration of a unit."""
    return Matter.objects.get(kind="sheet", subject__code=unit)


def waiting(unit: str = UNIT, flow: str = "indicator_setting") -> WorkItem:
    """The one open item of a unit's flow."""
    return WorkItem.objects.get(flow=flow, subject__code=unit, state="open")


def lines(unit: str = UNIT) -> dict[str, dict[str, str]]:
    """What a unit declares: its drafted targets, its measures."""
    drafts = Indicator.objects.filter(subject__code=unit, state="draft")
    return {str(each.pk): {"measures": "逐项落实到责任科室。"} for each in drafts}


def form(item: WorkItem) -> dict[str, Any]:
    """The fields that a step of indicator setting asks for."""
    return {"lines": lines(item.subject.code)} if item.step == "declare" and item.subject else {}


def do(item: WorkItem, username: str, choice: str = "next", comment: str = "") -> list[WorkItem]:
    """Complete an item of indicator setting as somebody."""
    return tasks.complete(
        item.pk,
        user_id=user(username),
        choice=choice,
        comment=comment,
        form=form(item) if choice == "next" else {},
    )


def walk(to: str) -> list[WorkItem]:
    """Do the steps of indicator setting for `UNIT` before `to`; return the open items of that step."""
    for step, username in PATH:
        if step == to:
            break
        for item in WorkItem.objects.filter(subject__code=UNIT, step=step, state="open"):
            do(item, reviewer_of(item) if step == "joint_review" else username)
    return list(WorkItem.objects.filter(subject__code=UNIT, step=to, state="open").order_by("office__title"))


def reviewer_of(item: WorkItem) -> str:
    """The account that sits in a reviewing office."""
    return item.office.capacity.replace("_", "-")
