"""Measuring a point again: sent back by a decision on an appeal, or found wrong by the performance office."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from audit import clock, ledger
from audit.actor import Actor
from audit.models import Blob
from audit.refusals import NotFound, NotPossible
from cycle.models import (
    AdjustmentClaim,
    Appeal,
    Cycle,
    Indicator,
    Matter,
    PointKind,
    Reading,
    Recheck,
    Subject,
)
from cycle.queries.periods import period_title
from cycle.queries.points import is_contested, is_rechecked
from cycle.queries.results import latest_run
from cycle.services import claims, corrections, evidence, scoring
from cycle.services.measuring import built, checked_claim, checked_rounds, recorded
from cycle.services.moving import hold, move, record_creation
from offices.queries.acting import acting_as
from offices.queries.directory import office_of, organisation_of

CONCLUSIONS = {"keep": "维持原认定", "change": "变更", "void": "撤销，不再计入"}


def open_for(appeal: Appeal, *, why: str, by: Actor, at: dt.datetime) -> Recheck:
    """Send a contested point back to the office that owns it, as the decision on the appeal says."""
    return _open(
        appeal.cycle, appeal.unit, key=str(appeal.pk), point=PointKind(appeal.point), case=appeal,
        indicator=appeal.indicator, claim=appeal.claim, why=why, by=by, at=at,
    )  # fmt: skip


@ledger.service
def open_correction(
    cycle_id: UUID,
    *,
    user_id: UUID,
    why: str,
    file_name: str,
    blob: Blob,
    indicator_id: UUID | None = None,
    claim_id: UUID | None = None,
) -> UUID:
    """Have a recorded fact measured again that the performance office has found wrong, with the evidence.

    Raises NotPossible for a point under appeal (the decision corrects it), one that is being measured again
    already or has not been recorded yet, and once the results are locked.
    """
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    by, at = acting_as(user_id, cycle.owner_id, "performance_office")
    if not why.strip():
        raise NotPossible("请写明发现的错误和更正的理由。", field="why")
    if latest_run(cycle) is not None:
        scoring.need_unlocked(cycle)
    indicator, claim = _indicator(cycle, indicator_id), _claim(cycle, claim_id)
    unit = indicator.subject if indicator else claim.unit if claim else None
    if unit is None:
        raise NotFound("没有找到要更正的指标或者加减分事项。")
    _need_free(cycle, unit, indicator, claim)
    point = PointKind.INDICATOR if indicator else _kind_of(claim)
    number = Recheck.objects.filter(cycle=cycle, case__isnull=True).count() + 1
    recheck = _open(
        cycle, unit, key=f"c{number:04d}", point=point, case=None, indicator=indicator, claim=claim,
        why=why.strip(), by=by, at=at,
    )  # fmt: skip
    evidence.attach(recheck.pk, by=by, at=at, name=file_name, blob=blob)
    return recheck.pk


def _kind_of(claim: AdjustmentClaim | None) -> PointKind:
    return PointKind.VETO if claim is not None and claim.sort == "veto" else PointKind.CLAIM


def _indicator(cycle: Cycle, indicator_id: UUID | None) -> Indicator | None:
    if indicator_id is None:
        return None
    rows = Indicator.objects.filter(cycle=cycle, pk=indicator_id).exclude(state="draft")
    found = rows.select_related("subject", "cycle").first()
    if found is not None and not recorded(found):
        raise NotPossible(f"“{found.title}”还没有采集数据，没有可以更正的内容；请在数据采集时如实填报。")
    return found


def _claim(cycle: Cycle, claim_id: UUID | None) -> AdjustmentClaim | None:
    if claim_id is None:
        return None
    rows = AdjustmentClaim.objects.filter(cycle=cycle, pk=claim_id)
    found = rows.select_related("subject", "cycle").first()
    if found is not None and not found.is_final:
        raise NotPossible(f"“{found.title}”还在认定之中，请在认定流程中处理。")
    return found


def _need_free(
    cycle: Cycle, unit: Subject, indicator: Indicator | None, claim: AdjustmentClaim | None
) -> None:
    """One hand at a time: neither an appeal nor another recheck is at work on the point."""
    key, claim_id = indicator.key if indicator else "", claim.pk if claim else None
    if is_contested(cycle, subject_id=unit.pk, indicator_key=key, claim_id=claim_id):
        raise NotPossible("这一得分点正在申诉复核，由复核决定处理，办结以前不能另行更正。")
    if is_rechecked(cycle, subject_id=unit.pk, indicator_key=key, claim_id=claim_id):
        raise NotPossible("这一得分点已经在重新核验，请等核定以后再看是否需要更正。")


def _open(
    cycle: Cycle,
    unit: Subject,
    *,
    key: str,
    point: PointKind,
    case: Appeal | None,
    indicator: Indicator | None,
    claim: AdjustmentClaim | None,
    why: str,
    by: Actor,
    at: dt.datetime,
) -> Recheck:
    recheck = Recheck(
        cycle=cycle,
        kind=Recheck.KIND,
        stage=Recheck.STAGE,
        subject=unit,
        key=key,
        state="open",
        title=f"{_named(unit, indicator, claim)}{'重新核验' if case else '更正'}"[:200],
        created_at=at,
        case=case,
        point=point,
        indicator=indicator,
        claim=claim,
        why=why,
    )
    recheck.save(force_insert=True)
    record_creation(recheck, by=by, at=at)
    ledger.tell("matters.opened", cycle.pk, kind=Recheck.KIND)
    return recheck


def _named(unit: Subject, indicator: Indicator | None, claim: AdjustmentClaim | None) -> str:
    """The point with its unit; a claim's title names the unit itself."""
    if claim is not None:
        return f"“{claim.title}”"
    return f"{unit.title}“{indicator.title if indicator else '考核等次和名次'}”"


