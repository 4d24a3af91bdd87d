"""Doing a task: the one completion service, receipt, draft."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from viewflow.workflow.status import PROCESS

from audit import clock, ledger
from audit.actor import SYSTEM, Actor
from audit.held import Held
from audit.refusals import NotFound, NotPossible
from cycle.services.moving import held
from offices.queries.acting import acting
from workflows import rows
from workflows.flows import BY_KEY
from workflows.models import WorkItem
from workflows.nodes import LAPSE, Choice, Does, Step, advance
from workflows.services.starting import item_facts

_HELD = Held(
    WorkItem.objects.select_related("process", "task").select_for_update(
        no_key=True, of=("process", "task", "self")
    )
)


def step_of(item: WorkItem) -> Step:
    """Return the node that a work item belongs to."""
    node = BY_KEY[item.flow].instance.node(item.step)
    return cast(Step, node)


def hold(item_id: UUID) -> WorkItem:
    """Lock process, task and item (in this order) and return the item as it is after the wait.

    Raises NotFound when there is none.
    """
    item = _HELD.get(item_id)
    if item is None:
        raise NotFound("没有找到这项任务，它可能不属于你的单位。")
    item.task.process = item.process
    return item


@ledger.service
def complete(
    item_id: UUID,
    *,
    user_id: UUID,
    choice: str = "next",
    comment: str = "",
    form: dict[str, Any] | None = None,
    concerns: Sequence[str] = (),
) -> list[WorkItem]:
    """Do one office's part of a task: call the step's service, close the item, move the process on.

    `choice` is one of the step's ways out; `form` are the fields of its service; `concerns` are the keys of
    the lines that a return is about. Returns the work items that were served next. Raises NotAllowed without
    the posting, NotPossible when the item is closed or the state forbids it; then nothing is written.
    """
    item = hold(item_id)
    actor, at = acting(user_id, item.office_id, role=item.role)
    return carry_out(item, by=actor, at=at, choice=choice, comment=comment, form=form, concerns=concerns)


def carry_out(
    item: WorkItem,
    *,
    by: Actor,
    at: dt.datetime,
    choice: str = "next",
    comment: str = "",
    form: dict[str, Any] | None = None,
    concerns: Sequence[str] = (),
    does: Does | None = None,
) -> list[WorkItem]:
    """Complete a task that the caller holds (`hold`) in the name of an actor whom the caller has checked.

    `does` stands in for the step's own service where the same deed comes in another form (a ballot on paper).
    """
    need_open(item)
    node, said = step_of(item), comment.strip()
    way = _way(node, choice, comment, by)
    deed = does or way.does
    if deed is not None:
        deed(item.matter_id, by=by, at=at, comment=said, **(form or {}))
    _look_at_held(item)
    return _pass_on(item, node, way, by, at, said, concerns if way.is_return else ())


def _look_at_held(item: WorkItem) -> None:
    """Let the process see the record that the step's service has taken and changed, without reading again."""
    matter = held(item.matter_id)
    if matter is not None:
        process = item.process
        process.matter, process.cycle, process.subject = matter, matter.cycle, matter.subject


def need_open(item: WorkItem) -> None:
    """Raise NotPossible unless the item is still open."""
    if item.state == WorkItem.State.OPEN:
        return
    if item.outcome == LAPSE:
        raise NotPossible(
            f"这项任务的时限已过，系统已按“{step_of(item).choices[LAPSE].title}”办结，不能再办理。"
            "请返回待办列表查看最新情况。"
        )
    who = f"，由{item.closed_by.name}办理" if item.closed_by_id and item.closed_by else ""
    raise NotPossible(f"这项任务{item.get_state_display()}{who}，不能重复办理。请返回待办列表查看最新情况。")


def _way(node: Step, choice: str, comment: str, by: Actor) -> Choice:
    way = node.choices.get(choice)
    if way is None or (way.is_lapse and by is not SYSTEM):
        raise NotPossible("这一步骤没有这种办理方式，请刷新页面后重新选择。")
    if way.needs_reason and not comment.strip():
        raise NotPossible(f"请写明理由后再{way.title}，对方要据此修改。", field="comment")
    return way


