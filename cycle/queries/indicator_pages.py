"""Indicators as their pages show them: the list with the newest figures, one indicator with its year."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Q, QuerySet

from cycle.models import Cycle, Indicator, Reading, ReportLine, ScoringRun
from cycle.queries.charts import LineChart, line_chart
from cycle.queries.packs import rules_of
from cycle.queries.periods import period_title
from cycle.queries.results import recomputed
from cycle.services.numbers import plain
from policies.exact import plain as exact_text


@dataclass(frozen=True, slots=True)
class Row:
    """One indicator in the list, with the newest verified or reported figure of the year."""

    indicator: Indicator
    component: str
    points: str
    newest: str
    period: str


def listed(
    rows: QuerySet[Indicator], *, q: str = "", unit: str = "", collector: str = ""
) -> QuerySet[Indicator]:
    """The newest version of each indicator, those that were revoked during the year included.

    Superseded versions are on the indicator's own page.
    """
    revoked = Q(state=Indicator.State.DROPPED, effective_on__isnull=False)
    rows = rows.filter(Q(state__in=[Indicator.State.DRAFT, Indicator.State.ISSUED]) | revoked)
    if q:
        rows = rows.filter(Q(title__icontains=q) | Q(key__icontains=q) | Q(subject__title__icontains=q))
    if unit:
        rows = rows.filter(subject__code=unit)
    if collector:
        rows = rows.filter(collector__organisation__code=collector)
    return rows.select_related("subject", "collector").order_by("subject__position", "position")


def rows_of(indicators: Iterable[Indicator], cycle: Cycle) -> list[Row]:
    """Add component titles and newest figures, in one statement."""
    found, pack = list(indicators), rules_of(cycle)
    newest = _newest(found)
    rows = []
    for each in found:
        component = pack.component(each.subject.group, each.component)
        line = newest.get((each.subject_id, each.key))
        rows.append(
            Row(
                indicator=each,
                component=component.title if component else each.component,
                points=plain(each.points),
                newest=_with_unit(line.verified if line.verified is not None else line.value, each.unit)
                if line
                else "",
                period=period_title(line.report.key) if line else "",
            )
        )
    return rows


def _newest(indicators: list[Indicator]) -> dict[tuple[object, str], ReportLine]:
    """The newest figure of each indicator, under whichever version it was reported, by unit and key."""
    subjects, keys = {each.subject_id for each in indicators}, {each.key for each in indicators}
    lines = ReportLine.objects.filter(indicator__subject__in=subjects, indicator__key__in=keys)
    lines = lines.exclude(value=None).select_related("report", "indicator")
    newest = lines.order_by("indicator__subject_id", "indicator__key", "-report__key")
    return {
        (line.indicator.subject_id, line.indicator.key): line
        for line in newest.distinct("indicator__subject_id", "indicator__key")
    }


def _with_unit(value: Decimal | None, unit: str) -> str:
    return f"{plain(value)} {unit}".strip() if value is not None else ""


def definition(indicator: Indicator, cycle: Cycle) -> list[dict[str, Any]]:
    """What was issued, as pairs for components/key_values.html."""
    pack = rules_of(cycle)
    component = pack.component(indicator.subject.group, indicator.component)
    heading = component.headings.get(indicator.heading, "") if component else ""
    rounds = pack.rounds(indicator.subject.group, indicator.component) if component else {}
    weights = "、".join(f"{period_title(key)} {_percent(weight)}" for key, weight in rounds.items())
    return [
        {"label": "责任单位", "value": indicator.subject.title},
        {"label": "所属", "value": " · ".join(filter(None, [component.title if component else "", heading]))},
        {"label": "分值", "value": f"{plain(indicator.points)} 分"},
        {"label": "全年目标", "value": f"{indicator.target} {indicator.unit}".strip() or "—"},
        *([{"label": "重点工作目标", "value": "是", "note": "调整须报政府批准"}] if indicator.is_key else []),
        {"label": "上年实绩", "value": _with_unit(indicator.last_year, indicator.unit) or "—"},
        {"label": "数据采集单位", "value": indicator.collector.title if indicator.collector else "未确定"},
        {"label": "计分轮次", "value": weights or "—", "wide": "1"},
        {"label": "数据来源", "value": indicator.source or "—", "wide": "1"},
        {"label": "验收标准", "value": indicator.standard or "—", "long": "1"},
        {"label": "计分规则", "value": indicator.rule or "—", "long": "1"},
        {
            "label": "依据",
            "value": f"《{pack.title}》{component.cite if component and component.cite else ''}",
            "long": "1",
        },
    ]


def _percent(weight: Fraction) -> str:
    return f"{exact_text(weight * 100, 2)}%"


def reports_of(indicator: Indicator) -> list[ReportLine]:
    """What the unit reported of it month by month, and what the collector found."""
    rows = ReportLine.objects.filter(indicator__subject=indicator.subject_id, indicator__key=indicator.key)
    return list(rows.select_related("report", "indicator").order_by("report__key"))


def readings_of(indicator: Indicator) -> list[Reading]:
    """What its collector measured, round by round."""
    rows = Reading.objects.filter(indicator__subject=indicator.subject_id, indicator__key=indicator.key)
    return list(rows.select_related("collection", "indicator").order_by("round"))


def chart_of(indicator: Indicator, lines: Iterable[ReportLine]) -> LineChart | None:
    """Plan against actual by month. A cumulative target grows evenly to the half-year's and the year's."""
    actual = [
        (int(line.report.key[1:]), line.verified if line.verified is not None else line.value)
        for line in lines
        if line.value is not None
    ]
    return line_chart(_plan(indicator), [(month, value) for month, value in actual if value is not None])


def _plan(indicator: Indicator) -> list[tuple[int, Decimal]]:
    target = _number(indicator.target)
    if target is None:
        return []
    half = _number(str(indicator.round_values.get("midyear", {}).get("target", "")))
    if half is None:
        return [(1, target), (12, target)]
    return [(1, half / 6), (6, half), (12, target)]


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text.replace(".", "", 1).removeprefix("-").isdecimal() else None


@dataclass(frozen=True, slots=True)
class RoundScore:
    """Points of the indicator in one round of a run, before the round's weight."""

    title: str
    points: str
    weight: str


def scores_of(indicator: Indicator, run: ScoringRun) -> list[RoundScore]:
    """The indicator's points by round, from the recomputed run; empty where the run does not know it."""
    result = recomputed(run.pk)
    unit = next((each for each in result.units if each.unit.unit == indicator.subject.code), None)
    component = unit.flat().get(indicator.component) if unit else None
    if component is None:
        return []
    found = []
    for key, outcome in component.rounds.items():
        points = outcome.indicators.get(indicator.key)
        if points is not None:
            weight = component.weights.get(key, Fraction(1))
            found.append(RoundScore(period_title(key), exact_text(points), _percent(weight)))
    return found
