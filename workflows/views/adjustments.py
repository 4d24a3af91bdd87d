"""Adjustment of indicators: the list, asking for one, choosing its indicators anew, taking it back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from audit.access import OVERSEERS, PERFORMANCE_OFFICE, SYSADMIN, SeatedRequest, seated
from audit.answers import accepted
from cycle.models import Cycle, IndicatorAdjustment, Subject
from cycle.queries.adjustments import season_of
from cycle.queries.scopes import chosen, cycles_of
from workflows.forms.adjustment_forms import LinesForm, RequestForm, UnitForm, WithdrawForm
from workflows.models import WorkItem
from workflows.queries.adjustments import adjustment_rows, adjustments_seen
from workflows.queries.task_page import may_write, task_seen
from workflows.services import adjusting

PAGE = 50


def _cycle(request: SeatedRequest, cycles: list[Cycle]) -> Cycle:
    year = request.GET.get("year", "")
    cycle = chosen(cycles, int(year) if year.isdecimal() and len(year) < 5 else None)
    if cycle is None:
        raise Http404("还没有建立这个年度的考核周期，建立以后才能调整指标。")
    return cycle


@require_safe
@seated("unit", *OVERSEERS)
def adjustment_list(request: SeatedRequest) -> HttpResponse:
    """GET /kpi/adjustments/: the unit's requests, or all of them for those who see everything."""
    cycles = cycles_of(request.seat)
    cycle = _cycle(request, cycles)
    rows = adjustments_seen(request.seat, cycle).prefetch_related("changes__indicator")
    page = Paginator(rows.order_by("-created_at"), PAGE).get_page(request.GET.get("page"))
    table = {
        "caption": "指标调整申请",
        "cards": True,
        "columns": [{"label": label} for label in ("申请", "事由", "生效日期", "状态", "")],
        "rows": adjustment_rows(page, request.seat),
    }
    season = season_of(cycle)
    views = [
        {"label": f"{each.year} 年度", "url": f"?year={each.year}", "active": each == cycle}
        for each in cycles
    ]
    return render(
        request,
        "adjustments/list.html",
        {
            "table": table,
            "page": page,
            "cycle": cycle,
            "views": views,
            "season": season,
            "can_ask": request.seat.capacity in ("unit", PERFORMANCE_OFFICE)
            and cycle.state == Cycle.State.MONITORING
            and season.is_open(clock.local_date(request.seat.at)),
            "demo_banner": cycle.is_demo,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@seated("unit", PERFORMANCE_OFFICE)
def new(request: SeatedRequest) -> HttpResponse:
    """Ask for an adjustment; it lands on its first task, where values and evidence are added."""
    cycle = _cycle(request, cycles_of(request.seat))
    units = _units(request, cycle)
    unit = units[0] if len(units) == 1 else _named(units, request.GET.get("unit", ""))
    context: dict[str, Any] = {"cycle": cycle, "season": season_of(cycle), "demo_banner": cycle.is_demo}
    if unit is None:
        return render(request, "adjustments/unit.html", context | {"form": UnitForm(units=units)})
    form = RequestForm(request.POST or None, unit=unit, seat=request.seat)
    made: list[UUID] = []
    if request.method == "POST" and accepted(form, lambda: made.append(_bring(request, form, unit))):
        item = WorkItem.objects.filter(matter=made[0], office=request.seat.office).latest("served_at")
        return redirect("task", item.pk)
    status = 422 if form.errors else 200
    return render(request, "adjustments/new.html", context | {"form": form, "unit": unit}, status=status)


def _units(request: SeatedRequest, cycle: Cycle) -> list[Subject]:
    """The units that the office may ask for: its own, or every unit for the performance office."""
    rows = Subject.objects.filter(cycle=cycle).select_related("cycle__policy")
    if request.seat.capacity == "unit":
        rows = rows.filter(office=request.seat.office)
    found = list(rows.order_by("position"))
    if not found:
        raise Http404("本单位不是这个年度的被考核单位，没有可以调整的指标。")
    return found


def _named(units: list[Subject], code: str) -> Subject | None:
    found = next((each for each in units if each.code == code), None)
    if code and found is None:
        raise Http404("没有找到这个单位，它可能不是本年度的被考核单位。")
    return found


def _bring(request: SeatedRequest, form: RequestForm, unit: Subject) -> UUID:
    seat = request.seat
    return adjusting.open_and_start(unit.pk, user_id=seat.user.pk, office_id=seat.office.pk, **form.request())


@require_http_methods(["GET", "HEAD", "POST"])
@seated(but=(SYSADMIN,))
def lines(request: SeatedRequest, item_id: UUID) -> HttpResponse:
    """Choose the indicators of a drafted request anew; what was written in the others stays."""
    item = task_seen(request.seat, item_id)
    if item is None or item.flow != IndicatorAdjustment.KIND or not may_write(item, request.seat):
        raise Http404("没有找到这项申请，它可能已经提交，或者不属于你的岗位。")
    if item.step != "request":
        raise Http404("这项申请已经提交，不能再增减指标。")
    adjustment = IndicatorAdjustment.objects.select_related("cycle__policy").get(pk=item.matter_id)
    unit = Subject.objects.select_related("cycle__policy").get(pk=adjustment.unit.pk)
    form = LinesForm(request.POST or None, unit=unit, lines=list(adjustment.changes.all()))
    if request.method == "POST" and accepted(
        form, lambda: adjusting.choose(item.pk, user_id=request.seat.user.pk, **form.chosen())
    ):
        messages.success(request, "调整的指标已更新，请继续填写。")
        return redirect("task", item.pk)
    context = {"form": form, "item": item, "unit": unit, "adjustment": adjustment}
    context |= {"cycle": unit.cycle, "demo_banner": unit.cycle.is_demo}
    return render(request, "adjustments/lines.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@seated("unit", PERFORMANCE_OFFICE)
def withdraw(request: SeatedRequest, adjustment_id: UUID) -> HttpResponse:
    """Take a request back, after a page that says what this means."""
    seat = request.seat
    rows = IndicatorAdjustment.objects.filter(office=seat.office, cycle__in=cycles_of(seat))
    adjustment = rows.select_related("cycle").filter(pk=adjustment_id).first()
    if adjustment is None:
        raise Http404("没有找到这项申请，它可能不属于你的岗位。")
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and accepted(form, lambda: _take_back(request, adjustment, form)):
        messages.success(request, f"“{adjustment.title}”已撤回，指标仍按原来的执行。")
        return redirect("adjustments")
    context = {"form": form, "adjustment": adjustment, "demo_banner": adjustment.cycle.is_demo}
    return render(request, "adjustments/withdraw.html", context, status=422 if form.errors else 200)


def _take_back(request: SeatedRequest, adjustment: IndicatorAdjustment, form: WithdrawForm) -> None:
    adjusting.withdraw(
        adjustment.pk,
        why=form.cleaned_data["why"],
        user_id=request.seat.user.pk,
        office_id=request.seat.office.pk,
    )
