"""Approval of the year's results by the government."""

import datetime as dt
from uuid import UUID

from audit import ledger
from audit.actor import Actor
from audit.refusals import NotPossible
from cycle.models import Approval, Cycle, Publication, ScoringRun
from cycle.queries.packs import rules_of
from cycle.queries.publicity import groups_to_show, is_newest, newest_of, publications_of, takes_place
from cycle.queries.results import latest_run
from cycle.services import opinions
from cycle.services.moving import hold, move, record_creation
from cycle.services.renewing import renew
from offices.queries.acting import acting_as


@ledger.service
def open_approval(cycle_id: UUID, *, user_id: UUID) -> UUID:
    """Start the approval of the newest run, once every group's publicity of these results is over.

    An approval that waits to be compiled is put on the newest run instead of a second one being opened.
    """
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    by, at = acting_as(user_id, cycle.owner_id, "performance_office")
    run = _shown_run(cycle)
    pending = _unfinished(cycle)
    if Approval.objects.filter(cycle=cycle, run__result_digest=run.result_digest).exists():
        raise NotPossible(f"{run}的结果已经在报批或者已经批准，不需要重复报批。")
    if pending and pending.state != "open":
        raise NotPossible(f"“{pending.title}”正在审批，请审批机关退回后，再对最新的计分结果报批。")
    if pending:
        renew(pending, run, key=str(run.number), by=by, at=at)
        return pending.pk
    approval = Approval(
        cycle=cycle,
        kind=Approval.KIND,
        stage=Approval.STAGE,
        key=str(run.number),
        state="open",
        run=run,
        title=f"{cycle.year} 年度考核结果审批",
        created_at=at,
    )
    approval.save(force_insert=True)
    record_creation(approval, by=by, at=at)
    ledger.tell("matters.opened", cycle.pk, kind=Approval.KIND)
    return approval.pk


def _shown_run(cycle: Cycle) -> ScoringRun:
    """The newest run, whose results every group was shown to the end; nothing else may be approved.

    Where the policy has no publicity of results the newest run is approved as it is.
    """
    run, needed = latest_run(cycle), takes_place(cycle, Publication.What.SHOW)
    if run is None or (needed and not newest_of(cycle, Publication.What.SHOW)):
        raise NotPossible(
            "结果还没有公示，公示结束后才能报批。" if needed else "还没有计分，请先计分再报批。"
        )
    if needed:
        _need_shown(run)
    return run


def _need_shown(run: ScoringRun) -> None:
    missing = groups_to_show(run)
    if missing:
        groups = rules_of(run.cycle).groups
        names = "、".join(groups[group].title for group in missing)
        raise NotPossible(f"公示之后又重新计过分，{names}的结果有变化，请对这些组重新公示后再报批。")
    waiting = [publication.title for publication in publications_of(run) if not publication.is_final]
    if waiting:
        raise NotPossible(f"{'、'.join(waiting)}还没有结束，结束后才能报批。")


def _unfinished(cycle: Cycle) -> Approval | None:
    rows = Approval.objects.select_for_update(no_key=True, of=("self",)).select_related("cycle")
    return rows.filter(cycle=cycle).exclude(state__in=Approval.FINAL).first()


@ledger.service
def compile_results(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The performance office hands up the compiled results; they must rest on the newest run."""
    approval = hold(Approval, matter_id)
    _need_newest(approval)
    move(approval, "compile", by=by, at=at, why=comment)


def _need_newest(approval: Approval) -> None:
    if not is_newest(approval.cycle, approval.run):
        raise NotPossible("报批之后又重新计过分，请对最新的计分结果重新公示和报批。")


@ledger.service
def opine(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """One working group's opinion on the results, where the policy asks for them."""
    approval = hold(Approval, matter_id)
    if approval.state != "compiled":
        raise NotPossible(f"“{approval.title}”目前不在会商中，请刷新页面后查看。")
    opinions.give(approval, by=by, at=at, agrees=True, text=comment)


@ledger.service
def close_opinions(matter_id: UUID, *, by: Actor, at: dt.datetime) -> None:
    """All opinions are in."""
    move(hold(Approval, matter_id), "close_opinions", by=by, at=at)


@ledger.service
def approve(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The government approves the results (正定 六（二）); they must still be the newest."""
    approval = hold(Approval, matter_id)
    _need_newest(approval)
    move(approval, "approve", by=by, at=at, why=comment)


@ledger.service
def give_back(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """Sent back to the performance office with a reason; working groups are asked anew."""
    approval = hold(Approval, matter_id)
    move(approval, "give_back", by=by, at=at, why=comment, fields=opinions.next_round(approval))
