"""Facts about units that rules use (months' pay, staff), from a table, as units are named for a year."""

from collections.abc import Sequence
from uuid import UUID

from audit import ledger
from cycle.services.setup import add_subjects
from offices.models import Organisation
from offices.services.imports.lines import BadTable, Column, Defect, Line, Table

UNIT = ("unit", "单位", "单位代码", "责任单位")


@ledger.service
def add_subjects_with_facts(cycle_id: UUID, rows: Sequence[dict[str, str]], *, user_id: UUID) -> int:
    """Name the policy's units for the year; every further column of the table is a fact of the unit.

    Raises BadTable when the table has no column for the unit or names unknown ones; no rows: no facts.
    """
    return add_subjects(cycle_id, attributes=_facts(rows), user_id=user_id)


def _facts(rows: Sequence[dict[str, str]]) -> dict[str, dict[str, str]]:
    if not rows:
        return {}
    name = next((each for each in UNIT if each in rows[0]), None)
    if name is None:
        raise BadTable([Defect(1, "单位", "缺少这一列，请补上单位名称或者代码。")])
    table = Table({name: Column("单位")})
    codes = {
        key: each.code
        for each in Organisation.objects.all()
        for key in (each.short_title, each.title, each.code)
    }
    facts: dict[str, dict[str, str]] = {}
    for index, row in enumerate(rows):
        code = codes.get(row[name].strip())
        if code is None:
            table.fault(
                Line(getattr(row, "line", index + 2), {}), name, f"没有“{row[name]}”这个单位，请核对。"
            )
            continue
        facts[code] = {key: value.strip() for key, value in row.items() if key != name}
    table.refuse_if_faulty()
    return facts
