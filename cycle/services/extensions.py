"""Requests to put a deadline off (延期申请): made, granted, denied, or overtaken by what happened."""

import datetime as dt
from uuid import UUID

from audit import ledger
from audit.actor import Actor
from audit.refusals import NotPossible
from cycle.models import Extension, Matter
from cycle.services.moving import hold, move, record_creation


@ledger.service
def ask(
    of: Matter,
    *,
    item_id: UUID,
    task: str,
    due_on: dt.date,
    until: dt.date,
    why: str,
    by: Actor,
    at: dt.datetime,
) -> Extension:
    """Put a request on record for the work item `item_id` of a matter (the caller holds the item).

    Raises NotPossible when one for the same item is waiting for its decision already, or without a reason.
    """
    if not why.strip():
        raise NotPossible("请写明申请延期的理由：为什么按期完不成、延期后怎样保证完成。", field="why")
    before = Extension.objects.filter(item=item_id)
    waiting = before.filter(state="asked").first()
    if waiting:
        raise NotPossible(
            f"这项任务的延期申请（延期到 {waiting.until:%Y-%m-%d}）还在等待决定，作出决定之前不能再次申请。"
        )
    extension = Extension(
        cycle=of.cycle,
        kind=Extension.KIND,
        stage=Extension.STAGE,
        subject=of.subject,
        office_id=by.office,
        key=f"{item_id}-{before.count() + 1}",
        title=f"延期申请：{of.title}"[:200],
        state="asked",
        created_at=at,
        of=of,
        item=item_id,
        until=until,
        why=why.strip(),
        text={"task": task, "due_on": due_on.isoformat()},
    )
    extension.save(force_insert=True)
    record_creation(extension, by=by, at=at)
    return extension


@ledger.service
def grant(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> Extension:
    """The deadline is put off to the day asked for."""
    extension = hold(Extension, matter_id)
    move(extension, "grant", by=by, at=at, why=comment)
    return extension


@ledger.service
def deny(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """The deadline stays, with the reason."""
    move(hold(Extension, matter_id), "deny", by=by, at=at, why=comment)


@ledger.service
def expire(matter_id: UUID, *, by: Actor, at: dt.datetime, why: str) -> None:
    """The task was done or ended before anybody decided, or the day asked for has come."""
    move(hold(Extension, matter_id), "expire", by=by, at=at, why=why)
