"""What may be entered as an indicator's achievement or as a correction: one rule for all who enter it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from audit.refusals import NotPossible
from cycle.models import AdjustmentClaim, Correction, Indicator, Matter, Reading
from cycle.queries.overlay import Recorded, recorded_claim
from cycle.queries.packs import rules_of
from cycle.queries.periods import period_title
from cycle.queries.rules import claim_items, level_titles, rounds
from cycle.queries.versions import of_round
from cycle.services.numbers import decimal, plain


def measured(indicator: Indicator, text: str, *, what: str, field: str = "") -> tuple[str, Decimal | None]:
    """Return `actual` and `score` for what was typed: points for a judged method (`given`), else a value.

    Raises NotPossible for no number, an unknown level, or more points than the indicator has.
    """
    if indicator.method == "given":
        score = decimal(text, what=f"{what}的得分", field=field)
        if not 0 <= score <= indicator.points:
            raise NotPossible(f"{what}的得分应当在 0 到 {plain(indicator.points)} 分之间。", field=field)
        return "", score
    if indicator.method == "levels":
        levels = level_titles(indicator.params)
        if text not in levels:
            raise NotPossible(f"{what}只能选：{'、'.join(levels.values())}。", field=field)
        return text, None
    return plain(decimal(text, what=f"{what}的实绩", field=field)), None


def recorded(indicator: Indicator) -> dict[str, str]:
    """Return what counts for an indicator now, round by round: its reading, or the newest correction of it.

    All versions of the indicator are looked at: a round is measured under the version of its time.
    """
    same = {"indicator__subject": indicator.subject_id, "indicator__key": indicator.key}
    measured_once = {row.round: row.actual or plain(row.score) for row in Reading.objects.filter(**same)}
    corrections = Correction.objects.filter(**same).order_by("made_at", "id")
    return measured_once | {row.round: row.actual or plain(row.score) for row in corrections}


def checked_rounds(
    indicator: Indicator, changes: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """Return the rounds of an indicator that really change, each with its new `actual` or `score` as text.

    A round is judged by the version it is scored under. Raises NotPossible for a value that its method does
    not allow, or for a round that the indicator does not have.
    """
    known = rounds(rules_of(indicator.cycle), indicator.subject.group, indicator.component)
    before, kept = recorded(indicator), {}
    for round, said in changes.items():
        text = (said.get("value") or said.get("actual") or said.get("score") or "").strip()
        version = of_round(indicator, round) if round in known else None
        if version is None:
            raise NotPossible("没有这一评估期次，请刷新页面后重新填写。", field=f"{round}-value")
        if not text:
            continue
        what = f"“{indicator.title}”{period_title(round)}"
        actual, score = measured(version, text, what=what, field=f"{round}-value")
        if (actual or plain(score)) != before.get(round, ""):
            kept[round] = {"actual": actual} if actual else {"score": plain(score)}
    return kept


def checked_claim(claim: AdjustmentClaim, said: Mapping[str, str]) -> dict[str, Any]:
    """Return what a correction makes of a bonus, deduction or veto; empty where nothing changes.

    It is compared with what counts now, after all corrections before it. `void`: it no longer counts;
    `recognise`: one that was rejected or voided counts; `count` and `points` inside what the
    rules allow. Raises NotPossible for anything else.
    """
    now = recorded_claim(claim)
    if said.get("void"):
        return {"void": True} if now.counts else {}
    kept: dict[str, Any] = {}
    if claim.sort != "veto" and said.get("count", "").strip():
        count = decimal(said["count"], what="次数", field="count")
        if count != int(count) or not 1 <= count <= 50:
            raise NotPossible("次数应当是 1 到 50 的整数。", field="count")
        kept |= {"count": int(count)} if int(count) != now.count else {}
    if said.get("points", "").strip():
        kept |= _points(claim, now, said["points"])
    if not now.counts and (said.get("recognise") or kept):
        kept |= {"recognise": True}
    return kept


def _points(claim: AdjustmentClaim, now: Recorded, text: str) -> dict[str, str]:
    item = claim_items(rules_of(claim.cycle), claim.unit.group, claim.sort).get(claim.item)
    if item is None or item.given_range is None:
        raise NotPossible("这一事项的分值由考核办法规定，不能另行认定分值。", field="points")
    low, high = item.given_range
    points = decimal(text, what="认定分值", field="points")
    if not low <= points <= high:
        raise NotPossible(
            f"认定分值应当在 {plain(low)} 到 {plain(high)} 分之间。", cite=item.cite, field="points"
        )
    return {"points": plain(points)} if points != now.points else {}


def _whole(claim: AdjustmentClaim, said: Mapping[str, Any]) -> dict[str, Any]:
    """The claim as it stands after the correction: the newest one alone counts, so it says everything."""
    now = recorded_claim(claim)
    points, count = said.get("points"), said.get("count") or now.count
    return {
        "void": bool(said.get("void")),
        "count": None if claim.sort == "veto" else count,
        "points": Decimal(points) if points else now.points,
    }


def built(
    cause: Matter,
    changes: Mapping[str, Mapping[str, Any]],
    *,
    indicator: Indicator | None,
    claim: AdjustmentClaim | None,
    note: str,
) -> list[Correction]:
    """Return the corrections, not saved, that checked changes of one point come to."""
    common: dict[str, Any] = {"cycle": cause.cycle, "because_of": cause, "note": note}
    if claim is not None:
        return [Correction(claim=claim, **_whole(claim, changes.get("claim", {})), **common)]
    return [
        Correction(
            indicator=of_round(indicator, round) if indicator else None,
            round=round,
            actual=said.get("actual", ""),
            score=Decimal(said["score"]) if said.get("score") else None,
            **common,
        )
        for round, said in sorted(changes.items())
    ]
