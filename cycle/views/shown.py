"""Which cycle a page shows: the year of its address or query, else the newest that has begun."""

from django.http import Http404

from audit.access import SeatedRequest
from cycle.models import Cycle
from cycle.queries.scopes import chosen, cycles_of


def shown_cycle(request: SeatedRequest, year: int | None = None) -> tuple[Cycle | None, list[Cycle]]:
    """The cycle to show and all to choose from; (None, []) before the first. 404 for a year without one."""
    cycles = cycles_of(request.seat)
    text = request.GET.get("year", "") if year is None else str(year)
    cycle = chosen(cycles, int(text) if text.isdecimal() and len(text) == 4 else None)
    if text and (cycle is None or str(cycle.year) != text):
        raise Http404(f"{text[:10]} 年度没有考核周期。")
    return cycle, cycles


def needed_cycle(request: SeatedRequest, year: int | None = None) -> Cycle:
    """The cycle to show; 404 when there is none."""
    cycle, _ = shown_cycle(request, year)
    if cycle is None:
        raise Http404("还没有建立考核周期。")
    return cycle


def year_chips(cycles: list[Cycle], cycle: Cycle) -> list[dict[str, object]]:
    """Links to the same page of other years; nothing to choose with a single cycle."""
    if len(cycles) < 2:
        return []
    return [
        {"label": f"{each.year} 年度", "url": f"?year={each.year}", "active": each == cycle}
        for each in cycles
    ]
