"""A task in a few lines, to be seen beside the list."""

from typing import Any

from django.urls import reverse

from cycle.queries.calendar import current_calendar
from offices.queries.seats import Seat
from workflows.models import WorkItem
from workflows.queries.deadlines import due_of, moment_text
from workflows.queries.diagram import flow_title
from workflows.queries.returns import return_of
from workflows.services.tasks import step_of


def peek_of(item: WorkItem, seat: Seat) -> dict[str, Any]:
    """Return what `inbox/peek.html` shows of an open task."""
    node, back = step_of(item), return_of(item)
    due = due_of(item.due_at, seat.at, current_calendar(), provisional=bool(item.basis.get("provisional")))
    pairs = [
        {"label": "流程", "value": flow_title(node.flow_class)},
        {"label": "步骤", "value": node.task_title},
        {"label": "送达", "value": moment_text(item.served_at, seat.at)},
    ]
    if item.subject:
        pairs.insert(0, {"label": "责任单位", "value": item.subject.title})
    if item.basis.get("rule_text"):
        pairs.append({"label": "时限", "value": item.basis["rule_text"]})
    return {
        "item": item,
        "due": due,
        "pairs": pairs,
        "back": back,
        "back_at": moment_text(back.at, seat.at) if back else "",
        "url": reverse("task", args=[item.pk]),
        "process_url": reverse("process", args=[item.process_id]),
    }
