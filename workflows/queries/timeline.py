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
from workflows.services.tasks import step_of
from workflows.serving import addresses, rule_of

Entry = dict[str, Any]
ENDINGS = ("superseded", "withdrawn", "removed", "cancelled")


def timeline(process: Process, now: dt.datetime) -> list[Entry]:
    """Return the entries of `components/timeline.html`, newest first, the step to come on top."""
    rows = WorkItem.objects.filter(process=process).select_related("office", "closed_by", "opened_by")
    visits: Counter[tuple[str, Any]] = Counter()
    entries: list[Entry] = []
    last: WorkItem | None = None
    for item in rows.order_by("served_at", "pk"):
        visits[item.step, item.office_id] += 1
        entries.append(_entry(item, visits[item.step, item.office_id], now))
        last = item
    if last is not None and last.state == WorkItem.State.OPEN:
        entries.extend(_next(process, last))
    return entries[::-1]


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
