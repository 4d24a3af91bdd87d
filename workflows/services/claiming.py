"""Bringing a claim and starting its process in one transaction, so that the claimant can go on at once."""

from typing import Any
from uuid import UUID

from audit import ledger
from cycle.models import Matter
from cycle.services import claims
from offices.queries.acting import acting
from workflows.flows import BY_KIND
from workflows.services.starting import start_all


@ledger.service
def open_and_start(subject_id: UUID, *, user_id: UUID, office_id: UUID, **claim: Any) -> UUID:
    """Open a claim (see `claims.open_claim`) and serve its first step; return the matter's id.

    Raises NotAllowed when the person does not sit in the office, or the office may not bring such a claim.
    """
    by, _ = acting(user_id, office_id)
    matter_id = claims.open_claim(subject_id, by=by, **claim)
    matter = Matter.objects.select_related("cycle", "subject", "office").get(pk=matter_id)
    start_all(BY_KIND["claim"], [matter], by=by)
    return matter_id
