"""What counts for an indicator now, round by round, in words."""

from collections.abc import Iterable
from uuid import UUID

from cycle.models import AdjustmentClaim, Correction, Indicator
from cycle.queries.periods import period_title
from cycle.queries.rules import level_titles
from cycle.services.measuring import recorded
from cycle.services.numbers import plain


def measured_values(indicator: Indicator) -> list[tuple[str, str]]:
    """Return (round, value) as people read them: a level by its title, a number with its unit."""
    return [
        (period_title(round), value_text(indicator, text))
        for round, text in sorted(recorded(indicator).items())
    ]


def value_text(indicator: Indicator, text: str) -> str:
    """Return a stored value of an indicator as people read it."""
    if indicator.method == "levels":
        return level_titles(indicator.params).get(text, text)
    return f"{text} {'分' if indicator.method == 'given' else indicator.unit}".strip()


def corrections_in_words(indicator: Indicator) -> dict[str, str]:
    """Return, by round, what a decision has put in the place of the reading, and which decision."""
    rows = Correction.objects.filter(
        indicator__subject=indicator.subject_id, indicator__key=indicator.key
    ).order_by("made_at", "id")
    return {row.round: f"更正为 {_corrected(indicator, row)}（{row.note}）" for row in rows}


def _corrected(indicator: Indicator, row: Correction) -> str:
    return f"{plain(row.score)} 分" if row.score is not None else value_text(indicator, row.actual)


def claim_corrections(claims: Iterable[AdjustmentClaim]) -> dict[UUID, str]:
    """Return, by claim, what a decision has made of it since it was confirmed or rejected."""
    rows = Correction.objects.filter(claim__in=[each.pk for each in claims]).order_by("made_at", "id")
    return {row.claim_id: f"{_of_claim(row)}（{row.note}）" for row in rows if row.claim_id}


def _of_claim(row: Correction) -> str:
    if row.void:
        return "已更正：不再计入"
    parts = [
        f"{row.count} 次" if row.count else "",
        f"{plain(row.points)} 分" if row.points is not None else "",
    ]
    return "已更正：" + ("，".join(part for part in parts if part) or "计入考核结果")
