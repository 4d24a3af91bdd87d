"""Bringing a claim and starting its process in one transaction, so that the claimant can go on at once."""

from typing import Any
from uuid import UUID

from audit import ledger
from audit.actor import Actor
from cycle.models import Matter
from cycle.services import claims
from workflows.flows import BY_KIND
from workflows.services.starting import start_all


@ledger.service
def open_and_start(subject_id: UUID, *, by: Actor, **claim: Any) -> UUID:
    """Open a claim (see `claims.open_claim`) and serve its first step; return the matter's id."""
    matter_id = claims.open_claim(subject_id, by=by, **claim)
    matter = Matter.objects.select_related("cycle", "subject", "office").get(pk=matter_id)
    start_all(BY_KIND["claim"], [matter], by=by)
    return matter_id
