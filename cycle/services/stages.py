"""The cycle's own steps: open a stage by name, archive, cancel. Gates list what is open."""

import datetime as dt
from typing import Any
from uuid import UUID

from django_fsm import can_proceed

from audit import clock, ledger
from audit.actor import SYSTEM, Actor
from audit.refusals import NotPossible
from cycle.models import Cycle, Matter, Stage
from cycle.queries.gates import obstacles
from cycle.queries.results import approved_run, locked_run
from cycle.queries.settling import finishing, obstacles_to_lock, running_on
from cycle.services import locking, openings, publicity
from offices.queries.acting import acting_as

_VERBS = {
    Stage.SETTING: "open_setting",
    Stage.MONITORING: "open_monitoring",
    Stage.ASSESSMENT: "open_assessment",
    Stage.FEEDBACK: "open_feedback",
    Stage.USES: "open_uses",
}
_OPENINGS = {
    Stage.SETTING: (openings.sheets,),
    Stage.MONITORING: (publicity.announce_targets,),
    Stage.ASSESSMENT: (openings.self_assessments, publicity.announce_assessment),
    Stage.FEEDBACK: (openings.feedback, publicity.announce_results),
    Stage.USES: (openings.consequences,),
}


@ledger.service
def open_stage(cycle_id: UUID, stage: str, *, user_id: UUID) -> None:
    """Open a stage by name; the performance office's head decides.

    Raises NotPossible when the cycle stands elsewhere (the second click fails), when the stage's date has
    not come, or when the gate finds something open that no waiver covers.
    """
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    by, at = acting_as(user_id, cycle.owner_id, "performance_office", role="head")
    target = Stage(stage)
    _step(cycle, _VERBS[target], by=by, at=at, to=target.label, stage=target)
    for opening in _OPENINGS[target]:
        opening(cycle, by=by, at=at)
    ledger.tell("cycle.stage_opened", cycle.pk, stage=target.value)


@ledger.service
def archive(cycle_id: UUID, *, user_id: UUID) -> None:
    """Archive the cycle once every use of its results is done and the results are locked.

    Appeals, rechecks and approvals of changes must be done; rectification may run on into the next year.
    """
    locking.lock_if_settled(cycle_id, by=SYSTEM)
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    by, at = acting_as(user_id, cycle.owner_id, "performance_office", role="head")
    _step(cycle, "archive", by=by, at=at, to="归档", stage=None)


def _need_settled(cycle: Cycle, at: dt.datetime) -> None:
    """Nothing that must not run on is open, and the results are closed to change."""
    left = finishing(cycle)
    if left:
        shown = "；".join(f"{each.title}（{each.state_title}）" for each in left[:5])
        more = f"等 {len(left)} 项" if len(left) > 5 else ""
        raise NotPossible(f"还有事项没有办结，不能归档：{shown}{more}。办结以后再归档。")
    if locked_run(cycle) is None:
        why = "；".join(obstacles_to_lock(cycle, at))
        raise NotPossible(f"{cycle.title}的结果还没有锁定，不能归档：{why}。")


@ledger.service
def cancel(cycle_id: UUID, *, user_id: UUID, why: str) -> None:
    """Cancel the cycle by decision of the leading group; nothing is deleted."""
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    by, at = acting_as(user_id, cycle.owner_id, "leading_group")
    if not why.strip():
        raise NotPossible("请写明取消本年度考核的理由和决定文件。", field="why")
    if not can_proceed(cycle.cancel):
        raise NotPossible(f"{cycle.title}已经{cycle.get_state_display()}，不能取消。")
    was = cycle.state
    cycle.cancel()
    cycle.save(update_fields=["state"])
    _record(cycle, "cancel", was, by=by, at=at, why=why)
    ledger.tell("cycle.cancelled", cycle.pk)


def _step(cycle: Cycle, verb: str, *, by: Actor, at: dt.datetime, to: str, stage: Stage | None) -> None:
    transition = getattr(cycle, verb)
    if not can_proceed(transition):
        raise NotPossible(f"{cycle.title}目前处于“{cycle.get_state_display()}”阶段，不能进入“{to}”。")
    _need_date(cycle, stage, at)
    _need_gate(cycle, to)
    if verb == "archive":
        _need_settled(cycle, at)
    was = cycle.state
    transition()
    cycle.save(update_fields=["state"])
    runs_on: dict[str, Any] = {"rectifications_running_on": running_on(cycle)} if verb == "archive" else {}
    _record(cycle, verb, was, by=by, at=at, **runs_on)


def _need_date(cycle: Cycle, stage: Stage | None, at: dt.datetime) -> None:
    first = {Stage.ASSESSMENT: dt.date(cycle.year + 1, 1, 1)}.get(stage) if stage else None
    if first and clock.local_date(at) < first:
        raise NotPossible(f"{stage.label}要到 {first:%Y 年 %m 月 %d 日} 才能开始，现在还没有到时间。")  # type: ignore[union-attr]


def _need_gate(cycle: Cycle, to: str) -> None:
    found = obstacles(cycle)
    if found:
        shown = "；".join(f"{each.title}（{each.state_title}）" for each in found[:5])
        more = f"等 {len(found)} 项" if len(found) > 5 else ""
        raise NotPossible(f"还有事项没有办完，不能进入“{to}”：{shown}{more}。办完或者办理豁免后再进入。")
    if cycle.state == Stage.ASSESSMENT and approved_run(cycle) is None:
        raise NotPossible(f"考核结果还没有批准，不能进入“{to}”。请先计分、公示、报批。")
    if (
        cycle.state == Stage.MONITORING
        and not Matter.objects.filter(cycle=cycle, kind="report", key="m12").exists()
    ):
        raise NotPossible(f"12 月的完成情况还没有要求报送，不能进入“{to}”。")


def _record(
    cycle: Cycle, verb: str, was: str, *, by: Actor, at: dt.datetime, why: str = "", **facts: Any
) -> None:
    ledger.record(
        f"cycle.{verb}",
        f"cycle/{cycle.pk}",
        by=by,
        at=at,
        policy=cycle.policy_id,
        why=why,
        was={"state": was},
        set={"state": cycle.state},
        **facts,
    )
