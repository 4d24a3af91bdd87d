"""One tick: whatever the clock asks for. Run by Celery beat or `manage.py tick`; every part is idempotent."""

import logging
from uuid import UUID

from audit.heartbeat import beat
from cycle.models import Cycle, Stage
from cycle.services import agenda, locking
from workflows.services import extending, lapsing, relaying, sweeping

log = logging.getLogger(__name__)

TICK = "tick"
"""The heartbeat's name."""


def _lock_settled() -> int:
    """Close the results of every year in which nothing can change any more; return how many."""
    settling = Cycle.objects.filter(state__in=[Stage.FEEDBACK, Stage.USES])
    return sum(_lock(cycle_id) for cycle_id in settling.values_list("id", flat=True))


def _lock(cycle_id: UUID) -> bool:
    try:
        return locking.lock_if_settled(cycle_id)
    except Exception:
        log.exception("cycle %s: its results could not be locked", cycle_id)
        return False


def tick() -> dict[str, int]:
    """Open what is due, let tasks lapse that do, fire deadlines; return the counts."""
    running = Cycle.objects.filter(state__in=[Stage.MONITORING, Stage.ASSESSMENT])
    opened = sum(_open_due(cycle_id) for cycle_id in running.values_list("id", flat=True))
    lapsed = lapsing.lapse_due()  # first: what goes on by itself at its deadline is not overdue
    extending.expire_moot()
    fired = sweeping.fire_all()
    locked = _lock_settled()
    beat(TICK)
    return {"opened": opened, "fired": fired, "lapsed": lapsed, "locked": locked}


def _open_due(cycle_id: UUID) -> int:
    """Open what is due in one cycle; its trouble must not keep the others' deadlines from firing."""
    try:
        return len(agenda.open_due(cycle_id))
    except Exception:
        log.exception("cycle %s: what is due could not be opened", cycle_id)
        return 0


def tick_and_relay() -> dict[str, int]:
    """A tick that also delivers the outbox: all background work in one process, without Celery."""
    counts = tick()
    counts["delivered"] = relaying.drain()
    return counts
