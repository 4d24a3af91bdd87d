"""One tick: whatever the clock asks for. Run by Celery beat or `manage.py tick`; every part is idempotent."""

from audit.heartbeat import beat
from cycle.models import Cycle, Stage
from cycle.services import agenda
from workflows.services import relaying, sweeping

TICK = "tick"
"""The heartbeat's name."""


def tick() -> dict[str, int]:
    """Open periods and rounds whose time has come and fire due deadlines; return the counts."""
    opened = sum(
        len(agenda.open_due(cycle_id))
        for cycle_id in Cycle.objects.filter(state__in=[Stage.MONITORING, Stage.ASSESSMENT]).values_list(
            "id", flat=True
        )
    )
    fired = sweeping.fire_all()
    beat(TICK)
    return {"opened": opened, "fired": fired}


def tick_and_relay() -> dict[str, int]:
    """A tick that also delivers the outbox: all background work in one process, without Celery."""
    counts = tick()
    counts["delivered"] = relaying.drain()
    return counts
