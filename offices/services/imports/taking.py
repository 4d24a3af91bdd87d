"""A table taken over by a system administrator: which kind it is, previewed, then carried out."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from audit import ledger
from offices.services.accounts import administrator
from offices.services.imports.changes import Plan, carry_out, lock_imports
from offices.services.imports.leaders import LEADER, plan_leaders
from offices.services.imports.lines import Column
from offices.services.imports.organisations import (
    OFFICE,
    ORGANISATION,
    plan_offices,
    plan_organisations,
)
from offices.services.imports.people import POSTING, plan_postings


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of table: its name for people, what one row is, its columns."""

    id: str
    title: str
    about: str
    columns: dict[str, Column]


KINDS = {
    kind.id: kind
    for kind in (
        Kind("organisations", "单位", "一行一个单位或领导职务；先导入单位，再导入其他表格。", ORGANISATION),
        Kind(
            "offices",
            "机构",
            "一行一个单位的一项职责；同一单位可以有几项职责，例如被考核和数据采集。",
            OFFICE,
        ),
        Kind("postings", "人员任职", "一行一人在一个机构的任职；一人兼任几处的写几行，账号相同。", POSTING),
        Kind("leaders", "领导分工", "一行一位领导负责的一个单位；决定谁给谁打分、红牌抄送给谁。", LEADER),
    )
}


def plan_of(
    kind: str, rows: Sequence[dict[str, str]], *, since: dt.date | None = None, password: str | None = None
) -> Plan:
    """Return what a table of this kind would change; raises BadTable with every defect."""
    if kind == "organisations":
        return plan_organisations(rows)
    if kind == "offices":
        return plan_offices(rows)
    if since is None:
        raise ValueError(f"a table of {kind} needs the first day of its postings")
    if kind == "leaders":
        return plan_leaders(rows, since=since)
    return plan_postings(rows, since=since, password=password or None)


@ledger.service
def take_over(
    kind: str, rows: Sequence[dict[str, str]], *, user_id: UUID, office_id: UUID, **options: Any
) -> int:
    """Carry out a table as it would be planned now; returns how many records changed."""
    lock_imports()
    by = administrator(user_id, office_id)
    return carry_out(plan_of(kind, rows, **options), by=by)