def owner(matter: Matter) -> list[UUID]:
    """The office that measures again: the collector, whoever confirmed the claim, else the office.

    Nobody measures its own unit: then the performance office does.
    """
    recheck = _with_point(matter)
    office = office_of(recheck.cycle.owner_id, "performance_office")
    if recheck.claim is not None:
        return claims.decider(recheck.claim)
    collector = recheck.indicator.collector_id if recheck.indicator else None
    if collector is None or organisation_of(collector) == recheck.unit.organisation_id:
        return [office]
    return [collector]


def confirmer(matter: Matter) -> list[UUID]:
    """The office whose head confirms: the collector for its own reading, else the performance office."""
    recheck = _with_point(matter)
    if recheck.indicator is not None:
        return owner(matter)
    return [office_of(recheck.cycle.owner_id, "performance_office")]


def _with_point(matter: Matter) -> Recheck:
    rows = Recheck.objects.select_related(
        "cycle", "subject", "indicator", "claim__cycle", "claim__subject", "case"
    )
    return rows.get(pk=matter.pk)


@ledger.service
def measure(
    matter_id: UUID,
    *,
    by: Actor,
    at: dt.datetime,
    finding: str = "",
    lines: Mapping[str, Mapping[str, str]] | None = None,
    conclusion: str = "",
    count: str = "",
    points: str = "",
    comment: str = "",
) -> None:
    """The office that owns the point has looked again: what it found, and the values that come of it.

    `lines` maps an indicator's rounds to a new `value`, empty where it stays; `conclusion` (with `count` and
    `points`) is for a bonus, deduction or veto. Raises NotPossible for a value that the rules do not allow.
    """
    recheck = hold(Recheck, matter_id)
    if not finding.strip():
        raise NotPossible("请写明重新核验的情况、依据的材料和结论。", field="finding")
    fresh = _with_point(recheck)
    changes: dict[str, dict[str, Any]] = {}
    if fresh.indicator is not None:
        _need_checked(fresh.indicator, lines or {})
        changes = dict(checked_rounds(fresh.indicator, lines or {}))
    elif fresh.claim is not None:
        changes = _claim_changes(fresh.claim, conclusion, count, points)
    text = recheck.text | {"finding": finding.strip(), "measured_on": clock.local_date(at).isoformat()}
    move(recheck, "measure", by=by, at=at, why=comment, fields={"text": text, "changes": changes})


def _need_checked(indicator: Indicator, lines: Mapping[str, Mapping[str, str]]) -> None:
    """Only what was collected and checked is measured again; the rest is still being collected."""
    same = {"indicator__subject": indicator.subject_id, "indicator__key": indicator.key}
    rows = Reading.objects.filter(**same, collection__state="checked")
    checked = set(rows.values_list("round", flat=True))
    for round, line in lines.items():
        if line.get("value", "").strip() and round not in checked:
            raise NotPossible(
                f"{period_title(round)}的数据还没有采集核定，请在数据采集时如实填报。", field=f"{round}-value"
            )


def _claim_changes(
    claim: AdjustmentClaim, conclusion: str, count: str, points: str
) -> dict[str, dict[str, Any]]:
    if conclusion not in CONCLUSIONS:
        raise NotPossible("请选择重新核验的结论：维持、变更或者撤销。", field="conclusion")
    if conclusion == "keep":
        return {}
    said = {"void": "yes"} if conclusion == "void" else {"recognise": "yes", "count": count, "points": points}
    kept = checked_claim(claim, said)
    if not kept:
        raise NotPossible("所填的内容与原认定相同；没有变化的，请选择“维持原认定”。", field="conclusion")
    return {"claim": kept}


@ledger.service
def confirm(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The head signs. A changed value takes the place of the recorded one, and the scores follow.

    Raises NotPossible while an open appeal contests the point: what it decides comes first.
    """
    recheck = hold(Recheck, matter_id)
    _need_uncontested(_with_point(recheck))
    move(recheck, "confirm", by=by, at=at, why=comment)
    fresh = _with_point(recheck)
    case = fresh.case
    note = f"复核决定 {case.number} 退回后重新核验" if case else "更正"
    words = f"{case.number}复核决定退回后，{fresh.title}" if case else fresh.title
    if fresh.changes:
        made = built(fresh, fresh.changes, indicator=fresh.indicator, claim=fresh.claim, note=note)
        corrections.apply(fresh, made, cause_words=words, by=by, at=at)
    elif fresh.point == PointKind.GRADE:
        scoring.recalculate(fresh.cycle, because_of=fresh, cause=words, by=by, at=at)


def _need_uncontested(recheck: Recheck) -> None:
    key, claim_id = recheck.indicator.key if recheck.indicator else "", recheck.claim_id
    if is_contested(recheck.cycle, subject_id=recheck.unit.pk, indicator_key=key, claim_id=claim_id):
        raise NotPossible("单位已经对这一得分点提出申诉，请等申诉复核办结以后再核定。")


@ledger.service
def give_back(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """The head sends it back with a reason."""
    move(hold(Recheck, matter_id), "give_back", by=by, at=at, why=comment)
