"""Which leader answers for which unit, from a table."""

import datetime as dt
from collections.abc import Sequence

from audit import ledger
from audit.actor import Actor
from offices.models import LeaderAssignment, Office
from offices.services.imports.changes import Plan, carry_out, lock_imports
from offices.services.imports.lines import Column, Line, Table, lines_of
from offices.services.imports.references import Organisations

LEADER = {
    "leader": Column("领导职务", ("领导", "领导代码", "职务代码")),
    "unit": Column("单位", ("单位代码", "责任单位")),
    "kind": Column("关系", ("联系方式", "分工"), max_length=10),
}


def plan_leaders(rows: Sequence[dict[str, str]], *, since: dt.date) -> Plan:
    """Return what a table of leaders' assignments would change; raises BadTable with every defect."""
    table = lines_of(rows, LEADER)
    known, plan = Organisations(), Plan()
    posts = {office.organisation_id: office for office in Office.objects.filter(capacity="county_leader")}
    in_force = LeaderAssignment.objects.filter(since__lte=since).exclude(until__lt=since)
    held = set(in_force.values_list("leader_id", "unit_id", "kind"))
    seen: dict[tuple[object, object, str], int] = {}
    for line in table.lines:
        leader, unit = known.find(table, line, "leader"), known.find(table, line, "unit")
        kind = _kind(table, line)
        if leader is None or unit is None or not kind:
            continue
        post = posts.get(leader.pk)
        if post is None:
            table.fault(line, "leader", f"“{leader.title}”不是县级领导职务，请先在机构表中设为县级领导。")
            continue
        key = (post.pk, unit.pk, kind)
        if seen.setdefault(key, line.number) != line.number:
            table.fault(line, "leader", f"与第 {seen[key]} 行重复，请只保留一行。")
        elif key in held:
            plan.unchanged += 1
        else:
            made = LeaderAssignment(leader=post, unit=unit, kind=kind, since=since)
            values = {"leader_id": post.pk, "unit_id": unit.pk, "kind": kind, "since": since}
            plan.settle(
                f"leader/{made.pk}", made, values, title=f"{leader.title} → {unit.title}", is_new=True
            )
    table.refuse_if_faulty()
    return plan


@ledger.service
def import_leaders(rows: Sequence[dict[str, str]], *, by: Actor, since: dt.date) -> int:
    """Take over assignments (leader, unit, kind) in force from `since`; return how many are new."""
    lock_imports()
    return carry_out(plan_leaders(rows, since=since), by=by)


def _kind(table: Table, line: Line) -> str:
    for value, title in LeaderAssignment.Kind.choices:
        if line["kind"] in (value, title):
            return value
    allowed = "、".join(str(title) for title in LeaderAssignment.Kind.labels)
    if line["kind"]:
        table.fault(line, "kind", f"“{line['kind']}”不在可选范围内，请填写：{allowed}。")
    return ""
