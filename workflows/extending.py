"""Putting off a deadline that was granted: the work item gets its new last day, derivation and ladder."""

import datetime as dt
from typing import Any
from uuid import UUID

from audit import clock, ledger
from audit.actor import Actor
from audit.held import Held
from audit.refusals import NotPossible
from cycle.models import Extension, Matter
from cycle.services import extensions
from cycle.services.days import in_words
from workflows import serving
from workflows.models import WorkItem

EXTENDABLE = frozenset({("rectification", "plan"), ("rectification", "result")})
"""The steps (flow, step) whose deadline may be put off on request."""

_HELD = Held(
    WorkItem.objects.select_related("process__cycle", "process__matter", "task").select_for_update(
        no_key=True, of=("process", "task", "self")
    )
)


def is_extendable(item: WorkItem, at: dt.datetime | None = None) -> bool:
    """Whether the deadline of this task may be put off: open, with a deadline, of a step that is named.

    With `at` also whether the deadline is still ahead: more time is asked for before it is over only.
    """
    named = (item.flow, item.step) in EXTENDABLE
    if not named or item.state != WorkItem.State.OPEN or item.due_at is None:
        return False
    return at is None or at < item.due_at


def asked_for_time(item: WorkItem) -> Extension | None:
    """Return the request for more time that waits for its decision, if the step knows such a thing."""
    if not is_extendable(item):
        return None
    return Extension.objects.filter(item=item.pk, state="asked").first()


@ledger.service
def grant(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """Grant a request: the task's deadline moves, its ladder is counted anew, what was fired stays fired.

    A request whose task was done meanwhile has nothing to put off: it is put on record as overtaken.
    """
    asked = Extension.objects.only("item", "until").get(pk=matter_id)
    item = _HELD.get(asked.item)
    if item is None or item.state != WorkItem.State.OPEN:
        extensions.expire(matter_id, by=by, at=at, why="任务在决定之前已经办结或者终止，不需要延期。")
        return
    if asked.until < clock.local_date(at):
        raise NotPossible(
            f"申请延期到的 {in_words(asked.until)}已经过去，不能再同意；请选择“不予延期”并写明理由。"
        )
    extension = extensions.grant(matter_id, by=by, at=at, comment=comment)
    _put_off(item, extension, by, at)


def _put_off(item: WorkItem, extension: Extension, by: Actor, at: dt.datetime) -> None:
    was = {"due_at": item.due_at, "due_on": item.basis.get("due_on", "")}
    matter = _note_day(item, extension, by, at)
    process, node = item.process, item.process.flow_class.instance.node(item.step)
    due_at, basis = serving.fixed_deadline(
        process, serving.rule_of(process, node), matter.text["due"][item.step], clock.local_date(at)
    )
    fired = item.basis.get("rungs", [])[: item.rungs_fired]
    known = {rung["do"] for rung in fired}
    ahead = [rung for rung in basis["rungs"] if rung["do"] not in known]
    basis |= {"served_on": item.basis.get("served_on", ""), "rungs": [*fired, *ahead]}
    item.due_at, item.basis = due_at, basis
    item.next_rung_at = dt.datetime.fromisoformat(ahead[0]["at"]) if ahead else None
    item.save(update_fields=["due_at", "basis", "next_rung_at"])
    ledger.record(
        "task.extended",
        process.stream,
        by=by,
        at=at,
        policy=process.policy,
        why=extension.why,
        item=item.pk,
        step=item.step,
        was=was,
        set={"due_at": due_at, "due_on": extension.until},
        extension=extension.pk,
    )


def _note_day(item: WorkItem, extension: Extension, by: Actor, at: dt.datetime) -> Matter:
    """Write the new day into the record, so that the step keeps it when it is served again."""
    matter = Matter._base_manager.select_for_update(no_key=True).get(pk=item.matter_id)
    earlier = item.basis.get("due_on", "")
    day: dict[str, Any] = {
        "due_on": extension.until.isoformat(),
        "rule_text": f"经{by.office_title}同意，由 {earlier} 延期到 {extension.until.isoformat()}",
        "earlier": [*item.basis.get("earlier", []), earlier],
        "granted_by": by.office_title,
        "granted_on": clock.local_date(at).isoformat(),
    }
    matter.text = matter.text | {"due": matter.text.get("due", {}) | {item.step: day}}
    matter.save(update_fields=["text"])
    item.process.matter = matter
    return matter
