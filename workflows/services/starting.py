"""Starting processes: the only way, in bulk, for one matter or five thousand."""

import datetime as dt
from uuid import UUID

from viewflow.workflow.status import STATUS
from viewflow.workflow.token import Token

from audit import clock, ledger
from audit.actor import SYSTEM, Actor
from cycle.models import Cycle, Matter
from cycle.models.matter import unfinished
from workflows import rows, serving
from workflows.flows import BY_KIND, MatterFlow
from workflows.models import Process, Task, WorkItem
from workflows.nodes import landing

BATCH = 2000


@ledger.service
def start_waiting(cycle_id: UUID, kind: str, *, by: Actor = SYSTEM) -> bool:
    """Start up to `BATCH` processes for matters of a kind that have none; return whether more are waiting.

    The cycle is held, so that of two calls the second sees what the first has started, and so that a message
    which arrives after the cycle's cancellation brings nothing to life.
    """
    flow = BY_KIND[kind]
    cycle = Cycle.objects.select_for_update(no_key=True).filter(pk=cycle_id).first()
    if cycle is None or cycle.state == Cycle.State.CANCELLED:
        return False
    waiting = Matter.objects.filter(unfinished(), cycle_id=cycle_id, kind=kind, processes__isnull=True)
    matters = list(
        waiting.select_related("subject")
        .select_for_update(no_key=True, of=("self",))
        .order_by("id")[: BATCH + 1]
    )
    for matter in matters:
        matter.cycle = cycle  # one object for all, rather than a copy in each row
    start_all(flow, matters[:BATCH], by=by)
    return len(matters) > BATCH


@ledger.service
def start_all(flow: type[MatterFlow], matters: list[Matter], *, by: Actor = SYSTEM) -> list[WorkItem]:
    """Start one process for each matter and serve its first step; return the work items.

    The unique key (matter, flow) makes a second start fail loudly. The number of statements is the same for
    any number of matters.
    """
    if not matters:
        return []
    at = clock.now()
    processes = [_process(flow, matter, at) for matter in matters]
    begins = [_begin(flow, process, at) for process in processes]
    first = [_first(process, at) for process in processes]
    items = [item for task in first for item in serving.items_for(task, task.flow_task, at=at)]
    Process.objects.bulk_create(processes)
    rows.insert_tasks(begins, status=STATUS.DONE)
    rows.insert_tasks(first, status=STATUS.NEW)
    rows.link_tasks(zip(first, begins, strict=True))
    rows.insert_items(items)
    _record(flow, processes, items, by=by, at=at)
    return items


def _process(flow: type[MatterFlow], matter: Matter, at: dt.datetime) -> Process:
    cycle: Cycle = matter.cycle
    return Process(
        flow_class=flow,
        cycle=cycle,
        subject=matter.subject,
        matter=matter,
        policy=cycle.policy_id,
        created=at,
    )


def _begin(flow: type[MatterFlow], process: Process, at: dt.datetime) -> Task:
    node = flow.instance.node("start")
    return Task(
        process=process,
        flow_task=node,
        flow_task_type=node.task_type,
        status=STATUS.DONE,
        created=at,
        started=at,
        finished=at,
        token=Token("start"),
    )


def _first(process: Process, at: dt.datetime) -> Task:
    node = landing(process, process.flow_class.instance.node("start")._next)
    return Task(
        process=process,
        flow_task=node,
        flow_task_type=node.task_type,
        status=STATUS.NEW,
        created=at,
        token=Token("start"),
    )


def _record(
    flow: type[MatterFlow], processes: list[Process], items: list[WorkItem], *, by: Actor, at: dt.datetime
) -> None:
    served: dict[UUID, list[WorkItem]] = {}
    for item in items:
        served.setdefault(item.process_id, []).append(item)
    for process in processes:
        ledger.record(
            "process.start",
            process.stream,
            by=by,
            at=at,
            policy=process.policy,
            new_stream=True,
            set={"flow": flow.key, "matter": process.matter_id, "status": process.status},
            served=[item_facts(item) for item in served.get(process.pk, [])],
        )


def item_facts(item: WorkItem) -> dict[str, object]:
    """What the ledger keeps of a served work item: office, deadline and how it was derived."""
    return {
        "item": item.pk,
        "step": item.step,
        "office": item.office_id,
        "role": item.role,
        "due_at": item.due_at,
        "basis": {key: value for key, value in item.basis.items() if key != "rungs"},
    }
