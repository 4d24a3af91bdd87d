"""Closing a round of leaders' ballots: the votes are sealed and the tasks of those who missed it end."""

from uuid import UUID

from viewflow.workflow.status import PROCESS

from audit import ledger
from audit.refusals import NotPossible
from cycle.models import Cycle, Turnout
from cycle.services import ballots
from offices.queries.acting import acting_as
from workflows.models import Process
from workflows.services.cancelling import cancel_all


@ledger.service
def close_ballots(cycle_id: UUID, key: str, *, user_id: UUID) -> int:
    """Close a round of ballots; the performance office does it when all have voted or the clock has run out.

    Returns how many posts missed it. Raises NotPossible when the round has no ballots or is closed already.
    """
    cycle = Cycle.objects.get(pk=cycle_id)
    by, at = acting_as(user_id, cycle.owner_id, "performance_office")
    rows = Process.objects.filter(cycle=cycle, matter__kind=Turnout.KIND, matter__key=key)
    if not rows.exists():
        raise NotPossible("这一轮没有领导评估，不需要结束。")
    waiting = list(rows.filter(status=PROCESS.NEW).order_by("id").select_for_update(no_key=True))
    missed = ballots.close_round(cycle.pk, key, by=by)
    cancel_all(waiting, by=by, at=at, why="评分期已经结束")
    return missed
