"""Scoring runs: gather the facts, compute, keep inputs and outcome for good."""

import datetime as dt
import zlib
from typing import Any
from uuid import UUID

from audit import clock, ledger
from audit.actor import Actor
from audit.refusals import NotFound, NotPossible
from cycle.models import Cycle, Decision, Grade, Matter, Score, ScoringRun, Subject
from cycle.queries.facts import facts_of
from cycle.queries.movement import changes
from cycle.queries.packs import rules_of
from cycle.queries.results import digest_of, latest_run, locked_run, recomputed
from cycle.services import reapprovals
from cycle.services.numbers import decimal, plain
from offices.queries.acting import acting_as
from policies.cases import CaseErrors, facts_to_json
from policies.scoring import Result, score


@ledger.service
def score_cycle(cycle_id: UUID, *, cause: str, user_id: UUID) -> UUID:
    """Score all units from the facts as they stand; asked for by the performance office.

    Raises NotPossible naming what is missing. The run keeps the exact bytes of its inputs. Results that were
    approved already go back through approval when they are other ones now (济南 26 条).
    """
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    by, at = acting_as(user_id, cycle.owner_id, "performance_office")
    if cycle.state != "assessment":
        raise NotPossible(f"{cycle.title}目前处于“{cycle.get_state_display()}”阶段，年终考核阶段才能计分。")
    run = _score(cycle, cause=cause, because_of=None, by=by, at=at)
    reapprovals.follow(cycle, run, by=by, at=at)
    return run.pk


@ledger.service
def recalculate(
    cycle: Cycle, *, because_of: Matter | None, cause: str, by: Actor, at: dt.datetime
) -> ScoringRun:
    """Score all units anew because a decision, an adjustment or a correction has changed a fact.

    The cycle is held first, by everybody who recalculates: of two decisions at once the second is computed
    from the facts of both. Results that were approved go back through approval when they are other ones now
    (济南 26 条). Raises NotPossible once the results are locked.
    """
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle.pk)
    need_unlocked(cycle)
    run = _score(cycle, cause=cause, because_of=because_of, by=by, at=at)
    reapprovals.follow(cycle, run, by=by, at=at)
    return run


def need_unlocked(cycle: Cycle) -> None:
    """Raise NotPossible where results can no longer change: before they exist, and once they are closed."""
    locked = locked_run(cycle)
    if locked is not None and locked.locked_at is not None:
        day = clock.local_date(locked.locked_at)
        raise NotPossible(
            f"{cycle.title}的结果已于 {day.year} 年 {day.month} 月 {day.day} 日锁定，不能再变更得分。"
            "确有错误的，请按规定另行提请县政府绩效管理工作领导小组研究。"
        )
    if cycle.state not in ("assessment", "feedback", "uses"):
        raise NotPossible(
            f"{cycle.title}目前处于“{cycle.get_state_display()}”阶段，年终考核计分以后、归档以前才能重新计分。"
        )


def _score(cycle: Cycle, *, cause: str, because_of: Matter | None, by: Actor, at: dt.datetime) -> ScoringRun:
    facts = facts_of(cycle)
    try:
        result = score(rules_of(cycle), facts)
    except CaseErrors as errors:
        lines = [error.message for error in errors.errors]
        more = f"，另有 {len(lines) - 3} 处" if len(lines) > 3 else ""
        raise NotPossible(f"还不能计分：{'；'.join(lines[:3])}{more}。补齐后再计分。") from errors
    run = _keep(cycle, facts_to_json(facts), result, cause, because_of, at)
    because: dict[str, Any] = {"because_of": because_of.pk} if because_of else {}
    ledger.record(
        "run.create",
        f"run/{run.pk}",
        by=by,
        at=at,
        policy=cycle.policy_id,
        new_stream=True,
        why=cause,
        set={"number": run.number, "inputs": run.inputs_digest, "result": run.result_digest} | because,
    )
    return run


