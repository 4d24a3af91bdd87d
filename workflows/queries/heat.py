"""The heat table: overdue tasks by the office that owes them and by stage."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.urls import reverse
from django.utils.http import urlencode

from cycle.models import Cycle, Subject
from offices.models import Office
from workflows.models import WorkItem
from workflows.queries.cockpit import ORDER, Figures, StageFigures
from workflows.queries.office_names import short_name

HEAT_ROWS, LEVELS = 12, 5


def heat(cycle: Cycle, found: Figures) -> tuple[dict[str, Any], int]:
    """Overdue tasks by the office that owes them and stage, most first; and how many offices are left out."""
    counts: dict[UUID, dict[str, int]] = defaultdict(dict)
    rows = WorkItem.objects.filter(cycle=cycle, state=WorkItem.State.OPEN, due_at__lte=found.now)
    for office, stage, n in rows.values_list("office_id", "stage").annotate(n=Count("id")):
        counts[office][stage] = n
    offices = Office.objects.filter(pk__in=counts).select_related("organisation")
    ranked = sorted(offices, key=lambda each: (-sum(counts[each.pk].values()), each.title))
    codes = dict(Subject.objects.filter(cycle=cycle).values_list("office_id", "code")) if ranked else {}
    most = max([LEVELS, *(n for each in counts.values() for n in each.values())])
    table = {
        "caption": "各机构各阶段超期项数",
        "row_title": "承办机构",
        "columns": [stage.label for stage in ORDER],
        "rows": [
            _heat_row(cycle.year, each, counts[each.pk], found, most, codes.get(each.pk))
            for each in ranked[:HEAT_ROWS]
        ],
    }
    return table, max(len(ranked) - HEAT_ROWS, 0)


def _heat_row(
    year: int,
    office: Office,
    counts: dict[str, int],
    found: Figures,
    most: int,
    code: str | None,
) -> dict[str, Any]:
    title = short_name(office)
    base = f"{reverse('office-overdue')}?{urlencode({'year': str(year), 'office': str(office.pk)})}"
    return {
        "label": title,
        "total": sum(counts.values()),
        "total_url": base,
        "url": f"{reverse('office-unit', args=[code])}?year={year}" if code else base,
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
    """Five shades up to the largest number (at least five); None where the stage has not begun."""
    if not stage.total:
        return None
    return -(-count * LEVELS // most) if count else 0
