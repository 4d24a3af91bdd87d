"""Closing a year's results: locked by the system once every window is over and every appeal decided."""

from uuid import UUID

from audit import clock, ledger
from audit.actor import SYSTEM, Actor
from cycle.models import Cycle, ScoringRun
from cycle.queries.results import locked_run
from cycle.queries.settling import is_settled, run_to_lock


@ledger.service
def lock_if_settled(cycle_id: UUID, *, by: Actor = SYSTEM) -> bool:
    """Lock the approved run if nothing can change it any more; return whether it was locked now.

    Asked for by every tick. What holds is looked at twice, the second time with the cycle locked so that no
    appeal can be begun meanwhile: a new row that refers to the cycle waits for this lock.
    """
    cycle = Cycle.objects.select_related("policy").get(pk=cycle_id)
    if not _may_lock(cycle):
        return False
    cycle = Cycle.objects.select_for_update(of=("self",)).select_related("policy").get(pk=cycle_id)
    run = run_to_lock(cycle)
    if run is None or not _may_lock(cycle):
        return False
    at = clock.now()
    ScoringRun.objects.filter(pk=run.pk, locked_at__isnull=True).update(locked_at=at)
    ledger.record(
        "run.lock",
        f"run/{run.pk}",
        by=by,
        at=at,
        policy=cycle.policy_id,
        was={"locked_at": None},
        set={"locked_at": at},
    )
    return True


def _may_lock(cycle: Cycle) -> bool:
    if cycle.state not in ("feedback", "uses") or locked_run(cycle) is not None:
        return False
    return is_settled(cycle, clock.now())