def _keep(
    cycle: Cycle, inputs: bytes, result: Result, cause: str, because_of: Matter | None, at: dt.datetime
) -> ScoringRun:
    outcome, before = result.to_json(explanations=False), latest_run(cycle)
    run = ScoringRun.objects.create(
        cycle=cycle,
        number=before.number + 1 if before else 1,
        cause=cause,
        made_at=at,
        policy=cycle.policy_id,
        inputs=zlib.compress(inputs),
        inputs_digest=digest_of(inputs),
        result_digest=digest_of(ledger.canonical(outcome).encode()),
        warnings=outcome["warnings"],
        because_of_id=because_of.pk if because_of else None,
        changes=changes(recomputed(before.pk), result) if before else {},
    )
    subjects = {subject.code: subject for subject in Subject.objects.filter(cycle=cycle)}
    Grade.objects.bulk_create([_grade(run, subjects[unit["unit"]], unit) for unit in outcome["units"]])
    Score.objects.bulk_create(
        Score(run=run, subject=subjects[unit["unit"]], component=component, value=value)
        for unit in outcome["units"]
        for component, value in unit["components"].items()
    )
    return run


def _grade(run: ScoringRun, subject: Subject, unit: dict[str, Any]) -> Grade:
    return Grade(
        run=run,
        subject=subject,
        total=unit["total"],
        bonus=unit["bonus"],
        deduction=unit["deduction"],
        rank=unit["rank"],
        ranked=unit["ranked"],
        grade=unit["grade"] or "",
        grade_title=unit["grade_title"] or "",
        barred=unit["barred"],
        vetoes=unit["vetoes"],
        uses=unit["uses"],
    )


@ledger.service
def decide(
    cycle_id: UUID,
    *,
    group: str,
    item: str,
    value: str,
    why: str,
    user_id: UUID,
    subject_id: UUID | None = None,
) -> UUID:
    """Record a decision that the rules leave open (`tie:advanced`, `quota:advanced`, `points:…`).

    Taken by the leading group, which may change it until the results are approved; it counts from the next
    scoring run on. Raises NotFound for a unit of another year, NotPossible for anything else that is wrong.
    """
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    by, at = acting_as(user_id, cycle.owner_id, "leading_group")
    _need_deciding(cycle, item)
    if not why.strip():
        raise NotPossible("请写明作出这一决定的理由和会议依据。", field="why")
    if subject_id and not cycle.subjects.filter(pk=subject_id).exists():
        raise NotFound("没有找到这个单位，它可能不是本年度的被考核单位。")
    number = plain(decimal(value, what="决定的数值", field="value"))
    decision = Decision(cycle=cycle, group=group, subject_id=subject_id, item=item)
    return _keep_decision(decision, {"value": number, "why": why.strip()}, by, at)


def _need_deciding(cycle: Cycle, item: str) -> None:
    """Until the results are approved; a tie that a later change has brought about, until they are locked."""
    if cycle.state == "assessment":
        return
    if not item.startswith("tie:") or cycle.state not in ("feedback", "uses"):
        raise NotPossible(f"{cycle.title}不在年终考核阶段，不能再作这类决定。")
    need_unlocked(cycle)


def _keep_decision(decision: Decision, said: dict[str, str], by: Actor, at: dt.datetime) -> UUID:
    """Write a decision, or change the one that was taken before on the same point."""
    place = {"group": decision.group, "subject": decision.subject_id, "item": decision.item}
    earlier = Decision.objects.filter(cycle=decision.cycle, **place).first()
    decision = earlier or decision
    was = {"value": earlier.value, "why": earlier.why} if earlier else {}
    decision.value, decision.why, decision.decided_at = said["value"], said["why"], at
    decision.save()
    ledger.record(
        "decision.change" if earlier else "decision.create",
        f"decision/{decision.pk}",
        by=by,
        at=at,
        policy=decision.cycle.policy_id,
        new_stream=earlier is None,
        why=said["why"],
        was=was,
        set=said if earlier else place | said,
    )
    return decision.pk
