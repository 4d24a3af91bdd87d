"""Open and finished tasks as the rows of their lists."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from cycle.queries.calendar import current_calendar
from offices.queries.seats import Seat
from workflows.models import WorkItem
from workflows.queries.deadlines import due_of, moment_text
from workflows.queries.diagram import flow_title
from workflows.queries.inbox import DUES, soon_until
from workflows.services.tasks import step_of

TONES = {"overdue": "bad", "soon": "warn", "later": "neutral", "none": "neutral"}


def groups(items: Iterable[WorkItem], seat: Seat) -> list[dict[str, Any]]:
    """Return the tasks of one page grouped by deadline, as `components/inbox_table.html` wants them."""
    found: dict[str, list[dict[str, Any]]] = {key: [] for key in DUES}
    soon = soon_until(seat.at)
    for item in items:
        found[_group(item, seat.at, soon)].append(row(item, seat))
    return [
        {"title": DUES[key], "note": f"{len(rows)} 项", "tone": TONES[key], "rows": rows}
        for key, rows in found.items()
        if rows
    ]


def _group(item: WorkItem, at: dt.datetime, soon: dt.datetime) -> str:
    if item.due_at is None:
        return "none"
    return "overdue" if item.due_at <= at else "soon" if item.due_at <= soon else "later"


def row(item: WorkItem, seat: Seat) -> dict[str, Any]:
    """Return one open task; `was_returned` is annotated by `queries.inbox.inbox`."""
    node = step_of(item)
    due = due_of(item.due_at, seat.at, current_calendar(), provisional=bool(item.basis.get("provisional")))
    judges = any(choice.is_return for choice in node.choices.values())
    verb = "继续办理" if item.draft else "审核" if judges else "办理"
    return {
        "id": item.pk,
        "url": reverse("task", args=[item.pk]),
        "peek": reverse("inbox-peek", args=[item.pk]),
        "title": item.matter.title,
        "facts": [item.get_stage_display(), f"{flow_title(node.flow_class)} · {node.task_title}"],
        "returned_by": "被退回" if getattr(item, "was_returned", False) else "",
        "due": due.due,
        "days_left": due.days_left,
        "provisional": due.provisional,
        "action": verb,
    }


def done_rows(items: Iterable[WorkItem], seat: Seat) -> list[dict[str, Any]]:
    """Return finished tasks as rows of `components/data_table.html`."""
    return [_done_row(item, seat) for item in items]


def _done_row(item: WorkItem, seat: Seat) -> dict[str, Any]:
    node = step_of(item)
    due = due_of(item.due_at, seat.at, current_calendar(), closed_at=item.closed_at)
    choice = node.choices.get(item.outcome)
    way = "returned" if item.outcome.startswith("back_") else "bad" if item.outcome == "reject" else "good"
    cells = [
        {
            "text": item.matter.title,
            "url": reverse("task", args=[item.pk]),
            "note": f"{item.get_stage_display()} · {node.task_title}",
        },
        {"label": "办理", "tag": choice.title if choice else "已办", "tone": way},
        {"label": "经办", "text": item.closed_by.name if item.closed_by else ""},
        {"label": "办结时间", "text": moment_text(item.closed_at, seat.at), "note": due.closed},
    ]
    return {"cells": cells}


def way_rows(items: Iterable[WorkItem], seat: Seat) -> list[dict[str, Any]]:
    """Return where the unit's matters stand, as rows of `components/data_table.html`."""
    return [_way_row(item, seat) for item in items]


def _way_row(item: WorkItem, seat: Seat) -> dict[str, Any]:
    node = step_of(item)
    due = due_of(item.due_at, seat.at, current_calendar())
    left = (
        ""
        if due.days_left is None
        else f"剩 {due.days_left} 天"
        if due.days_left >= 0
        else f"超期 {-due.days_left} 天"
    )
    opened = f"{moment_text(item.opened_at, seat.at)} 签收" if item.opened_at else "尚未打开"
    cells = [
        {
            "text": item.matter.title,
            "url": reverse("process", args=[item.process_id]),
            "note": item.get_stage_display(),
        },
        {"label": "在谁手中", "text": item.office.title, "note": f"{node.task_title}，{opened}"},
        {"label": "送达", "text": moment_text(item.served_at, seat.at)},
        {"label": "截止", "text": due.due or "不设时限", "note": left},
    ]
    return {"cells": cells}
