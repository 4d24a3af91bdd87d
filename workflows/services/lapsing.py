"""Tasks that go on by themselves when their time is over: silence counts as the step says it counts."""

import logging
from functools import cache

from django.db.models import Q

from audit import clock
from workflows.flows import FLOWS
from workflows.models import WorkItem
from workflows.nodes import Step
from workflows.services import tasks

log = logging.getLogger(__name__)


@cache
def _lapsing() -> Q:
    """The steps that lapse."""
    found = Q(pk=None)
    for flow in FLOWS:
        for node in flow.instance.nodes():
            if isinstance(node, Step) and node.lapses:
                found |= Q(flow=flow.key, step=node.name)
    return found


def lapse_due() -> int:
    """Let every lapsing task whose deadline has passed go on, each in its own transaction; return how many.

    One that cannot go on is logged and stays with its office: it must not hold up the others.
    """
    due = WorkItem.objects.filter(_lapsing(), state=WorkItem.State.OPEN, due_at__lte=clock.now())
    return sum(_lapse(item_id) for item_id in due.order_by("due_at").values_list("pk", flat=True))


def _lapse(item_id: object) -> bool:
    try:
        return tasks.lapse(item_id)  # type: ignore[arg-type]
    except Exception:
        log.exception("task %s could not lapse", item_id)
        return False
