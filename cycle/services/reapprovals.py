"""Results that were approved and have changed since: handed up and approved again (济南 26 条)."""

import datetime as dt
from uuid import UUID

from audit import clock, ledger
from audit.actor import Actor
from audit.refusals import NotPossible
from cycle.models import Cycle, Grade, Matter, Reapproval, ScoringRun
from cycle.queries.results import approved_run
from cycle.services import change_notices, ordering
from cycle.services.moving import hold, move, record_creation
from cycle.services.renewing import renew


def follow(cycle: Cycle, run: ScoringRun, *, by: Actor, at: dt.datetime) -> None:
    """Send a new run's results through approval where others were approved before; the cycle is held.

    One that waits to be handed up is put on the newest run. One that was handed up stays as it is, and a
    second follows it. Nothing is approved again while the results are those that were approved, or before
    any were: then the publicity shows them.
    """
    approved = approved_run(cycle)
    if approved is None:
        return
    pending = _unfinished(cycle)
    waiting = next((each for each in pending if each.state == "open"), None)
    ahead = [each.run for each in pending if each is not waiting and each.run is not None]
    last = max([approved, *ahead], key=lambda each: each.number)
    if run.result_digest == last.result_digest:
        if waiting:
            _merge(waiting, by=by, at=at, why="重新计分的结果与已经批准或者正在批准的结果相同。")
    elif waiting:
        renew(waiting, run, key=str(run.number), by=by, at=at)
    else:
        _open(cycle, run, by=by, at=at)


def _unfinished(cycle: Cycle) -> list[Reapproval]:
    """The approvals of changed results that are under way, held."""
    rows = Reapproval.objects.select_for_update(no_key=True, of=("self", "matter_ptr"))
    found = rows.filter(cycle=cycle).exclude(state__in=Reapproval.FINAL).select_related("cycle", "run")
    return list(found.order_by("id"))


def _open(cycle: Cycle, run: ScoringRun, *, by: Actor, at: dt.datetime) -> None:
    reapproval = Reapproval(
        cycle=cycle,
        kind=Reapproval.KIND,
        stage=Reapproval.STAGE,
        key=str(run.number),
        state="open",
        run=run,
        title=f"{cycle.year} 年度考核结果变更审批",
        text={"anchors": {"decision": clock.local_date(at).isoformat()}},
        created_at=at,
    )
    reapproval.save(force_insert=True)
    record_creation(reapproval, by=by, at=at)
    ledger.tell("matters.opened", cycle.pk, kind=Reapproval.KIND)


def _merge(reapproval: Reapproval, *, by: Actor, at: dt.datetime, why: str) -> None:
    """Nothing is left to approve: the matter ends and so do its tasks."""
    move(reapproval, "merge", by=by, at=at, why=why)
    ledger.tell("matter.ended", reapproval.pk, why=why)


@ledger.service
def submit(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The performance office hands the changed results up.

    Raises NotPossible while a unit's grade is undecided: the leading group settles a tie first.
    """
    reapproval = hold(Reapproval, matter_id)
    undecided = Grade.objects.filter(run=reapproval.run, grade="").select_related("subject")
    if undecided:
        names = "、".join(str(grade.subject) for grade in undecided[:5])
        raise NotPossible(
            f"{names}的等次因得分并列还没有确定，请领导小组在阶段页面作出决定，系统随即重新计分，之后再报批。"
        )
    move(reapproval, "compile", by=by, at=at, why=comment)


@ledger.service
def approve(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The government approves the changed results: they are in force, and whom they concern is told.

    The cycle is held first, as by whoever recalculates. What was handed up earlier and not decided yet is
    merged into this approval. An older result that is approved late displaces nothing.
    """
    cycle = _hold_cycle(matter_id)
    reapproval = hold(Reapproval, matter_id)
    before, run = approved_run(cycle), reapproval.run
    move(reapproval, "approve", by=by, at=at, why=comment)
    if run is None or before is None or run.number < before.number:
        return
    _merge_older(cycle, run, by=by, at=at)
    change_notices.tell_units(cycle, before, run, by=by, at=at)
    if cycle.state == "uses":
        ordering.renew(cycle, run, by=by, at=at)
    ledger.tell("results.reapproved", cycle.pk)


def _hold_cycle(matter_id: UUID) -> Cycle:
    cycle_id = Matter.objects.values_list("cycle_id", flat=True).get(pk=matter_id)
    return Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)


def _merge_older(cycle: Cycle, run: ScoringRun, *, by: Actor, at: dt.datetime) -> None:
    for each in _unfinished(cycle):
        if each.run is not None and each.run.number < run.number:
            _merge(each, by=by, at=at, why=f"{run}的结果已经批准，包含了这次变更。")


@ledger.service
def give_back(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """Sent back to the performance office with a reason; what was computed since comes with it.

    Of all that lies with the office again, only the one on the newest run is handed up once more.
    """
    cycle = _hold_cycle(matter_id)
    move(hold(Reapproval, matter_id), "give_back", by=by, at=at, why=comment)
    back = [each for each in _unfinished(cycle) if each.state == "open"]
    newest = max((each.run.number for each in back if each.run), default=0)
    for each in back:
        if each.run and each.run.number < newest:
            _merge(each, by=by, at=at, why="退回之后并入对更新的计分结果的报批。")
