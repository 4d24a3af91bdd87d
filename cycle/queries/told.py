"""What a unit is told during the year: deductions, vetoes, lost points, each with reason, article, remedy."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from audit import clock
from audit.models import Event
from cycle.models import AdjustmentClaim, Indicator, Reading, Subject
from cycle.queries.facts import facts_of
from cycle.queries.packs import rules_of
from cycle.queries.rules import claim_items
from cycle.services.numbers import plain
from policies.exact import plain as exact_text
from policies.scoring.readings import ReadingScore, score_readings

APPEAL = "有异议的，可以在结果公示期内和反馈书送达以后的申诉期内提出申诉。"
REMEDIES = {
    "submitted": "请在待办中陈述意见；逾期没有陈述的，不视为认可。",
    "answered": "绩效办正在核实，陈述意见一并审查。",
    "verified": "已核实，等待审定。",
    "confirmed": f"已认定，计入年度考核。{APPEAL}",
    "rejected": "不予认定，不扣分。",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that costs the unit points, or may: since when it knows, why, and what it can do."""

    on: dt.date | None
    sort: str
    title: str
    points: str
    reason: str
    cite: str
    remedy: str
    claim: AdjustmentClaim | None = None
    indicator: Indicator | None = None


def told(subject: Subject) -> list[Told]:
    """Return everything told to the unit so far, the newest first."""
    found = [*_claims(subject), *_readings(subject)]
    return sorted(found, key=lambda each: each.on or dt.date.min, reverse=True)


def _claims(subject: Subject) -> Iterator[Told]:
    rows = AdjustmentClaim.objects.filter(subject=subject).exclude(sort="bonus").exclude(state="draft")
    claims = list(rows.order_by("key"))
    days = _days([each.stream for each in claims], "claim.submit")
    pack = rules_of(subject.cycle)
    for claim in claims:
        item = claim_items(pack, subject.group, claim.sort)[claim.item]
        points = plain(claim.points) or item.points
        yield Told(
            days.get(claim.stream),
            claim.get_sort_display(),
            item.title,
            f"减 {points} 分" if points else "否决事项",
            claim.source + (f"，{claim.count} 次" if claim.count > 1 else ""),
            item.cite,
            REMEDIES[str(claim.state)],
            claim=claim,
        )


def _readings(subject: Subject) -> Iterator[Told]:
    """Points lost in rounds whose collection has been checked."""
    rows = Reading.objects.filter(indicator__subject=subject, collection__state="checked")
    readings = {(each.indicator.key, each.round): each for each in rows.select_related(
        "indicator__collector__organisation", "collection")}  # fmt: skip
    if not readings:
        return
    days = _days([each.collection.stream for each in readings.values()], "collection.accept")
    for each in score_readings(rules_of(subject.cycle), facts_of(subject.cycle), subject.code):
        reading = readings.get((each.indicator, each.round))
        if each.lost and reading is not None:
            yield _lost(each, reading, days.get(reading.collection.stream))


def _lost(each: ReadingScore, reading: Reading, on: dt.date | None) -> Told:
    collector = reading.indicator.collector
    remedy = f"数据有出入的，可以向{collector.organisation.title}反映，由其核对。" if collector else APPEAL
    return Told(
        on,
        "失分",
        f"{each.title}（{each.round_title}）",
        f"得 {exact_text(each.score, 4)} 分，失 {exact_text(each.lost, 4)} 分",
        "：".join(part for part in (each.formula, each.numbers) if part)
        + (f"。{each.note}" if each.note else ""),
        each.cite,
        remedy,
        indicator=reading.indicator,
    )


def _days(streams: list[str], type: str) -> dict[str, dt.date]:
    """The day of the last such event of each stream."""
    rows = Event.objects.filter(stream__in=set(streams), type=type).order_by("seq")
    return {stream: clock.local_date(at) for stream, at in rows.values_list("stream", "at")}
