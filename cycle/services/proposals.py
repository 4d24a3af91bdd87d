"""Proposed decisions of an appeal: saved with their reasons before their impact may be looked at."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from audit import ledger
from audit.actor import Actor
from audit.refusals import NotAllowed, NotPossible
from cycle.models import Appeal, Correction, PointKind, Proposal
from cycle.queries.conflicts import Conflicts
from cycle.queries.impact import Impact, impact
from cycle.services.measuring import built, checked_claim, checked_rounds
from cycle.services.moving import hold
from offices.queries.acting import acting

Changes = dict[str, dict[str, Any]]


@ledger.service
def save(
    appeal_id: UUID,
    *,
    user_id: UUID,
    outcome: str,
    changes: Mapping[str, Mapping[str, str]],
    reasons: str,
    cite: str,
) -> int:
    """Save a proposed decision with its reasons and article; return its number.

    `changes` maps the rounds of an indicator to their new `value`, and `claim` to `void`, `count`, `points`
    for an adjustment. Saved drafts are never edited: a change is the next one, and says so when the impact
    was looked at before. Raises NotPossible for a value that the rules do not allow.
    """
    appeal = hold(Appeal, appeal_id)
    by, at = acting(user_id, appeal.office_id)  # type: ignore[arg-type]
    _need_drafting(appeal, by, at)
    if outcome not in Appeal.Outcome.values:
        raise NotPossible("请选择拟作出的决定：维持、变更或者退回重新核验。", field="outcome")
    for name, text, title in (("reasons", reasons, "决定的理由"), ("cite", cite, "依据的条款")):
        if not text.strip():
            raise NotPossible(f"请写明{title}后再保存。", field=name)
    kept = _checked(appeal, changes) if outcome == Appeal.Outcome.CHANGE else {}
    last = appeal.proposals.order_by("-number").first()
    seen = appeal.proposals.filter(previewed_at__isnull=False).exists()
    proposal = Proposal.objects.create(
        appeal=appeal,
        number=(last.number if last else 0) + 1,
        outcome=outcome,
        changes=kept,
        reasons=reasons.strip(),
        cite=cite.strip(),
        saved_by_id=by.user,
        saved_at=at,
        after_preview=seen,
    )
    ledger.record(
        "appeal.draft", appeal.stream, by=by, at=at, policy=appeal.cycle.policy_id, why=proposal.reasons,
        proposal=proposal.number, outcome=outcome, changes=kept, cite=proposal.cite, after_preview=seen,
    )  # fmt: skip
    return proposal.number


def _need_drafting(appeal: Appeal, by: Actor, at: dt.datetime) -> None:
    if appeal.state != "investigated":
        raise NotPossible(f"本案{appeal.state_title}，调查结束之后、提交批准之前才能拟定决定。")
    if appeal.reviewer_id != by.user_id:
        raise NotAllowed("本案由指定的承办人拟定决定，其他人不能代拟。")
    _need_free(appeal, by, at)


def _need_free(appeal: Appeal, by: Actor, at: dt.datetime) -> None:
    reason = Conflicts(appeal, at).reason(by.user)
    if reason:
        raise NotAllowed(f"{by.name}应当在本案中回避：{reason}", cite="《政府督查工作条例》第十七条")


def _checked(appeal: Appeal, changes: Mapping[str, Mapping[str, str]]) -> Changes:
    """The values that the decision puts in the place of the recorded ones; at least one must differ."""
    if appeal.point == PointKind.GRADE:
        raise NotPossible(
            "等次和名次由得分计算产生，不能直接变更；认定程序有误的，请选择退回重新核验。", field="outcome"
        )
    if appeal.indicator:
        kept = checked_rounds(appeal.indicator, changes)
    else:
        said = checked_claim(appeal.claim, changes.get("claim", {}))  # type: ignore[arg-type]
        kept = {"claim": said} if said else {}
    if not kept:
        raise NotPossible("选择变更的，请填写至少一个与原来不同的数值。", field="outcome")
    return kept


def corrections_of(appeal: Appeal, proposal: Proposal, *, note: str = "拟作出的复核决定") -> list[Correction]:
    """Return the corrections that a proposal comes to, not saved; none unless it changes something."""
    if proposal.outcome != Appeal.Outcome.CHANGE:
        return []
    return built(appeal, proposal.changes, indicator=appeal.indicator, claim=appeal.claim, note=note)


@ledger.service
def preview(appeal_id: UUID, *, user_id: UUID) -> Impact:
    """Show the reviewer what the newest proposal would move; that it was looked at goes on record.

    Raises NotPossible while no proposal with its reasons is saved, NotAllowed for anybody but the reviewer.
    """
    appeal = hold(Appeal, appeal_id)
    by, at = acting(user_id, appeal.office_id)  # type: ignore[arg-type]
    if appeal.reviewer_id != by.user_id:
        raise NotAllowed("影响预览只对本案承办人开放。")
    _need_free(appeal, by, at)
    proposal = appeal.proposals.order_by("-number").first()
    if proposal is None:
        raise NotPossible("请先保存拟作出的决定和理由，再查看影响。")
    if proposal.previewed_at is None:
        Proposal.objects.filter(pk=proposal.pk).update(previewed_at=at)
        ledger.record(
            "appeal.preview", appeal.stream, by=by, at=at, policy=appeal.cycle.policy_id,
            proposal=proposal.number,
        )  # fmt: skip
    return impact(appeal.cycle, corrections_of(appeal, proposal))
