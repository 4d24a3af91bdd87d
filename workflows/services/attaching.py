"""Evidence by way of a task: only an office that has the matter on its desk may add to it or take back."""

from collections.abc import Iterable
from uuid import UUID

from audit import blobs, ledger
from audit.models import Blob
from cycle.models import Evidence
from cycle.services import evidence
from offices.queries.acting import acting
from workflows.models import WorkItem
from workflows.services.tasks import hold, need_open


def attach(
    item_id: UUID,
    *,
    user_id: UUID,
    name: str,
    size: int,
    chunks: Iterable[bytes],
    indicator_id: UUID | None = None,
) -> Evidence:
    """Store a file as evidence of the matter of an open task.

    Who may is asked before the bytes are read, and again under the lock; the bytes are stored without
    holding one, because a large file takes its time. Raises NotAllowed, NotPossible, NotFound.
    """
    _ask(item_id, user_id=user_id, name=name, size=size)
    blob = blobs.store(chunks)
    return _tie(item_id, user_id=user_id, name=name, blob=blob, indicator_id=indicator_id)


@ledger.service
def _ask(item_id: UUID, *, user_id: UUID, name: str, size: int) -> None:
    item = hold(item_id)
    acting(user_id, item.office_id)
    need_open(item)
    evidence.check_file(name, size)


@ledger.service
def _tie(item_id: UUID, *, user_id: UUID, name: str, blob: Blob, indicator_id: UUID | None) -> Evidence:
    item = hold(item_id)
    by, at = acting(user_id, item.office_id)
    need_open(item)
    return evidence.attach(item.matter_id, by=by, at=at, name=name, blob=blob, indicator_id=indicator_id)


@ledger.service
def withdraw(item_id: UUID, evidence_id: UUID, *, user_id: UUID) -> None:
    """Take back a file of one's own office while the task is open."""
    item: WorkItem = hold(item_id)
    by, at = acting(user_id, item.office_id)
    need_open(item)
    evidence.withdraw(item.matter_id, evidence_id, by=by, at=at)
