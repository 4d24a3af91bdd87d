# mypy: allow-untyped-calls
"""Starting a stage for a whole province: our bulk start beside viewflow's own start, one process at a time.

Ours is everything that follows when a stage has opened: the outbox message is delivered, the matters are
locked and read, and each gets its process, tasks, work item with its derived deadline, and ledger event.
Theirs is `start.run()` of an equal flow: process and tasks, no deadline, no history.

Run: python -m benchmarks.bulk_start [--units 5000] [--rounds 3]
"""

import argparse
from uuid import UUID

from audit import ledger
from benchmarks import county
from benchmarks.flows import BareSetting
from benchmarks.report import Figure, median, stopwatch, table
from cycle.models import Cycle, Sheet
from workflows.models import Process, WorkItem
from workflows.services import relaying

BARE_SHARE = 10  # viewflow's cost does not depend on the number: a tenth of the units is enough


@ledger.service
def announce(cycle_id: UUID) -> None:
    """What the stage's opening leaves in the outbox."""
    ledger.tell("matters.opened", cycle_id, kind=Sheet.KIND)


def start_ours(cycle: Cycle, key: str) -> float:
    """Seconds a unit to deliver the message and start everything that waits."""
    sheets = county.add_sheets(cycle, key)
    announce(cycle.pk)
    seconds = stopwatch(relaying.drain)
    started = WorkItem.objects.filter(matter__key=key, state="open").count()
    assert started == len(sheets), "every unit must have its work item"
    return seconds / len(sheets)


def start_bare(number: int) -> float:
    """Seconds a process that viewflow needs."""
    return stopwatch(lambda: [BareSetting.start.run() for _ in range(number)]) / number


def measure(units: int, rounds: int) -> list[Figure]:
    """Interleaved rounds, medians."""
    with county.lean_flow():
        cycle = county.found_county(units)
        start_bare(5)
        ours, theirs = [], []
        for number in range(rounds):
            theirs.append(start_bare(max(units // BARE_SHARE, 5)))
            ours.append(start_ours(cycle, f"round{number}"))
        assert Process.objects.count() == units * rounds
    return [
        Figure(f"bulk start of {units:,} units", "ms a unit", median(ours, 1e3), median(theirs, 1e3), "≤ 0.6")
    ]


def main() -> None:
    """Measure in a scratch database and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with county.scratch_database():
        print(table(measure(options.units, options.rounds)))


if __name__ == "__main__":
    main()
