"""What stands between a cycle and its next stage."""

import datetime as dt

from audit import clock
from cycle.models import Cycle, Matter
from cycle.models.matter import holding_gate


def open_matters(cycle: Cycle, stage: str) -> list[Matter]:
    """Return the matters of a stage that are not final, unit by unit, waived ones included."""
    rows = Matter.objects.filter(cycle=cycle, stage=stage).filter(holding_gate())
    return list(rows.select_related("subject", "office").order_by("subject__position", "kind", "key"))


def obstacles(cycle: Cycle, on: dt.date | None = None) -> list[Matter]:
    """Return what holds the gate out of the cycle's present stage: open matters less those waived today."""
    day = on or clock.local_date(clock.now())
    rows = Matter.objects.filter(cycle=cycle, stage=cycle.state).filter(holding_gate())
    rows = rows.exclude(waiver__until__gte=day)
    return list(rows.select_related("subject", "office").order_by("subject__position", "kind", "key"))
