"""Scoring runs: the list with what caused each, and what one changed."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from audit import clock
from audit.access import SYSADMIN, SeatedRequest, seated
from cycle.models import Cycle
from cycle.queries.run_pages import (
    appeal_behind,
    facts_seen,
    groups_of,
    places_moved,
    runs_listed,
    units_moved,
)
from cycle.queries.scopes import sees_all
from cycle.queries.settling import obstacles_to_lock
from cycle.views.shown import needed_cycle


@require_GET
@seated(but=(SYSADMIN,))
def runs(request: SeatedRequest, year: int) -> HttpResponse:
    """GET /results/<year>/runs/: every computation of the year's results that the office was shown."""
    cycle = needed_cycle(request, year)
    context = {
        "cycle": cycle,
        "rows": runs_listed(request.seat, cycle),
        "waits": _waits(request, cycle),
        "demo_banner": cycle.is_demo,
    }
    return render(request, "results/runs.html", context)


def _waits(request: SeatedRequest, cycle: Cycle) -> list[str]:
    """What keeps the results from being locked; for those who run the year."""
    if not sees_all(request.seat) or cycle.state not in ("feedback", "uses"):
        return []
    return obstacles_to_lock(cycle, clock.now())


@require_GET
@seated(but=(SYSADMIN,))
def run(request: SeatedRequest, year: int, number: int) -> HttpResponse:
    """GET /results/<year>/runs/<n>/: the facts and the units that this computation changed, and why."""
    cycle = needed_cycle(request, year)
    row = next((each for each in runs_listed(request.seat, cycle) if each.run.number == number), None)
    if row is None:
        raise Http404("没有找到这次计分，或者它的结果还没有公布。")
    groups = groups_of(request.seat, cycle)
    context = {
        "cycle": cycle,
        "row": row,
        "run": row.run,
        "facts": facts_seen(request.seat, row.run),
        "units": units_moved(row.run, groups),
        "places": places_moved(row.run, groups),
        "appeal": appeal_behind(row.run) if sees_all(request.seat) else None,
        "overseer": sees_all(request.seat),
        "demo_banner": cycle.is_demo,
    }
    return render(request, "results/run.html", context)
