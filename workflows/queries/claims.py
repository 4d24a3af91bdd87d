"""Claims as the rows of their list."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from audit.access import PERFORMANCE_OFFICE
from cycle.models import AdjustmentClaim
from cycle.queries.measured import claim_corrections
from offices.queries.seats import Seat
from workflows.models import Process, WorkItem

TONES = {"confirmed": "good", "rejected": "bad", "draft": "neutral"}


def claim_rows(claims: Iterable[AdjustmentClaim], seat: Seat) -> list[dict[str, Any]]:
    """Return rows of `components/data_table.html`; each leads to the open task, else to the history."""
    found = list(claims)
    keys = [claim.pk for claim in found]
    tasks = dict(
        WorkItem.objects.filter(matter__in=keys, office=seat.office, state="open").values_list("matter", "pk")
    )
    processes = dict(Process.objects.filter(matter__in=keys).values_list("matter", "pk"))
    corrected = claim_corrections(found)
    rows = [
        _row(claim, tasks.get(claim.pk), processes.get(claim.pk), corrected.get(claim.pk, ""))
        for claim in found
    ]
    if seat.capacity == PERFORMANCE_OFFICE:
        for claim, row in zip(found, rows, strict=True):
            row["cells"].append(_correction(claim))
    return rows


def _correction(claim: AdjustmentClaim) -> dict[str, Any]:
    """The way to have a decided claim looked at again; empty while it is being decided."""
    if not claim.is_final:
        return {"label": "", "text": ""}
    url = reverse("correction-claim", args=[claim.pk])
    return {"label": "", "action": {"label": "更正", "url": url, "hint": f"更正 {claim.title}"}}


def _row(claim: AdjustmentClaim, task: Any, process: Any, corrected: str) -> dict[str, Any]:
    url = reverse("task", args=[task]) if task else reverse("process", args=[process]) if process else ""
    day = f"{claim.happened_on}" if claim.happened_on else ""
    return {
        "highlighted": bool(task),
        "cells": [
            {"text": claim.title, "url": url, "note": "，".join(part for part in (day, corrected) if part)},
            {"label": "类别", "text": claim.get_sort_display()},
            {
                "label": "来源文件",
                "text": claim.source,
                "note": f"{claim.count} 次" if claim.count > 1 else "",
            },
            {"label": "状态", "tag": claim.state_title, "tone": TONES.get(claim.state, "info")},
        ],
    }
