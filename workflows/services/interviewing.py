"""Planning an interview and starting its process in one transaction."""

import datetime as dt
from uuid import UUID

from audit import ledger
from cycle.models import Matter
from cycle.services import interviews
from offices.queries.acting import acting
from workflows.flows import BY_KIND
from workflows.services.starting import start_all


@ledger.service
def plan_and_start(
    feedback_id: UUID, *, on: dt.date, place: str, user_id: UUID, office_id: UUID, topic: str = ""
) -> UUID:
    """Plan an interview (see `interviews.plan`), serve its record on the office, return the matter's id."""
    by, _ = acting(user_id, office_id)
    matter_id = interviews.plan(feedback_id, on=on, place=place, topic=topic, by=by)
    matter = Matter.objects.select_related("cycle", "subject", "office").get(pk=matter_id)
    start_all(BY_KIND["interview"], [matter], by=by)
    return matter_id
