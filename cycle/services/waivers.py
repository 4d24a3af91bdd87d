"""Waivers: a recorded permission to pass a gate although something is open."""

import datetime as dt
from uuid import UUID

from audit import clock, ledger
from audit.refusals import NotPossible
from cycle.models import Cycle, Matter, Waiver
from offices.queries.acting import acting_as


@ledger.service
def grant(matter_id: UUID, *, why: str, until: dt.date, user_id: UUID) -> UUID:
    """Let a gate pass over one open matter until a date; granted by the leading group, with a reason."""
    matter = (
        Matter.objects.select_for_update(no_key=True, of=("self",)).select_related("cycle").get(pk=matter_id)
    )
    cycle: Cycle = matter.cycle
    by, at = acting_as(user_id, cycle.owner_id, "leading_group")
    if matter.is_final:
        raise NotPossible(f"“{matter.title}”已经办完，不需要豁免。")
    if not why.strip():
        raise NotPossible("请写明同意豁免的理由。", field="why")
    if until < clock.local_date(at):
        raise NotPossible("豁免的截止日期不能早于今天。", field="until")
    waiver: Waiver
    waiver, _ = Waiver.objects.update_or_create(
        matter=matter,
        defaults={
            "cycle": cycle,
            "why": why.strip(),
            "until": until,
            "granted_by": by.name,
            "granted_at": at,
        },
    )
    ledger.record(
        "waiver.grant",
        matter.stream,
        by=by,
        at=at,
        policy=cycle.policy_id,
        why=why,
        set={"waived_until": until},
    )
    return waiver.pk
