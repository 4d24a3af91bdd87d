"""Uses of the results: what the policy ordered for whom, and how far it is."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from audit.access import SYSADMIN, SeatedRequest, seated
from cycle.models import Consequence
from cycle.queries.uses_pages import uses_seen, with_waits
from cycle.views.shown import shown_cycle, year_chips

A_PAGE = 50


@require_GET
@seated(but=(SYSADMIN,))
def uses(request: SeatedRequest) -> HttpResponse:
    """GET /uses/: consequences of a year's results."""
    cycle, cycles = shown_cycle(request)
    rows = uses_seen(request.seat, cycle) if cycle else Consequence.objects.none()
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "results/uses.html",
        {
            "cycle": cycle,
            "chips": year_chips(cycles, cycle) if cycle else [],
            "page": page,
            "rows": with_waits(page.object_list, cycle) if cycle else [],
            **({"demo_banner": cycle.is_demo} if cycle else {}),
        },
    )
