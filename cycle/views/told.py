"""本年扣分告知: what costs a unit points, told when it is recorded."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from audit.access import SeatedRequest, seated
from cycle.models import Subject
from cycle.queries.scopes import cycles_of
from cycle.queries.told import Told, told
from cycle.views.shown import needed_cycle, year_chips

TONES = {"失分": "warn", "减分": "bad", "否决": "bad"}


@require_GET
@seated("unit")
def told_page(request: SeatedRequest) -> HttpResponse:
    """GET /told/?year=: the unit's deductions, vetoes and lost points with reason, article and remedy."""
    cycle = needed_cycle(request)
    subjects = Subject.objects.filter(cycle=cycle, office=request.seat.office).select_related("cycle")
    lines = [each for subject in subjects for each in told(subject)]
    context = {
        "cycle": cycle,
        "chips": year_chips(cycles_of(request.seat), cycle),
        "table": _table(lines),
        "demo_banner": cycle.is_demo,
    }
    return render(request, "letters/told.html", context)


def _table(lines: list[Told]) -> dict[str, Any]:
    return {
        "caption": "本年扣分告知",
        "cards": True,
        "columns": [{"label": label} for label in ("事项", "告知日期", "类别", "分值", "理由", "可以怎么办")],
        "rows": [{"cells": _cells(each)} for each in lines],
    }


def _cells(each: Told) -> list[dict[str, Any]]:
    url = reverse("indicator", args=[each.indicator.pk]) if each.indicator else ""
    return [
        {"text": each.title, "url": url, "note": each.claim.state_title if each.claim else ""},
        {"label": "告知日期", "text": each.on.isoformat() if each.on else "—"},
        {"label": "类别", "tag": each.sort, "tone": TONES.get(each.sort, "neutral")},
        {"label": "分值", "text": each.points},
        {"label": "理由", "text": each.reason, "note": f"依据：{each.cite}" if each.cite else ""},
        {"label": "可以怎么办", "text": each.remedy},
    ]
