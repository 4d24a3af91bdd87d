"""Everything on record about a contested point: how it was scored, by which standard, from which facts."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from cycle.models import AdjustmentClaim, Appeal, Correction, Indicator, ScoringRun
from cycle.queries.indicator_pages import readings_of
from cycle.queries.packs import rules_of
from cycle.queries.periods import period_title
from cycle.queries.points import Point
from cycle.queries.result_pages import tree_of
from cycle.queries.results import recomputed
from cycle.queries.rules import claim_items, level_titles
from cycle.services.numbers import plain
from policies.exact import plain as exact_text
from policies.explain import Node, explain


@dataclass(frozen=True, slots=True)
class RoundLine:
    """One round of an indicator: what was measured, what was put in its place, what it brought."""

    key: str
    title: str
    target: str
    value: str
    stored: str
    note: str
    corrected: str
    because: str
    score: str
    weight: str


def round_lines(indicator: Indicator, run: ScoringRun) -> list[RoundLine]:
    """Return the rounds of an indicator as a run scored them, with later corrections beside."""
    result = recomputed(run.pk).unit(indicator.subject.code).flat().get(indicator.component)
    readings = {each.round: each for each in readings_of(indicator)}
    corrections = {each.round: each for each in _corrections(indicator)}
    keys = list(result.rounds) if result else list(readings)
    found = []
    for key in keys:
        reading, correction = readings.get(key), corrections.get(key)
        points = result.rounds[key].indicators.get(indicator.key) if result else None
        weight = result.weights.get(key, Fraction(1)) if result else Fraction(1)
        stored = (reading.actual or plain(reading.score)) if reading else ""
        target = indicator.round_values.get(key, {}).get("target") or indicator.target
        found.append(
            RoundLine(
                key=key,
                title=period_title(key),
                target=f"{target} {indicator.unit}".strip() if target else "—",
                value=value_words(indicator, stored),
                stored=(correction.actual or plain(correction.score)) if correction else stored,
                note=reading.note if reading else "",
                corrected=value_words(indicator, correction.actual or plain(correction.score))
                if correction
                else "",
                because=correction.note if correction else "",
                score=exact_text(points) if points is not None else "",
                weight=f"{exact_text(weight * 100, 2)}%",
            )
        )
    return found


def _corrections(indicator: Indicator) -> Iterator[Correction]:
    """The corrections of all versions of the indicator, oldest first."""
    rows = Correction.objects.filter(
        indicator__subject=indicator.subject_id, indicator__key=indicator.key
    )  # fmt: skip
    yield from rows.order_by("made_at", "id")


def value_words(indicator: Indicator, stored: str) -> str:
    """Return a recorded value as people say it: a level's title, points, or a number with its unit."""
    if not stored:
        return "—"
    if indicator.method == "levels":
        return level_titles(indicator.params).get(stored, stored)
    return f"{stored} {'分' if indicator.method == 'given' else indicator.unit}".strip()


def account_of(appeal: Appeal, point: Point) -> dict[str, Any] | None:
    """Return how the point's number came about, for components/explanation.html; None where it has none."""
    root = explain(recomputed(appeal.run_id), appeal.unit.code)
    if point.indicator:
        node = _with_key(root, f"indicator:{point.indicator.key}")
    elif point.claim and point.claim.sort in ("bonus", "deduction"):
        label = "加分" if point.claim.sort == "bonus" else "减分"
        node = next((child for child in root.children if child.label == label), None)
    else:
        node = root
    return tree_of(node) if node else None


def _with_key(node: Node, key: str) -> Node | None:
    if node.key == key:
        return node
    return next((found for found in (_with_key(child, key) for child in node.children) if found), None)


def standard_pairs(indicator: Indicator) -> list[dict[str, Any]]:
    """Return the rule that an indicator is measured by, as pairs for components/key_values.html."""
    return [
        {"label": "数据采集单位", "value": indicator.collector.title if indicator.collector else "未确定"},
        {"label": "全年目标", "value": f"{indicator.target} {indicator.unit}".strip() or "—"},
        {"label": "数据来源", "value": indicator.source or "—"},
        {"label": "验收标准", "value": indicator.standard or "—", "long": "1"},
        {"label": "计分规则", "value": indicator.rule or "—", "long": "1"},
    ]


def claim_pairs(claim: AdjustmentClaim) -> list[dict[str, Any]]:
    """Return what a bonus, deduction or veto rests on, as pairs for components/key_values.html."""
    item = claim_items(rules_of(claim.cycle), claim.unit.group, claim.sort).get(claim.item)
    points = plain(claim.points) or (item.points if item else "")
    return [
        {"label": "类别", "value": claim.get_sort_display()},
        {"label": "认定结果", "value": claim.state_title},
        {"label": "次数", "value": str(claim.count)},
        {"label": "发生日期", "value": claim.happened_on.isoformat() if claim.happened_on else "—"},
        {"label": "分值", "value": f"{points} 分" if points else "不计分值"},
        {"label": "来源文件", "value": claim.source, "long": "1"},
    ]
