"""What the calendar asks for: periods to report on, rounds to assess. The tick calls it; it may miss days."""

import datetime as dt
from uuid import UUID

from audit import clock, ledger
from cycle.models import Cycle, Matter, Stage
from cycle.queries.packs import rules_of
from cycle.queries.periods import period_end
from cycle.queries.rules import rounds
from cycle.services.openings import open_round
from cycle.services.reports import open_period

MONTHS = [f"m{month:02d}" for month in range(1, 13)]


@ledger.service
def open_due(cycle_id: UUID) -> list[str]:
    """Open every period and round whose time has come and that is not open yet; return their ids.

    Reports are asked for on the period's last day, so that their clock (working days after the period)
    runs from it; assessment rounds begin the day after their period. The year-end round waits for the stage.
    """
    cycle = Cycle.objects.get(pk=cycle_id)
    if cycle.state not in (Stage.MONITORING, Stage.ASSESSMENT):
        return []
    today = clock.local_date(clock.now())
    opened = [key for key in MONTHS if _ended(cycle, key, today) and _missing(cycle, "report", key)]
    for key in opened:
        open_period(cycle.pk, key)
    for key in [key for key in assessment_rounds(cycle) if _round_due(cycle, key, today)]:
        if open_round(cycle.pk, key):
            opened.append(key)
    return opened


def assessment_rounds(cycle: Cycle) -> list[str]:
    """Return the ids of all rounds that the policy assesses in, in order of time."""
    pack = rules_of(cycle)
    keys = {
        key
        for group in pack.groups
        for component in pack.content[group].components
        for key in rounds(pack, group, component)
    }
    return sorted(keys, key=lambda key: (period_end(cycle.year, key) or dt.date.max, key))


def _ended(cycle: Cycle, key: str, today: dt.date) -> bool:
    ends = period_end(cycle.year, key)
    return ends is not None and ends <= today


def _round_due(cycle: Cycle, key: str, today: dt.date) -> bool:
    ends = period_end(cycle.year, key)
    if key == "yearend":
        return bool(cycle.state == Stage.ASSESSMENT) and _unopened(cycle, key)
    return ends is not None and ends < today and _unopened(cycle, key)


def _missing(cycle: Cycle, kind: str, key: str) -> bool:
    return not Matter.objects.filter(cycle=cycle, kind=kind, key=key).exists()


def _unopened(cycle: Cycle, key: str) -> bool:
    kinds = ["collection", "turnout", "survey"]
    return not Matter.objects.filter(cycle=cycle, kind__in=kinds, key=key).exists()
