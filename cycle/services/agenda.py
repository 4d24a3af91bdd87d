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
ROUND_KINDS = ("collection", "turnout", "survey")


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
    asked, assessed = _opened(cycle)
    opened = [key for key in MONTHS if key not in asked and _ended(cycle, key, today)]
    for key in opened:
        open_period(cycle.pk, key)
    for key in assessment_rounds(cycle):
        if key not in assessed and _round_due(cycle, key, today) and open_round(cycle.pk, key):
            opened.append(key)
    return opened


def _opened(cycle: Cycle) -> tuple[set[str], set[str]]:
    """The periods that are asked for, and the rounds that have begun: one question, for it is asked often."""
    rows = Matter.objects.filter(cycle=cycle, kind__in=["report", *ROUND_KINDS])
    found = set(rows.values_list("kind", "key").distinct())
    periods = {key for kind, key in found if kind == "report"}
    return periods, {key for kind, key in found if kind != "report"}


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
        return bool(cycle.state == Stage.ASSESSMENT)
    return ends is not None and ends < today
