"""What of an appeal is deliberation, and who may read it: the findings and drafts before the decision.

The parties (the unit, the office that answered) read the decision with its reasons, not how it was argued;
nor does the performance office, which is often the other side. Reviewers, whoever approves, and the auditors
read everything.
"""

from audit.models import Event
from cycle.models import Appeal, Matter
from cycle.queries.packs import rules_of
from offices.queries.seats import Seat
from workflows.models import WorkItem

WITHHELD = "承办和审批过程中的意见不对外公开"
STEPS = frozenset({"investigate", "decide", "approve"})
EVENTS = frozenset(
    f"{Appeal.KIND}.{verb}" for verb in ("investigate", "draft", "preview", "propose", "give_back")
)
BESIDE = ("leading_group", "county_government", "main_leaders", "auditor")


def reads_deliberation(seat: Seat, matter: Matter) -> bool:
    """Whether the office may read how the decision on an appeal was prepared; other matters have no such."""
    if matter.kind != Appeal.KIND or seat.office.pk == matter.office_id:
        return True
    approves = rules_of(matter.cycle).step("feedback", "appeal", "approve").offices
    return seat.capacity in (*BESIDE, *approves)


def is_deliberation(event: Event) -> bool:
    """Whether an event's words belong to the preparation of a decision."""
    if event.type == "task.completed":
        return event.facts.get("step") in STEPS
    return event.type in EVENTS


def is_inner(item: WorkItem) -> bool:
    """Whether a task's opinion belongs to the preparation of a decision."""
    return item.flow == Appeal.KIND and item.step in STEPS
