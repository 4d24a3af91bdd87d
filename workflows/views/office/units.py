"""One unit's whole year."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from audit import clock
from audit.access import OVERSEERS, PERFORMANCE_OFFICE, SeatedRequest, seated
from cycle.queries.letter_pages import letters_seen
from cycle.queries.packs import rules_of
from cycle.queries.scopes import cycles_of
from cycle.views.shown import needed_cycle, year_chips
from workflows.queries.unit_pages import (
    indicators_of,
    leaders_of,
    matters_by_kind,
    open_tasks,
    record_of,
    result_of,
)


@require_GET
@seated(*OVERSEERS)
def unit(request: SeatedRequest, code: str) -> HttpResponse:
    """GET /office/units/<code>/: everything about a unit this year."""
    cycle, now = needed_cycle(request), clock.now()
    subject = get_object_or_404(cycle.subjects.select_related("organisation", "office"), code=code)
    return render(
        request,
        "office/unit.html",
        {
            "cycle": cycle,
            "subject": subject,
            "group": rules_of(cycle).groups[subject.group].title,
            "chips": year_chips(cycles_of(request.seat), cycle),
            "rows": open_tasks(cycle, subject, now),
            "kinds": matters_by_kind(subject),
            "record": record_of(subject),
            "leaders": leaders_of(subject, now),
            "result": result_of(cycle, subject),
            "letter": letters_seen(request.seat).filter(subject=subject).first(),
            "indicators": indicators_of(subject),
            "demo_banner": cycle.is_demo,
            "may_urge": request.seat.office.capacity == PERFORMANCE_OFFICE,
        },
    )
