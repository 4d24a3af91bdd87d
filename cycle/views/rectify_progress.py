"""The progress of key items, open to whom the policy names: everybody, or the units (杭州 31 条)."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from audit.access import OVERSEERS, SYSADMIN
from cycle.models import Cycle, Rectification
from cycle.queries.letters import issuer_of
from cycle.queries.rectifications import audience_of, finish_of, key_progress
from cycle.queries.scopes import cycles_of

COUNTED = ("listed", "planned", "underway", "reported", "closed")


@require_safe
@cache_control(private=True, max_age=60)
def progress(request: HttpRequest, year: int) -> HttpResponse:
    """GET /public/rectify/<year>/: key items with their state, nothing else of the cycle.

    Without signing in only where the policy says public; 404 otherwise, as for a year that is not there.
    """
    shown = [cycle for cycle in _cycles(request, year) if _may_read(request, cycle)]
    if not shown:
        raise Http404("没有找到这一年度的整改公开，或者考核办法没有规定向你公开。")
    return render(
        request,
        "rectify/progress.html",
        {
            "year": year,
            "parts": [_part(cycle) for cycle in shown],
            "document": {
                "title": f"{year} 年度重点整改进展",
                "issuer": "、".join(issuer_of(cycle.owner_id) for cycle in shown),
            },
            "back": _back(request),
            "demo_banner": any(cycle.is_demo for cycle in shown),
        },
    )


def _cycles(request: HttpRequest, year: int) -> list[Cycle]:
    rows = Cycle.objects.filter(year=year).exclude(state__in=["preparation", "cancelled"])
    return list(rows.select_related("owner").order_by("owner__code"))


def _may_read(request: HttpRequest, cycle: Cycle) -> bool:
    audience = audience_of(cycle)
    if audience == "public":
        return True
    seat: Any = getattr(request, "seat", None)
    if audience != "units" or not seat or seat.capacity == SYSADMIN:
        return False
    return cycle in cycles_of(seat)


def _back(request: HttpRequest) -> str:
    """The board, for those who have one; nothing that leads inside for everybody else."""
    seat: Any = getattr(request, "seat", None)
    return reverse("rectify") if seat and seat.capacity in ("unit", *OVERSEERS) else ""


def _part(cycle: Cycle) -> dict[str, Any]:
    rows = key_progress(cycle)
    counts = {state: sum(row.state == state for row in rows) for state in COUNTED}
    return {
        "title": cycle.title,
        "total": len(rows),
        "counts": [
            {"title": Rectification.STATES[state], "count": count} for state, count in counts.items() if count
        ],
        "rows": [
            {
                "unit": row.unit.title,
                "topic": row.topic,
                "state": row.state_title,
                "finish": finish_of(row),
                "steps": f"{row.steps_done}/{row.steps}" if row.steps else "—",  # type: ignore[attr-defined]
            }
            for row in rows
        ],
    }
