# mypy: allow-untyped-calls
"""The deadline sweep beside viewflow's timer dispatcher, on as many items that are due at the same moment.

Ours writes the rung's event into the ledger and says when to look again; theirs (`fire_due_timers`, what
`manage.py workflow_timers` runs) fires a boundary timer that leads to an end.

Run: python -m benchmarks.sweep [--items 2000] [--rounds 3]
"""

import argparse
import datetime as dt

from viewflow.workflow.timers import fire_due_timers

from audit import clock
from audit.models import Event
from benchmarks import county
from benchmarks.flows import BareTimed, LeanSetting
from benchmarks.report import Figure, median, stopwatch, table
from cycle.models import Cycle
from workflows.models import WorkItem
from workflows.services import starting, sweeping

BARE_SHARE = 10  # viewflow fires its timers one by one: a tenth of the items is enough


def first_rung(item: WorkItem) -> dt.datetime:
    """When the sweep has to look at an item first."""
    assert item.next_rung_at is not None, "the policy has a ladder"
    return item.next_rung_at


def sweep_ours(cycle: Cycle, key: str) -> float:
    """Seconds an item to fire its first rung, each exactly once."""
    clock.move_to(county.MONDAY)
    items = starting.start_all(LeanSetting, county.add_sheets(cycle, key))
    fired = Event.objects.filter(type__startswith="deadline.").count()
    clock.move_to(first_rung(items[0]) + dt.timedelta(minutes=1))
    seconds = stopwatch(sweeping.fire_all)
    assert Event.objects.filter(type__startswith="deadline.").count() == fired + len(items)
    return seconds / len(items)


def sweep_bare(number: int) -> float:
    """Seconds a timer that viewflow needs."""
    for _ in range(number):
        BareTimed.start.run()
    fired: list[int] = []
    seconds = stopwatch(lambda: fired.append(fire_due_timers()))
    assert fired == [number], "every timer was due"
    return seconds / number


def measure(items: int, rounds: int) -> list[Figure]:
    """Interleaved rounds, medians."""
    with county.lean_flow():
        cycle = county.found_county(items)
        sweep_bare(5)
        ours, theirs = [], []
        for number in range(rounds):
            theirs.append(sweep_bare(max(items // BARE_SHARE, 5)))
            ours.append(sweep_ours(cycle, f"round{number}"))
    return [
        Figure(
            f"deadline sweep over {items:,} due items", "ms an item", median(ours, 1e3), median(theirs, 1e3)
        )
    ]


def main() -> None:
    """Measure in a scratch database and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with county.scratch_database():
        print(table(measure(options.items, options.rounds)))


if __name__ == "__main__":
    main()
