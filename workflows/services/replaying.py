"""Giving a dead message of the outbox another life, on the administrator's word."""

from uuid import UUID

from audit import ledger
from audit.models import Outbox
from audit.refusals import NotAllowed, NotFound, NotPossible
from offices.models import Office
from offices.queries.acting import acting
from workflows.services import relaying


@ledger.service
def replay(message_id: UUID, *, user_id: UUID, office_id: UUID) -> None:
    """Make a dead message pending again; done by the system administrators, and recorded.

    Raises NotFound for an unknown message, NotPossible for one that is not dead.
    """
    message = Outbox.objects.select_for_update(no_key=True).filter(pk=message_id).first()
    by, at = acting(user_id, office_id)
    if not Office.objects.filter(pk=office_id, capacity="sysadmin").exists():
        raise NotAllowed("后台消息由系统管理员处理。")
    if message is None:
        raise NotFound("没有找到这条后台消息。")
    if message.dead_at is None:
        raise NotPossible("这条消息没有停止重试，不需要重新投递。")
    relaying.replay(message_id)
    ledger.record(
        "outbox.replayed",
        f"outbox/{message_id}",
        by=by,
        at=at,
        why=message.last_error[:200],
        set={"topic": message.topic, "dead_at": None, "attempts": 0},
        was={"attempts": message.attempts},
    )