def _pass_on(
    item: WorkItem,
    node: Step,
    way: Choice,
    actor: Actor,
    at: dt.datetime,
    comment: str,
    concerns: Sequence[str],
) -> list[WorkItem]:
    """Close the item and advance, unless other offices of a joint step are still at it."""
    rows.close_item(item, user_id=actor.user_id, at=at, outcome=way.name, comment=comment)
    served: list[WorkItem] = []
    if way.name == "next" and node.joint and _others_open(item):
        served = []
    else:
        if way.name != "next" and node.joint:
            rows.supersede_items(item.task, but=item, at=at)
        if way.name == "next" and node.after is not None:
            node.after(item.matter_id, by=actor, at=at)
        served = advance(item.task, way, at=at)
    facts: dict[str, Any] = {"concerns": sorted(concerns)} if concerns else {}
    if item.process.status == PROCESS.DONE:
        facts |= {"was": {"status": PROCESS.NEW}, "set": {"status": PROCESS.DONE}}
    ledger.record(
        "task.completed",
        item.process.stream,
        by=actor,
        at=at,
        policy=item.process.policy,
        why=comment,
        item=item.pk,
        step=item.step,
        outcome=way.name,
        served=[item_facts(each) for each in served],
        **facts,
    )
    return served


def _others_open(item: WorkItem) -> bool:
    return WorkItem.objects.filter(task=item.task, state=WorkItem.State.OPEN).exclude(pk=item.pk).exists()


@ledger.service
def lapse(item_id: UUID) -> bool:
    """Let a task whose time is over go the way that its step names for that; return whether it did.

    The item is looked at again under the lock: who acted in the last second is not overtaken.
    """
    item = hold(item_id)
    at = clock.now()
    if item.state != WorkItem.State.OPEN or not item.due_at or item.due_at > at or not step_of(item).lapses:
        return False
    carry_out(item, by=SYSTEM, at=at, choice=LAPSE)
    return True


@ledger.service
def receive(item_id: UUID, *, user_id: UUID) -> bool:
    """Record the receipt (签收), the first opening by a member of the office. True if this was it."""
    item = hold(item_id)
    actor, at = acting(user_id, item.office_id)
    if item.opened_at or item.state != WorkItem.State.OPEN:
        return False
    WorkItem.objects.filter(pk=item.pk).update(opened_at=at, opened_by=user_id)
    ledger.record(
        "task.received", item.process.stream, by=actor, at=at, policy=item.process.policy, item=item.pk
    )
    return True


class DraftConflict(NotPossible):
    """Somebody saved another draft since this one was begun; `draft`, `who` and `at` say what and when."""

    def __init__(self, item: WorkItem) -> None:
        self.draft: dict[str, str] = item.draft or {}
        self.who = item.drafted_by.name if item.drafted_by else ""
        self.at = item.drafted_at
        super().__init__(f"{self.who}在你打开之后保存过这份草稿，请选择保留哪一份。")


def draft_version(item: WorkItem) -> str:
    """Return what tells this draft from an earlier or later one; empty where there is none."""
    return item.drafted_at.isoformat() if item.drafted_at and item.draft is not None else ""


@ledger.service
def save_draft(item_id: UUID, *, user_id: UUID, draft: dict[str, str], version: str) -> str:
    """Keep what was typed so far and return the draft's version; the last who saved is shown as editing.

    `version` is that of the draft which the page began with. Raises DraftConflict when it is not the newest,
    NotPossible for a step whose entries are secret.
    """
    item = hold(item_id)
    _, at = acting(user_id, item.office_id, role=item.role)
    need_open(item)
    if not step_of(item).keeps_drafts:
        raise NotPossible("为了保密，评分在提交之前不保存，请一次填写完毕后提交。")
    if version != draft_version(item):
        raise DraftConflict(item)
    WorkItem.objects.filter(pk=item.pk).update(draft=draft, drafted_by=user_id, drafted_at=at)
    return at.isoformat()
