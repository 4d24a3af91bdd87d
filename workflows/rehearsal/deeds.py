"""What somebody does with a task in a rehearsal, and who that is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from audit import clock
from cycle.models import Appeal, Rectification
from cycle.queries.verifying import Verifying
from workflows.models import WorkItem
from workflows.rehearsal.chance import Chance
from workflows.rehearsal.county import table


@dataclass(slots=True)
class Deed:
    """How somebody completes a task: the choice, the comment, the form's fields."""

    choice: str = "next"
    comment: str = ""
    form: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Stage:
    """What a performer may look at: the chance, the county's phrases, the password for signing."""

    chance: Chance
    pack: str
    password: str

    def phrase(self, kind: str, *name: object) -> str:
        """Return one of the county's phrases of a kind."""
        options = [row["text"] for row in table(self.pack, "phrases") if row["kind"] == kind]
        return self.chance.pick(options, kind, *name)


Performer = Callable[[WorkItem, Stage, tuple[object, ...]], Deed]


def name_of(item: WorkItem, visit: int) -> tuple[object, ...]:
    """The name of this visit to this step, from which all its draws follow."""
    matter = item.matter
    unit = matter.subject.code if matter.subject else ""
    return (matter.kind, unit, matter.key, item.office.organisation.code, item.step, visit)


def holder(item: WorkItem) -> Any:
    """Who does an item: the head where the step asks for one, the case's own reviewer, else the handler.

    A result is checked by somebody who had no hand in the plan.
    """
    if item.flow == "appeal" and item.step in ("investigate", "decide"):
        return Appeal.objects.values_list("reviewer_id", flat=True).get(pk=item.matter_id)
    if (item.flow, item.step) == ("rectification", "check"):
        return _verifier(item)
    role = item.role or "handler"
    postings = sorted(item.office.postings.all(), key=lambda each: (each.role != role, each.user.username))
    return postings[0].user_id


def _verifier(item: WorkItem) -> UUID:
    """Somebody of the office who had no hand in the plan that is checked."""
    matter = Rectification.objects.select_related("cycle", "subject").get(pk=item.matter_id)
    return Verifying(matter, clock.now()).others(item.office_id)[0].pk
