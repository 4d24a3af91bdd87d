"""Uses of the results: ordered by the policy, carried out by offices, checked, evaluated."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

from audit import ledger
from audit.actor import Actor
from audit.refusals import NotPossible
from cycle.models import Consequence, Matter
from cycle.queries.freezing import reason, waiting
from cycle.queries.packs import rules_of
from cycle.services.moving import hold, move
from cycle.services.numbers import decimal


def executor(matter: Matter) -> list[UUID]:
    """The office that carries it out."""
    return [matter.office_id]  # type: ignore[list-item]


@ledger.service
def execute(
    matter_id: UUID, *, by: Actor, at: dt.datetime, result: str = "", amount: str = "", comment: str = ""
) -> None:
    """The responsible office reports what it did; where money flows, the amount paid.

    Raises NotPossible while the use waits for an appeal or for the approval of changed results.
    """
    matter = hold(Consequence, matter_id)
    _need_free(matter)
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


def _need_free(matter: Consequence) -> None:
    causes = waiting(matter.cycle).get((matter.unit.pk, matter.use))
    if causes:
        rule = rules_of(matter.cycle).step("feedback", "appeal", "file")
        raise NotPossible(
            f"“{matter.title}”要等{reason(causes)}办结，结果可能因此改变，办结以前不能执行，请先保存草稿。",
            cite=rule.cite or "",
        )


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


@ledger.service
def revoke(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """Undo a use that rested on results that were changed since; the reason says what was put right."""
    matter = hold(Consequence, matter_id)
    if not matter.text.get("overtaken"):
        raise NotPossible(f"“{matter.title}”与批准的结果一致，不能撤销；执行有问题的，请退回执行机构。")
    move(matter, "revoke", by=by, at=at, why=comment)
