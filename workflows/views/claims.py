"""Bonus, deduction and veto claims: the list, and bringing a new one."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from audit.access import PERFORMANCE_OFFICE, SeatedRequest, seated
from audit.answers import accepted
from cycle.models import AdjustmentClaim, Cycle
from cycle.queries.scopes import chosen, cycles_of
from workflows.forms.claim_forms import ClaimForm
from workflows.models import WorkItem
from workflows.queries.claims import claim_rows
from workflows.services import claiming

PAGE = 50


def _cycle(request: SeatedRequest, cycles: list[Cycle]) -> Cycle:
    year = request.GET.get("year", "")
    cycle = chosen(cycles, int(year) if year.isdecimal() and len(year) < 5 else None)
    if cycle is None:
        raise Http404("还没有建立这个年度的考核周期，建立以后才能办理加减分。")
    return cycle


@require_safe
@seated("unit", PERFORMANCE_OFFICE)
def claim_list(request: SeatedRequest) -> HttpResponse:
    """List the unit's claims, or all of them for the performance office."""
    cycles = cycles_of(request.seat)
    cycle = _cycle(request, cycles)
    rows = AdjustmentClaim.objects.filter(cycle=cycle)
    if request.seat.capacity == "unit":
        rows = rows.filter(subject__office=request.seat.office)
        rows = rows.exclude(~Q(sort="bonus"), state="draft")  # told when it is recorded, not before
    page = Paginator(rows.select_related("subject").order_by("-created_at"), PAGE).get_page(
        request.GET.get("page")
    )
    table = {
        "caption": "加减分和否决事项",
        "cards": True,
        "columns": [{"label": label} for label in _columns(request)],
        "rows": claim_rows(page, request.seat),
    }
    years = [each.year for each in cycles]
    views = [
        {"label": f"{each} 年度", "url": f"?year={each}", "active": each == cycle.year} for each in years
    ]
    return render(request, "claims/list.html", {"table": table, "page": page, "cycle": cycle, "views": views})


def _columns(request: SeatedRequest) -> tuple[str, ...]:
    named = ("事项", "类别", "来源文件", "状态")
    return (*named, "") if request.seat.capacity == PERFORMANCE_OFFICE else named


@require_http_methods(["GET", "HEAD", "POST"])
@seated("unit", PERFORMANCE_OFFICE)
def new(request: SeatedRequest) -> HttpResponse:
    """Bring a claim; it lands on its first task, where the documents are added."""
    cycle = _cycle(request, cycles_of(request.seat))
    form = ClaimForm(request.POST or None, cycle=cycle, seat=request.seat)
    made: list[Any] = []
    if request.method == "POST" and accepted(form, lambda: made.append(_bring(request, form))):
        item = WorkItem.objects.filter(matter=made[0], office=request.seat.office).latest("served_at")
        return redirect("task", item.pk)
    context = {"form": form, "cycle": cycle}
    return render(request, "claims/new.html", context, status=422 if form.errors else 200)


def _bring(request: SeatedRequest, form: ClaimForm) -> Any:
    seat, unit = request.seat, form.cleaned_data["subject"]
    return claiming.open_and_start(unit.pk, user_id=seat.user.pk, office_id=seat.office.pk, **form.claim())
