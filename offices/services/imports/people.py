"""Accounts and postings from one table: who sits where, as what, from when to when."""

import datetime as dt
import re
from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.hashers import make_password

from audit import ledger
from audit.actor import Actor
from offices.models import Office, Organisation, Posting, User
from offices.services.imports.changes import Plan, carry_out, lock_imports
from offices.services.imports.lines import Column, Line, Table, lines_of
from offices.services.imports.organisations import CAPACITIES
from offices.services.imports.references import Organisations

_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,59}")
_OPEN_END = dt.date.max

POSTING = {
    "username": Column("账号", ("用户名",), max_length=60),
    "name": Column("姓名", ("姓名或岗位名称", "岗位名称"), max_length=80),
    "organisation": Column("单位", ("单位代码", "机构代码")),
    "capacity": Column("职责", ("承担职责", "身份"), max_length=40),
    "role": Column("岗位", ("角色", "职务"), max_length=10),
    "phone": Column("电话", ("联系电话", "手机"), is_needed=False, max_length=30),
    "since": Column("任职起", ("任职开始", "开始日期"), is_needed=False, max_length=10),
    "until": Column("任职止", ("任职结束", "结束日期"), is_needed=False, max_length=10),
}
Seat = tuple[UUID, UUID, str]


def plan_postings(
    rows: Sequence[dict[str, str]], *, since: dt.date, password: str | None = None, is_demo: bool = False
) -> Plan:
    """Return what a table of people would change; raises BadTable with every defect.

    `since` is the first day of postings whose row names none.
    """
    table = lines_of(rows, POSTING)
    plan = Plan()
    people = _people(table, plan, password=password, is_demo=is_demo)
    _postings(table, plan, people, since)
    table.refuse_if_faulty()
    return plan


@ledger.service
def import_postings(
    rows: Sequence[dict[str, str]],
    *,
    by: Actor,
    since: dt.date,
    password: str | None = None,
    is_demo: bool = False,
) -> int:
    """Take over accounts and postings; return how many records changed.

    Columns: username, name, organisation, capacity, role (handler/经办, head/负责人), phone; since and until
    where a row has its own. New accounts get `password`; without one they cannot sign in until one is set.
    A posting already in force stays; an end date in the row ends it.
    """
    lock_imports()
    return carry_out(plan_postings(rows, since=since, password=password, is_demo=is_demo), by=by)


def _people(table: Table, plan: Plan, *, password: str | None, is_demo: bool) -> dict[str, User]:
    """Plan the accounts, one for each username whatever its case; return them by lower-case username."""
    known = {user.username.lower(): user for user in User.objects.all()}
    # One hash for all: whoever got the same first password learns nothing from equal hashes.
    hashed = make_password(password)
    people: dict[str, User] = {}
    for line in table.lines:
        key = line["username"].lower()
        if key and not _USERNAME.fullmatch(key):
            table.fault(line, "username", "账号只能用字母、数字、点、下划线和连字符，至少两位。")
        if key in people:
            if people[key].name != line["name"]:
                table.fault(line, "name", f"这个账号前面写的是“{people[key].name}”，请改成一致。")
            continue
        user = known.get(key) or User(
            username=line["username"], name=line["name"], is_demo=is_demo, password=hashed
        )
        values = {"name": line["name"], "phone": line["phone"] or user.phone}
        if key not in known:
            user.phone = line["phone"]
            values |= {"username": user.username}
        plan.settle(f"user/{user.pk}", user, values, title=line["name"], is_new=key not in known)
        people[key] = user
    return people


def _postings(table: Table, plan: Plan, people: dict[str, User], since: dt.date) -> None:
    organisations = Organisations()
    offices = {(office.organisation_id, office.capacity): office for office in Office.objects.all()}
    held: dict[Seat, list[tuple[Posting, int]]] = {}
    for posting in Posting.objects.all():
        held.setdefault((posting.user_id, posting.office_id, posting.role), []).append((posting, 0))
    for line in table.lines:
        organisation = organisations.find(table, line, "organisation")
        office = _office(table, line, organisation, offices)
        role = _role(table, line)
        starts, ends = _day(table, line, "since") or since, _day(table, line, "until")
        if ends and ends < starts:
            table.fault(line, "until", "任职止早于任职起，请改正日期。")
        elif office and role:
            wanted = Posting(
                user=people[line["username"].lower()], office=office, role=role, since=starts, until=ends
            )
            _settle_posting(table, line, plan, wanted, held)


def _settle_posting(
    table: Table, line: Line, plan: Plan, wanted: Posting, held: dict[Seat, list[tuple[Posting, int]]]
) -> None:
    """Plan one posting: new, the one it repeats, or the end of the one it repeats."""
    seat = held.setdefault((wanted.user_id, wanted.office_id, wanted.role), [])
    title = f"{wanted.user.name}·{wanted.office.title}"
    overlapping = [
        (each, number)
        for each, number in seat
        if each.since <= (wanted.until or _OPEN_END) and wanted.since <= (each.until or _OPEN_END)
    ]
    if not overlapping:
        seat.append((wanted, line.number))
        values = {name: getattr(wanted, name) for name in ("user_id", "office_id", "role", "since", "until")}
        plan.settle(f"posting/{wanted.pk}", wanted, values, title=title, is_new=True)
        return
    found, number = overlapping[0]
    if number:
        table.fault(line, "username", f"与第 {number} 行重复，同一人在同一机构的同一岗位只写一行。")
    elif found.until == wanted.until or (found.until is None and not wanted.until):
        plan.unchanged += 1
    elif found.until is None and len(overlapping) == 1:
        plan.settle(f"posting/{found.pk}", found, {"until": wanted.until}, title=title, is_new=False)
    else:
        table.fault(line, "since", f"与已有任职（{found.since} 至 {found.until or '今'}）重叠，请改正日期。")


def _office(
    table: Table, line: Line, organisation: Organisation | None, offices: dict[tuple[UUID, str], Office]
) -> Office | None:
    if organisation is None:
        return None
    capacity = CAPACITIES.get(line["capacity"], line["capacity"])
    office = offices.get((organisation.pk, capacity))
    if office is None and capacity:
        table.fault(line, "capacity", f"{organisation.title}没有承担“{line['capacity']}”的机构，请先导入。")
    return office


def _role(table: Table, line: Line) -> str:
    for value, title in Posting.Role.choices:
        if line["role"] in (value, title):
            return value
    if line["role"]:
        table.fault(line, "role", f"“{line['role']}”不是岗位，请填写经办或负责人。")
    return ""


def _day(table: Table, line: Line, column: str) -> dt.date | None:
    text = line[column].replace("/", "-").replace(".", "-")
    if not text:
        return None
    try:
        year, month, day = (int(part) for part in text.split("-"))
        return dt.date(year, month, day)
    except ValueError:
        table.fault(line, column, f"“{line[column]}”不是日期，请写成 2026-01-31 这样。")
        return None
