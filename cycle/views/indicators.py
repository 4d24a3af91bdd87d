"""Indicators: the list, one indicator."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from audit import clock
from audit.access import OVERSEERS, PERFORMANCE_OFFICE, SYSADMIN, SeatedRequest, seated
from cycle.models import Cycle, Evidence, Indicator
from cycle.queries.appeal_links import indicator_urls, own_window
from cycle.queries.indicator_pages import (
    chart_of,
    definition,
    listed,
    readings_of,
    reports_of,
    rows_of,
    scores_of,
)
from cycle.queries.measured import corrections_in_words, value_text
from cycle.queries.periods import period_title
from cycle.queries.result_pages import runs_seen, units_explained
from cycle.queries.scopes import cycles_of, indicators_seen
from cycle.queries.version_pages import begins_later, span_of, version_table, versions_of
from cycle.services.numbers import plain
from cycle.views.shown import shown_cycle, year_chips

A_PAGE = 50


class Filter(forms.Form):
    """What narrows the list."""

    year = forms.IntegerField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(
        label="搜索指标或单位",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "搜索指标、单位"}),
    )
    unit = forms.ChoiceField(label="单位", required=False)
    collector = forms.ChoiceField(label="数据采集单位", required=False)

    def __init__(self, cycle: Cycle, seen: Any, data: dict[str, str]) -> None:
        super().__init__({**data, "year": str(cycle.year)})
        units = seen.values_list("subject__code", "subject__title").order_by("subject__position").distinct()
        collectors = seen.exclude(collector=None).values_list(
            "collector__organisation__code", "collector__title"
        )
        collectors = collectors.order_by("collector__title").distinct()
        self.fields["unit"].choices = [("", "全部单位"), *units]  # type: ignore[attr-defined]
        self.fields["collector"].choices = [("", "全部采集单位"), *collectors]  # type: ignore[attr-defined]


@require_GET
@seated(but=(SYSADMIN,))
def indicators(request: SeatedRequest) -> HttpResponse:
    """GET /kpi/: the indicators that the office may see, with the newest figures."""
    cycle, cycles = shown_cycle(request)
    if cycle is None:
        return render(request, "indicators/list.html", {"cycle": None})
    seen = indicators_seen(request.seat, cycle)
    form = Filter(cycle, seen, request.GET.dict())
    form.is_valid()
    wanted = {name: form.cleaned_data.get(name, "") for name in ("q", "unit", "collector")}
    page = Paginator(listed(seen, **wanted), A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "indicators/list.html",
        {
            "cycle": cycle,
            "chips": year_chips(cycles, cycle),
            "form": form,
            "page": page,
            "rows": rows_of(page.object_list, cycle),
            "narrowed": any(wanted.values()),
            "adjustable": request.seat.capacity in ("unit", *OVERSEERS),
            "demo_banner": cycle.is_demo,
        },
    )


@require_GET
@seated(but=(SYSADMIN,))
def indicator(request: SeatedRequest, indicator_id: UUID) -> HttpResponse:
    """GET /kpi/<id>/: definition, versions, reports, readings, points by round."""
    rows = Indicator.objects.filter(cycle__in=cycles_of(request.seat))
    found = rows.select_related("cycle", "subject", "collector").filter(pk=indicator_id).first()
    if found is None or not indicators_seen(request.seat, found.cycle).filter(pk=found.pk).exists():
        raise Http404("没有找到这个指标，或者它不属于你目前的岗位。")
    reports, versions = reports_of(found), versions_of(found)
    return render(
        request,
        "indicators/detail.html",
        {
            "indicator": found,
            "cycle": found.cycle,
            "pairs": definition(found, found.cycle),
            "reports": _report_rows(reports),
            "chart": chart_of(found, reports),
            "readings": _reading_rows(found),
            "demo_banner": found.cycle.is_demo,
            "versions": [(each, span_of(each)) for each in versions],
            "table": version_table(versions, found.pk),
            "correctable": _correctable(request, found),
            "upcoming": begins_later(found, clock.local_date(request.seat.at)),
            "plan": getattr(found, "plan", None),
            "points": plain(found.points),
            "evidence": Evidence.objects.filter(indicator=found, withdrawn_at=None).select_related(
                "blob", "office"
            ),
        }
        | _scores(request, found),
    )


def _report_rows(reports: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            "period": period_title(line.report.key),
            "version": line.indicator.version,
            "value": plain(line.value),
            "note": line.note,
            "verified": plain(line.verified),
            "remark": line.remark,
            "state": line.report.state_title,
        }
        for line in reports
    ]


def _reading_rows(found: Indicator) -> list[dict[str, Any]]:
    corrected = corrections_in_words(found)
    return [
        {
            "round": period_title(each.round),
            "version": each.indicator.version,
            "actual": value_text(each.indicator, each.actual or plain(each.score)),
            "note": each.note,
            "state": each.collection.state_title,
            "corrected": corrected.get(each.round, ""),
        }
        for each in readings_of(found)
    ]


def _correctable(request: SeatedRequest, found: Indicator) -> bool:
    """Whether the office may ask, on this page, that what was measured be looked at again."""
    open_still = found.cycle.state not in ("archived", "cancelled")
    return bool(request.seat.office.capacity == PERFORMANCE_OFFICE and open_still and readings_of(found))


def _scores(request: SeatedRequest, found: Indicator) -> dict[str, Any]:
    """Points by round, only for those who may see the unit's result."""
    run = runs_seen(request.seat, found.cycle).get(found.subject.group)
    if run is None or found.subject.code not in units_explained(request.seat, found.cycle):
        return {"scores": [], "run": None}
    window = own_window(request.seat, found.subject)
    may_object = window is not None and not window.only_grade and window.is_open(request.seat.at)
    url = indicator_urls(found.subject, run).get(f"indicator:{found.key}", "") if may_object else ""
    return {"scores": scores_of(found, run), "run": run, "appeal_url": url}
