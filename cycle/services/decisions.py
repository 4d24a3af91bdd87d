"""Decisions of the leading group that belong together: the order of tied units is one decision."""

from collections.abc import Mapping
from uuid import UUID

from audit import ledger
from audit.refusals import NotPossible
from cycle.models import Cycle
from cycle.queries.results import approved_run
from cycle.services.scoring import decide, recalculate
from offices.queries.acting import acting_as


@ledger.service
def settle_tie(
    cycle_id: UUID, *, group: str, level: str, order: Mapping[UUID, str], why: str, user_id: UUID
) -> None:
    """Record the order of tied units for a level (正定 六（二）1 leaves it to the leading group).

    `order` maps each unit to its place, 1 for the first. Raises NotPossible unless the places are 1, 2, 3 …
    without gaps. The decision counts from the next scoring run on; once results were approved, where a change
    has brought the tie about, that run is made at once.
    """
    places = [str(place) for place in range(1, len(order) + 1)]
    if sorted(order.values()) != sorted(places):
        raise NotPossible(f"请给每个单位排定先后，从 1 到 {len(order)}，不重复、不空缺。")
    for subject_id, place in sorted(order.items(), key=lambda pair: pair[1]):
        decide(
            cycle_id, group=group, item=f"tie:{level}", value=place, why=why, user_id=user_id,
            subject_id=subject_id,
        )  # fmt: skip
    cycle = Cycle.objects.get(pk=cycle_id)
    if cycle.state != "assessment" or approved_run(cycle) is not None:
        by, at = acting_as(user_id, cycle.owner_id, "leading_group")
        recalculate(cycle, because_of=None, cause="领导小组对并列名次作出决定", by=by, at=at)
