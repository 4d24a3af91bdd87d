"""Requests for adjustment as the rows of their list."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from cycle.models import Cycle, IndicatorAdjustment
from cycle.queries.adjustment_words import title_of
from cycle.queries.scopes import sees_all
from offices.queries.seats import Seat
from workflows.models import Process, WorkItem

TONES = {"effective": "good", "rejected": "bad", "withdrawn": "neutral", "draft": "neutral"}


def adjustments_seen(seat: Seat, cycle: Cycle) -> QuerySet[IndicatorAdjustment]:
    """The requests that the office may see: a unit those about itself, overseers all of them.

    A draft is nobody's business but its author's.
    """
    rows = IndicatorAdjustment.objects.filter(cycle=cycle)
    if not sees_all(seat):
        rows = rows.filter(subject__office=seat.office)
    drafts = rows.filter(state="draft").exclude(office=seat.office)
    return rows.exclude(pk__in=drafts.values("pk"))


def adjustment_rows(adjustments: Iterable[IndicatorAdjustment], seat: Seat) -> list[dict[str, Any]]:
    """Return rows of `components/data_table.html`; each leads to the open task, else to the history."""
    found = list(adjustments)
    keys = [each.pk for each in found]
    mine = WorkItem.objects.filter(matter__in=keys, office=seat.office, state=WorkItem.State.OPEN)
    tasks = dict(mine.values_list("matter", "pk"))
    processes = dict(Process.objects.filter(matter__in=keys).values_list("matter", "pk"))
    return [_row(each, tasks.get(each.pk), processes.get(each.pk), seat) for each in found]


def _row(each: IndicatorAdjustment, task: Any, process: Any, seat: Seat) -> dict[str, Any]:
    url = reverse("task", args=[task]) if task else reverse("process", args=[process]) if process else ""
    withdraw = None
    if each.office_id == seat.office.pk and not each.is_final:
        withdraw = {"label": "撤回", "url": reverse("adjustment-withdraw", args=[each.pk])}
    return {
        "highlighted": bool(task),
        "cells": [
            {
                "text": each.title,
                "url": url,
                "note": "、".join(title_of(line) for line in each.changes.all()),
            },
            {"label": "事由", "text": each.get_ground_display()},
            {"label": "生效日期", "text": each.effective_on.isoformat()},
            {"label": "状态", "tag": each.state_title, "tone": TONES.get(each.state, "info")},
            {"action": withdraw} if withdraw else {"text": ""},
        ],
    }
