"""The units' own account of the year."""

import datetime as dt
from uuid import UUID

from audit import ledger
from audit.actor import Actor
from audit.refusals import NotPossible
from cycle.models import SelfAssessment
from cycle.services.moving import hold, move

MIN_LENGTH = 20


@ledger.service
def write(
    matter_id: UUID, *, by: Actor, at: dt.datetime, summary: str, problems: str, plans: str, comment: str = ""
) -> None:
    """The unit writes what it achieved, what went wrong and what it will do about it."""
    matter = hold(SelfAssessment, matter_id)
    text = {"summary": summary.strip(), "problems": problems.strip(), "plans": plans.strip()}
    titles = {"summary": "完成情况", "problems": "存在问题", "plans": "改进措施"}
    for name, value in text.items():
        if len(value) < MIN_LENGTH:
            raise NotPossible(
                f"“{titles[name]}”至少写 {MIN_LENGTH} 个字，写清做了什么、做到什么程度。", field=name
            )
    move(matter, "write", by=by, at=at, why=comment, fields={"text": matter.text | text})


@ledger.service
def approve(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The head of the unit hands the self-assessment in."""
    move(hold(SelfAssessment, matter_id), "approve", by=by, at=at, why=comment)


@ledger.service
def give_back(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """The head returns it with a reason."""
    move(hold(SelfAssessment, matter_id), "give_back", by=by, at=at, why=comment)
