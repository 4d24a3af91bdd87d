"""The versions of one indicator side by side: since when, why, by whose approval, and what rests on which."""

import datetime as dt
from collections import defaultdict
from typing import Any
from uuid import UUID

from audit import clock
from audit.models import Event
from cycle.models import Indicator, Reading, ReportLine
from cycle.queries.method_words import METHOD_TITLES
from cycle.queries.packs import rules_of
from cycle.queries.periods import period_title
from cycle.queries.versions import held_by
from cycle.services.numbers import plain

Table = dict[str, Any]
_BEGUN = ("indicator.issue", "indicator.create")


def versions_of(indicator: Indicator) -> list[Indicator]:
    """Return every version of an indicator, the newest first."""
    rows = Indicator.objects.filter(subject=indicator.subject_id, key=indicator.key)
    return list(
        rows.select_related("cycle__policy", "subject", "collector", "because_of").order_by("-version")
    )


def span_of(version: Indicator) -> str:
    """Return the days on which a version is in force."""
    if version.effective_on is None:
        return "尚未下达"
    ends = f"{version.ends_on:%Y-%m-%d}" if version.ends_on else "年底"
    return f"{version.effective_on:%Y-%m-%d} 至 {ends}"


def version_table(versions: list[Indicator], shown: UUID) -> Table | None:
    """Return the versions as columns of `components/data_table.html`; None while there is only one.

    Of what an indicator says only the values that differ between versions are listed.
    """
    if len(versions) < 2:
        return None
    columns = sorted(versions, key=lambda each: each.version)
    facts = [
        ("生效期间", [span_of(each) for each in columns]),
        ("由来", [_cause(each) for each in columns]),
        ("批准", _approvals(columns)),
        *((label, values) for label, values in _definitions(columns) if len(set(values)) > 1),
        ("按此计分的期次", [_rounds(each) for each in columns]),
        ("据此采集的实绩", _readings(columns)),
        ("据此报送的月份", _months(columns)),
    ]
    titles = [f"第 {each.version} 版{'（本页）' if each.pk == shown else ''}" for each in columns]
    return {
        "caption": "各版本对照",
        "columns": [{"label": "项目"}, *({"label": title} for title in titles)],
        "rows": [
            {"cells": [{"text": label}, *({"text": text or "—"} for text in texts)]} for label, texts in facts
        ],
    }


def _cause(version: Indicator) -> str:
    return version.because_of.title if version.because_of else "年初下达"


def _approvals(versions: list[Indicator]) -> list[str]:
    """Who issued each version, and when, as the ledger has it."""
    streams = {f"indicator/{each.pk}": each.pk for each in versions}
    found: dict[UUID, str] = {}
    for event in Event.objects.filter(stream__in=streams, type__in=_BEGUN).order_by("seq"):
        if (event.facts.get("set") or {}).get("state") == Indicator.State.ISSUED:
            who = f"{event.office_title} {event.actor_name}".strip()
            found[streams[event.stream]] = f"{who}，{clock.local(event.at):%Y-%m-%d}"
    return [found.get(each.pk, "") for each in versions]


def _definitions(versions: list[Indicator]) -> list[tuple[str, list[str]]]:
    rounds = sorted({round for each in versions for round in each.round_values})
    own = [
        (
            f"{period_title(round)}目标值",
            [
                f"{each.round_values.get(round, {}).get('target', '')} {each.unit}".strip()
                for each in versions
            ],
        )
        for round in rounds
    ]
    return [
        ("分值", [f"{plain(each.points)} 分" for each in versions]),
        ("全年目标值", [f"{each.target} {each.unit}".strip() for each in versions]),
        *own,
        ("计分方法", [METHOD_TITLES.get(each.method, "") for each in versions]),
        ("数据采集单位", [each.collector.title if each.collector else "" for each in versions]),
        ("数据来源", [each.source for each in versions]),
        ("验收标准", [each.standard for each in versions]),
        ("计分规则", [each.rule for each in versions]),
    ]


def _rounds(version: Indicator) -> str:
    held = held_by(rules_of(version.cycle), version, version.cycle.year)
    return "、".join(period_title(round) for round in held.rounds)


def _readings(versions: list[Indicator]) -> list[str]:
    found: dict[UUID, list[str]] = defaultdict(list)
    for each in Reading.objects.filter(indicator__in=versions).order_by("round"):
        found[each.indicator_id].append(f"{period_title(each.round)} {each.actual or plain(each.score)}")
    return ["、".join(found[each.pk]) for each in versions]


def _months(versions: list[Indicator]) -> list[str]:
    lines = ReportLine.objects.filter(indicator__in=versions).select_related("report").order_by("report__key")
    found: dict[UUID, list[str]] = defaultdict(list)
    for line in lines:
        found[line.indicator_id].append(period_title(line.report.key))
    return ["、".join(found[each.pk]) for each in versions]


def begins_later(indicator: Indicator, today: dt.date) -> bool:
    """Whether an issued version is not in force yet: the one before it still is."""
    return bool(indicator.effective_on and indicator.effective_on > today)
