# mypy: allow-untyped-calls
"""One matter through a whole flow of six steps: our completion service beside bare viewflow.

Ours does for every step what an official needs and an auditor asks for: posting and role checked, record
locked and moved, work items closed and served with derived deadlines, two ledger events, outbox. Theirs
finds the task, assigns, starts and executes it: who acted stands in the task row, nothing else is kept.

Run: python -m benchmarks.completion [--processes 100]
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar
from uuid import UUID

from django.db import connection
from django.test.utils import CaptureQueriesContext
from viewflow.workflow.models import Process as BareProcess
from viewflow.workflow.models import Task as BareTask
from viewflow.workflow.status import PROCESS, STATUS

from benchmarks import county
from benchmarks.flows import STEPS, BareSetting, LeanSetting
from benchmarks.report import Figure, median, table
from offices.models import Posting, User
from workflows.models import Process, WorkItem
from workflows.services import starting, tasks

Samples = defaultdict[str, list[float]]
T = TypeVar("T")


class Runner(Protocol):
    """Runs a step's work and keeps a figure of it."""

    def __call__(self, step: str, work: Callable[[], T]) -> T: ...


def timing(samples: Samples) -> Runner:
    """Keep each step's seconds."""

    def run(step: str, work: Callable[[], T]) -> T:
        start = time.perf_counter()
        result = work()
        samples[step].append(time.perf_counter() - start)
        return result

    return run


def counting(samples: Samples) -> Runner:
    """Keep each step's number of statements."""

    def run(step: str, work: Callable[[], T]) -> T:
        with CaptureQueriesContext(connection) as queries:
            result = work()
        samples[step].append(len(queries))
        return result

    return run


def actor_of(item: WorkItem) -> UUID:
    """Somebody who may do this item."""
    seats = Posting.objects.filter(office=item.office_id, role=item.role or "handler")
    return seats.values_list("user_id", flat=True)[0]


def steps_of_ours(item: WorkItem, run: Runner) -> None:
    """Do all six steps; only the completion itself is given to `run`."""
    for step in STEPS:
        assert item.step == step
        served = run(step, partial(tasks.complete, item.pk, user_id=actor_of(item), comment="同意。"))
        item = served[0] if served else item
    assert Process.objects.get(pk=item.process_id).status == PROCESS.DONE


def steps_of_bare(user: User, run: Runner) -> None:
    """The same with viewflow's own doors."""
    process = BareSetting.start.run()
    for step in STEPS:
        waiting = BareTask.objects.get(process=process, status=STATUS.NEW)
        assert waiting.flow_task.name == step
        run(step, partial(complete_bare, waiting.pk, user))
    assert BareProcess.objects.get(pk=process.pk).status == PROCESS.DONE


def complete_bare(task_id: int, user: User) -> None:
    """Assign, start and execute one View task under its flow's lock."""
    task = BareTask.objects.get(pk=task_id)
    with task.activation() as activation:
        activation.assign(user)
        activation.start(None)
        activation.execute()


def measure(processes: int) -> list[Figure]:
    """Ours and theirs in turn, process by process; medians over all of them."""
    ours, theirs = Samples(list), Samples(list)
    our_counts, their_counts = Samples(list), Samples(list)
    with county.lean_flow():
        cycle = county.found_county(processes + 2)
        items = starting.start_all(LeanSetting, county.add_sheets(cycle, ""))
        user = User.objects.get(pk=county.clerk_id())
        steps_of_ours(items[0], counting(our_counts))
        steps_of_bare(user, counting(their_counts))
        steps_of_ours(items[1], timing(Samples(list)))
        for item in items[2:]:
            steps_of_bare(user, timing(theirs))
            steps_of_ours(item, timing(ours))
    return [*_figures(ours, theirs), *_counts(our_counts, their_counts)]


def _figures(ours: Samples, theirs: Samples) -> list[Figure]:
    whole = [
        Figure(
            "completion, whole flow of six steps",
            "ms",
            median([sum(run) for run in zip(*ours.values(), strict=True)], 1e3),
            median([sum(run) for run in zip(*theirs.values(), strict=True)], 1e3),
            "ratio ≤ 1.0",
        )
    ]
    return whole + [
        Figure(f"  {step}", "ms", median(ours[step], 1e3), median(theirs[step], 1e3)) for step in STEPS
    ]


def _counts(ours: Samples, theirs: Samples) -> list[Figure]:
    return [
        Figure(f"  statements of {step}", "", ours[step][0], theirs[step][0]) for step in ("declare", "sign")
    ]


def main() -> None:
    """Measure in a scratch database and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=100)
    options = parser.parse_args()
    with county.scratch_database():
        print(table(measure(options.processes)))


if __name__ == "__main__":
    main()
