"""Organisations and offices from tables."""

import re
from collections.abc import Sequence

from audit import ledger
from audit.actor import Actor
from offices.models import Office, Organisation
from offices.models.organisation import Level
from offices.services.imports.changes import Plan, carry_out, lock_imports
from offices.services.imports.lines import Column, Line, Table, lines_of
from offices.services.imports.references import Organisations

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")

ORGANISATION = {
    "code": Column("代码", ("单位代码", "机构代码"), max_length=60),
    "title": Column("全称", ("单位全称", "名称", "单位名称")),
    "short_title": Column("简称", ("单位简称",), max_length=40),
    "parent": Column("上级", ("上级代码", "上级单位", "上级单位代码"), is_needed=False),
    "level": Column("层级", ("级别",)),
    "kind": Column("性质", ("单位性质", "类别")),
}
OFFICE = {
    "organisation": Column("单位", ("代码", "单位代码", "机构代码")),
    "capacity": Column("职责", ("承担职责", "身份"), max_length=40),
    "title": Column("名称", ("机构名称", "办事机构")),
}
CAPACITIES = {
    "被考核单位": "unit", "数据采集": "collector", "数据采集责任单位": "collector", "会审": "joint_review",
    "会审单位": "joint_review", "绩效办": "performance_office", "领导小组": "leading_group",
    "县政府": "county_government", "县级领导": "county_leader", "主要领导": "main_leaders",
    "申诉复核": "appeal_review", "审计": "auditor",
    "系统管理": "sysadmin",
}  # fmt: skip


def plan_organisations(rows: Sequence[dict[str, str]]) -> Plan:
    """Return what a table of organisations would change; raises BadTable with every defect."""
    table = lines_of(rows, ORGANISATION)
    known = Organisations()
    plan, placed = Plan(), _placed(table, known)
    for line, organisation, is_new in placed:
        parent = known.find(table, line, "parent") if line["parent"] else None
        values = {
            "code": line["code"], "title": line["title"], "short_title": line["short_title"],
            "parent_id": parent.pk if parent else None,
            "level": _choice(table, line, "level", Level.choices),
            "kind": _choice(table, line, "kind", Organisation.Kind.choices),
        }  # fmt: skip
        for name, value in values.items() if is_new else ():
            setattr(organisation, name, value)
        plan.settle(
            f"organisation/{organisation.pk}", organisation, values, title=line["title"], is_new=is_new
        )
    _refuse_circles(table, placed, known)
    table.refuse_if_faulty()
    return plan


@ledger.service
def import_organisations(rows: Sequence[dict[str, str]], *, by: Actor) -> int:
    """Take over organisations: new ones are made, known ones (by code) altered. Returns how many changed.

    Columns: code, title, short_title, parent, level, kind. A parent may stand below its children.
    """
    lock_imports()
    return carry_out(plan_organisations(rows), by=by)


def plan_offices(rows: Sequence[dict[str, str]]) -> Plan:
    """Return what a table of offices would change; raises BadTable with every defect."""
    table = lines_of(rows, OFFICE)
    known, plan = Organisations(), Plan()
    offices = {(office.organisation_id, office.capacity): office for office in Office.objects.all()}
    seen: dict[tuple[object, str], int] = {}
    for line in table.lines:
        organisation = known.find(table, line, "organisation")
        capacity = CAPACITIES.get(line["capacity"], line["capacity"])
        if not _CODE.fullmatch(capacity):
            table.fault(line, "capacity", f"“{capacity}”不是职责代码，只能用字母、数字、下划线和连字符。")
        if organisation is None:
            continue
        key = (organisation.pk, capacity)
        if seen.setdefault(key, line.number) != line.number:
            table.fault(line, "capacity", f"与第 {seen[key]} 行重复，同一单位的同一职责只设一个机构。")
            continue
        office = offices.get(key) or Office(organisation=organisation, capacity=capacity, title=line["title"])
        values = {"organisation_id": organisation.pk, "capacity": capacity, "title": line["title"]}
        plan.settle(f"office/{office.pk}", office, values, title=line["title"], is_new=key not in offices)
    table.refuse_if_faulty()
    return plan


@ledger.service
def import_offices(rows: Sequence[dict[str, str]], *, by: Actor) -> int:
    """Take over offices (organisation, capacity, title); a known one is renamed. Returns how many changed."""
    lock_imports()
    return carry_out(plan_offices(rows), by=by)


def _placed(table: Table, known: Organisations) -> list[tuple[Line, Organisation, bool]]:
    """Give every line its organisation, known or new, before parents are looked for."""
    placed: list[tuple[Line, Organisation, bool]] = []
    seen: dict[str, int] = {}
    for line in table.lines:
        code = line["code"]
        if code and not _CODE.fullmatch(code):
            table.fault(line, "code", f"“{code}”不是代码，只能用字母、数字、下划线和连字符。")
        if seen.setdefault(code, line.number) != line.number:
            table.fault(line, "code", f"与第 {seen[code]} 行重复，每个单位只写一行。")
            continue
        found = known.by_code.get(code)
        organisation = found or Organisation(code=code, title=line["title"], short_title=line["short_title"])
        known.add(organisation)
        placed.append((line, organisation, found is None))
    return placed


def _choice(table: Table, line: Line, column: str, choices: Sequence[tuple[str, str]]) -> str:
    """Return a choice's id, written as id or as title."""
    for value, title in choices:
        if line[column] in (value, title):
            return value
    allowed = "、".join(str(title) for _, title in choices)
    if line[column]:
        table.fault(line, column, f"“{line[column]}”不在可选范围内，请填写：{allowed}。")
    return ""


def _refuse_circles(
    table: Table, placed: list[tuple[Line, Organisation, bool]], known: Organisations
) -> None:
    for line, organisation, _ in placed:
        above, steps = organisation.parent_id, 0
        while above is not None and above != organisation.pk and steps <= len(known.by_id):
            above, steps = known.by_id[above].parent_id, steps + 1
        if above == organisation.pk:
            table.fault(line, "parent", "上下级关系绕成了一圈，请改正上级单位。")
