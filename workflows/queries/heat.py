"""The heat table: overdue tasks by the office that owes them and by stage."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.urls import reverse
from django.utils.http import urlencode

from cycle.models import Cycle, Subject
from workflows.models import WorkItem
from workflows.queries.cockpit import ORDER, Figures, StageFigures

HEAT_ROWS = 12


def heat(cycle: Cycle, found: Figures) -> tuple[dict[str, Any], int]:
    """Overdue tasks by the office that owes them and stage, most first; and how many offices are left out."""
    counts: dict[tuple[UUID, str], dict[str, int]] = defaultdict(dict)
    rows = WorkItem.objects.filter(cycle=cycle, state=WorkItem.State.OPEN, due_at__lte=found.now)
    for office, title, stage, n in rows.values_list("office_id", "office__title", "stage").annotate(
        n=Count("id")
    ):
        counts[office, title][stage] = n
    ranked = sorted(counts, key=lambda key: (-sum(counts[key].values()), key[1]))
    codes = dict(Subject.objects.filter(cycle=cycle).values_list("office_id", "code")) if ranked else {}
    most = max((n for each in counts.values() for n in each.values()), default=0)
    table = {
        "caption": "各机构各阶段超期项数",
        "row_title": "承办机构",
        "columns": [stage.label for stage in ORDER],
        "rows": [_heat_row(cycle.year, key, counts[key], found, most, codes) for key in ranked[:HEAT_ROWS]],
    }
    return table, max(len(ranked) - HEAT_ROWS, 0)


def _heat_row(
    year: int,
    key: tuple[UUID, str],
    counts: dict[str, int],
    found: Figures,
    most: int,
    codes: dict[UUID, str],
) -> dict[str, Any]:
    office, title = key
    base = f"{reverse('office-overdue')}?{urlencode({'year': year, 'office': office})}"
    return {
        "label": title,
        "total": sum(counts.values()),
        "total_url": base,
        "url": f"{reverse('office-unit', args=[codes[office]])}?year={year}" if office in codes else base,
        "cells": [
            {
                "value": counts.get(stage.value, 0),
                "level": _level(counts.get(stage.value, 0), most, found.stages[stage.value]),
                "url": f"{base}&stage={stage.value}",
                "label": f"{title} {stage.label} 超期 {counts.get(stage.value, 0)} 项",
            }
            for stage in ORDER
        ],
    }


def _level(count: int, most: int, stage: StageFigures) -> int | None:
    """Five shades relative to the largest number; None where the stage has not begun."""
    if not stage.total:
        return None
    return -(-count * 5 // most) if count else 0
