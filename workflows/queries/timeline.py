"""A process as its timeline: who did what, when, how long against the clock; and what comes next."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any

from audit import clock
from cycle.queries.calendar import current_calendar
from offices.queries.directory import titles_of
from workflows.models import Process, WorkItem
from workflows.nodes import Step, landing
from workflows.queries.deadlines import due_of, moment_text, working_days_between
from workflows.queries.discretion import WITHHELD, is_inner
from workflows.services.tasks import step_of
from workflows.serving import addresses, rule_of

Entry = dict[str, Any]
ENDINGS = ("superseded", "withdrawn", "removed", "cancelled")


def timeline(process: Process, now: dt.datetime, *, withheld: bool = False) -> list[Entry]:
    """Return the entries of `components/timeline.html`, newest first, the step to come on top.

    A joint step is one entry, however many offices take part, beside those that returned it. `withheld`:
    opinions that are deliberation are left out.
    """
    rows = WorkItem.objects.filter(process=process).select_related(
        "office__organisation", "closed_by", "opened_by"
    )
    tasks: dict[Any, list[WorkItem]] = {}
    for item in rows.order_by("served_at", "pk"):
        if withheld and item.comment and is_inner(item):
            item.comment = WITHHELD
        tasks.setdefault(item.task_id, []).append(item)
    visits: Counter[str] = Counter()
    entries: list[Entry] = []
    for items in tasks.values():
        visits[items[0].step] += 1
        entries.extend(_of_task(items, visits[items[0].step], now))
    newest = [item for items in list(tasks.values())[-1:] for item in items]
    still_open = [item for item in newest if item.state == WorkItem.State.OPEN]
    if still_open:
        entries.extend(_next(process, still_open[0]))
    return entries[::-1]


def _of_task(items: list[WorkItem], visit: int, now: dt.datetime) -> Iterator[Entry]:
    if len(items) == 1:
        yield _entry(items[0], visit, now)
        return
    agreed = [item for item in items if item.state == WorkItem.State.DONE and item.outcome == "next"]
    if agreed:
        last = max(agreed, key=lambda item: item.closed_at or item.served_at)
        yield _entry(last, visit, now) | {"tag": f"{len(agreed)} 家同意", "by": _names(agreed), "opinion": ""}
    yield from (_entry(item, visit, now) for item in items if item.outcome not in ("", "next"))
    ended = [item for item in items if item.state in ENDINGS]
    if ended:
        yield _entry(ended[0], visit, now) | {"by": _names(ended)}
    waiting = [item for item in items if item.state == WorkItem.State.OPEN]
    if waiting:
        yield _entry(waiting[0], visit, now) | {"tag": f"{len(waiting)} 家办理中", "by": _names(waiting)}


def _names(items: list[WorkItem]) -> str:
    return "、".join(item.office.organisation.short_title for item in items)


def _entry(item: WorkItem, visit: int, now: dt.datetime) -> Entry:
    node = step_of(item)
    again = f"（第 {visit} 次）" if visit > 1 else ""
    due = due_of(item.due_at, now, current_calendar(), closed_at=item.closed_at)
    entry: Entry = {"title": f"{node.task_title}{again}", "by": item.office.title}
    if item.state == WorkItem.State.OPEN:
        opened = f"，{moment_text(item.opened_at, now)} 签收" if item.opened_at else "，尚未打开"
        entry |= {
            "state": "now",
            "tag": "办理中",
            "tone": "info",
            "at": f"{moment_text(item.served_at, now)} 送达",
        }
        entry["by"] += opened
        if due.days_left is not None and due.days_left < 0:
            entry["late"] = f"超期 {-due.days_left} 天"
        return entry
    entry |= {"state": _state(item), "at": moment_text(item.closed_at, now), "opinion": item.comment}
    entry["tag"], entry["tone"] = _tag(item)
    who = f" · {item.closed_by.name}" if item.closed_by else ""
    entry["by"] += f"{who}{_used(item)}"
    if item.state == WorkItem.State.DONE and due.closed.startswith("逾期"):
        entry["late"] = due.closed
    return entry


def _state(item: WorkItem) -> str:
    if item.state in ENDINGS:
        return "refused"
    if item.outcome.startswith("back_"):
        return "returned"
    return "refused" if item.outcome == "reject" else "done"


def _tag(item: WorkItem) -> tuple[str, str]:
    if item.state in ENDINGS:
        return str(item.get_state_display()), "neutral"
    choice = step_of(item).choices.get(item.outcome)
    tone = "returned" if item.outcome.startswith("back_") else "bad" if item.outcome == "reject" else "good"
    return (choice.title if choice else "已办"), tone


def _used(item: WorkItem) -> str:
    """How long it took, against the clock if one ran."""
    if item.closed_at is None or item.state != WorkItem.State.DONE:
        return ""
    days = working_days_between(
        clock.local_date(item.served_at), clock.local_date(item.closed_at), current_calendar()
    )
    limit = f"，时限 {item.basis['rule_text']}" if item.basis.get("rule_text") else ""
    return f"，用时 {days} 个工作日{limit}" if days else f"，当日办结{limit}"


def _next(process: Process, item: WorkItem) -> Iterator[Entry]:
    """The step that follows if all goes well, with its offices and its clock."""
    node = landing(process, step_of(item).choices["next"].target)
    if not isinstance(node, Step):
        yield {"state": "next", "title": "下一步：办结"}
        return
    rule = rule_of(process, node)
    offices = titles_of([office for office, _ in addresses(process, node, process.matter)])
    limit = f"，时限 {rule.clock.text}" if rule.clock else "，不设时限"
    yield {"state": "next", "title": f"下一步：{node.task_title}", "by": f"{'、'.join(offices)}{limit}"}
