"""Uses of the results: ordered by the policy, carried out by offices, checked, evaluated."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

from audit import ledger
from audit.actor import Actor
from audit.refusals import NotPossible
from cycle.models import Consequence, Matter
from cycle.services.moving import hold, move
from cycle.services.numbers import decimal


def executor(matter: Matter) -> list[UUID]:
    """The office that carries it out."""
    return [matter.office_id]  # type: ignore[list-item]


@ledger.service
def execute(
    matter_id: UUID, *, by: Actor, at: dt.datetime, result: str = "", amount: str = "", comment: str = ""
) -> None:
    """The responsible office reports what it did; where money flows, the amount paid."""
    matter = hold(Consequence, matter_id)
    if not result.strip():
        raise NotPossible("请写明执行情况：做了什么、依据哪份文件、什么时候完成。", field="result")
    fields: dict[str, object] = {"text": matter.text | {"result": result.strip()}}
    if amount.strip():
        paid = decimal(amount, what="金额", field="amount")
        if paid < 0 or paid != round(paid, 2):
            raise NotPossible("金额应当不小于 0，精确到分。", field="amount")
        fields["text"] = matter.text | {"result": result.strip(), "paid": str(paid.quantize(Decimal("0.01")))}
    elif matter.amount is not None:
        raise NotPossible(f"这一事项涉及金额 {matter.amount} 元，请填写实际执行的金额。", field="amount")
    move(matter, "execute", by=by, at=at, why=comment, fields=fields)


@ledger.service
def verify(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The performance office has checked that it was done."""
    move(hold(Consequence, matter_id), "verify", by=by, at=at, why=comment)


@ledger.service
def evaluate(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """What the use achieved is put on record, and the matter is closed."""
    if not comment.strip():
        raise NotPossible("请写明运用效果后再办结。", field="comment")
    move(hold(Consequence, matter_id), "evaluate", by=by, at=at, why=comment)


@ledger.service
def give_back(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """Sent back to the executing office with a reason."""
    move(hold(Consequence, matter_id), "give_back", by=by, at=at, why=comment)
