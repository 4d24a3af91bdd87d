"""Asking for more time: by the office that has the task, before the deadline only."""

import datetime as dt
from uuid import UUID

from audit import clock, ledger
from audit.actor import SYSTEM, Actor
from audit.refusals import NotPossible
from cycle.models import Cycle, Extension, Matter
from cycle.services import extensions
from cycle.services.days import day, in_words
from offices.queries.acting import acting
from workflows.extending import is_extendable
from workflows.flows import BY_KIND
from workflows.models import Process, WorkItem
from workflows.services.cancelling import cancel_all
from workflows.services.starting import start_all
from workflows.services.tasks import hold, need_open, step_of

LONGEST = dt.timedelta(days=366)


@ledger.service
def ask(item_id: UUID, *, user_id: UUID, until: str, why: str) -> UUID:
    """Ask for a later day; the office that the policy names decides. Returns the request's id.

    Raises NotAllowed without the posting, NotPossible once the deadline has passed (with the computation),
    for a day that is no later, or while another request of the same task waits.
    """
    item = hold(item_id)
    by, at = acting(user_id, item.office_id, role=item.role)
    need_open(item)
    if not is_extendable(item):
        raise NotPossible("这一步骤不能申请延期，请按时限办理。")
    due_on = _need_time_left(item, at)
    wanted = day(until, what="申请延期到的日期", field="until")
    if wanted <= due_on:
        raise NotPossible(f"申请延期到的日期应当晚于目前的到期日 {in_words(due_on)}，请改正。", field="until")
    if wanted - due_on > LONGEST:
        raise NotPossible("申请延期到的日期比目前的到期日晚一年以上，请核对年份。", field="until")
    extension = extensions.ask(
        Matter.objects.select_related("cycle", "subject").get(pk=item.matter_id),
        item_id=item.pk,
        task=step_of(item).task_title,
        due_on=due_on,
        until=wanted,
        why=why,
        by=by,
        at=at,
    )
    start_all(BY_KIND[Extension.KIND], [extension], by=by)
    return extension.pk


def _need_time_left(item: WorkItem, at: dt.datetime) -> dt.date:
    """Return the present last day; raises NotPossible with the computation when it is over."""
    if item.due_at is None:
        raise NotPossible("这项任务不设时限，不需要申请延期。")
    due_on = clock.last_day(item.due_at)
    if at >= item.due_at:
        raise NotPossible(
            f"延期只能在到期之前申请。这项任务{_counted(item)}，已于 {in_words(due_on)} 24 时届满，"
            "请尽快办理，并在办理时说明逾期的原因。",
            cite=item.basis.get("cite", ""),
        )
    return due_on


def _counted(item: WorkItem) -> str:
    basis = item.basis
    served = in_words(dt.date.fromisoformat(basis.get("start") or basis["served_on"]))
    rule, counted, skipped = basis.get("rule_text", ""), basis.get("counted", []), basis.get("skipped", [])
    if counted:
        rest = f"，其间休息日 {len(skipped)} 天不计" if skipped else ""
        return f"的时限是{rule}，自 {served}的次日起计入 {len(counted)} 天{rest}"
    return f"于 {served}送达，时限为{rule}"


@ledger.service
def expire(extension_id: UUID, *, by: Actor = SYSTEM) -> bool:
    """Put a request on record as overtaken when its task is done or ended, or its day has come.

    Returns whether it was. The request's own process is held first, as whoever decides on it holds it.
    """
    process = Process.objects.select_for_update(no_key=True).filter(matter=extension_id, status="NEW").first()
    extension = Extension.objects.filter(pk=extension_id, state="asked").first()
    if process is None or extension is None:
        return False
    at = clock.now()
    is_open = WorkItem.objects.filter(pk=extension.item, state=WorkItem.State.OPEN).exists()
    if is_open and extension.until >= clock.local_date(at):
        return False
    why = "申请延期到的日期已经过去。" if is_open else "任务在决定之前已经办结或者终止，不需要延期。"
    extensions.expire(extension_id, by=by, at=at, why=why)
    cancel_all([process], by=by, at=at, why=why)
    return True


def expire_moot() -> int:
    """Expire every request that has nothing left to decide; return how many."""
    asked = Extension.objects.filter(state="asked").exclude(cycle__state=Cycle.State.CANCELLED)
    return sum(expire(pk) for pk in asked.values_list("pk", flat=True))
