"""The years: the list, preparing one (policy, units, indicators), giving one up."""

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit import clock
from audit.access import LEADING_GROUP, OVERSEERS, PERFORMANCE_OFFICE, SeatedRequest, seated
from audit.answers import accepted
from audit.refusals import Refusal
from cycle.models import Cycle, Indicator, Subject
from cycle.queries.packs import rules_of
from cycle.queries.preconditions import holds, to_go_on
from cycle.queries.rules import indicator_points
from cycle.queries.scopes import cycles_of, government_of
from cycle.services import setup, stages
from cycle.services.indicator_imports import COLUMNS, import_indicators
from cycle.services.numbers import plain
from cycle.services.unit_facts import add_subjects_with_facts
from cycle.views.shown import needed_cycle
from offices.forms import NO_FILE
from offices.services.imports import BadTable, read_table
from policies.packs import library, load_pack

SHOWN = 200


class NewCycle(forms.Form):
    """A year and the policy that it adopts."""

    year = forms.IntegerField(label="年度", min_value=2000, max_value=2100)
    pack = forms.ChoiceField(label="考核办法")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pack"].choices = [(each, load_pack(each).title) for each in library()]  # type: ignore[attr-defined]


class TableForm(forms.Form):
    """A table to import."""

    file = forms.FileField(
        label="表格文件",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text="CSV（UTF-8 或 GBK）或 XLSX，第一行是列名。",
        error_messages=NO_FILE,
    )


class FactsForm(forms.Form):
    """Facts about the units, where the policy's rules need some."""

    file = forms.FileField(
        label="单位情况表（可不选）",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text="一列单位，其余各列是规则用到的数，例如 monthly_payroll（在编人员月工资总额）。",
        error_messages=NO_FILE,
    )


class CancelForm(forms.Form):
    """Why a year is given up."""

    why = forms.CharField(label="理由和决定文件", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


@require_http_methods(["GET", "POST"])
@seated(*OVERSEERS)
def cycles(request: SeatedRequest) -> HttpResponse:
    """GET /office/cycles/: all years; POST: a new one."""
    may_create = request.seat.office.capacity == PERFORMANCE_OFFICE
    form = NewCycle(request.POST or None, initial={"year": clock.local_date(request.seat.at).year})
    if (
        request.method == "POST"
        and may_create
        and accepted(form, lambda: _create(request, form.cleaned_data))
    ):
        messages.success(request, "考核周期已建立，请列入考核对象、导入指标。")
        return redirect("office-cycle", form.cleaned_data["year"])
    found = cycles_of(request.seat)
    counts = Counter(Subject.objects.filter(cycle__in=found).values_list("cycle_id", flat=True))
    rows = [{"cycle": each, "units": counts[each.pk]} for each in found]
    context = {"rows": rows, "form": form if may_create else None}
    return render(request, "office/cycles.html", context, status=422 if form.is_bound else 200)


def _create(request: SeatedRequest, data: dict[str, Any]) -> None:
    setup.create_cycle(
        load_pack(data["pack"]),
        owner_id=government_of(request.seat),
        year=data["year"],
        user_id=request.seat.user.pk,
        is_demo=request.seat.user.is_demo,
    )


@require_GET
@seated(*OVERSEERS)
def cycle_page(request: SeatedRequest, year: int) -> HttpResponse:
    """GET /office/cycles/<year>/: what is prepared, what is missing."""
    return _page(request, needed_cycle(request, year))


@require_POST
@seated(PERFORMANCE_OFFICE)
def add_units(request: SeatedRequest, year: int) -> HttpResponse:
    """POST …/units/: name the policy's units, with the facts of a table."""
    cycle, form = needed_cycle(request, year), FactsForm(request.POST, request.FILES)

    def command() -> str:
        rows = _rows(request) if request.FILES else []
        return f"已列入考核对象 {add_subjects_with_facts(cycle.pk, rows, user_id=request.seat.user.pk)} 家。"

    return _took(request, cycle, form, command)


@require_POST
@seated(PERFORMANCE_OFFICE)
def add_indicators(request: SeatedRequest, year: int) -> HttpResponse:
    """POST …/indicators/: draft the indicators of a table; every defect is shown with its line."""
    cycle, form = needed_cycle(request, year), TableForm(request.POST, request.FILES)

    def command() -> str:
        return (
            f"已导入指标草案 {import_indicators(cycle.pk, _rows(request), user_id=request.seat.user.pk)} 项。"
        )

    return _took(request, cycle, form, command)


@require_http_methods(["GET", "POST"])
@seated(LEADING_GROUP)
def cancel(request: SeatedRequest, year: int) -> HttpResponse:
    """Give a year up by decision of the leading group."""
    cycle, form = needed_cycle(request, year), CancelForm(request.POST or None)
    if request.method == "POST" and accepted(
        form, lambda: stages.cancel(cycle.pk, user_id=request.seat.user.pk, why=form.cleaned_data["why"])
    ):
        return redirect("office-cycles")
    return render(
        request,
        "office/decision.html",
        {
            "form": form,
            "title": f"取消{cycle.title}",
            "confirm": "取消本年度考核",
            "back": "/office/cycles/",
            "text": "取消后各单位的待办全部终止，已经办过的记录保留、可以查阅，不能恢复。",
        },
        status=422 if form.is_bound else 200,
    )


def _rows(request: SeatedRequest) -> list[Any]:
    file = request.FILES["file"]
    return list(read_table(file.name or "", file.read()))  # type: ignore[union-attr]


def _took(request: SeatedRequest, cycle: Cycle, form: forms.Form, command: Any) -> HttpResponse:
    """Run an import: back to the page with a message, or the page with what is wrong (422)."""
    defects: list[Any] = []
    if form.is_valid():
        try:
            messages.success(request, command())
            return redirect("office-cycle", cycle.year)
        except BadTable as bad:
            defects = bad.defects
        except Refusal as refusal:
            form.add_error("file", str(refusal))
    return _page(request, cycle, form=form, defects=defects, status=422)


def _page(
    request: SeatedRequest,
    cycle: Cycle,
    *,
    form: forms.Form | None = None,
    defects: Any = (),
    status: int = 200,
) -> HttpResponse:
    preparing = cycle.state == Cycle.State.PREPARATION
    conditions = to_go_on(cycle, clock.local_date(request.seat.at)) if preparing else []
    return render(
        request,
        "office/cycle.html",
        {
            "cycle": cycle,
            "preparing": preparing,
            "conditions": conditions,
            "ready": holds(conditions),
            "may_prepare": preparing and request.seat.office.capacity == PERFORMANCE_OFFICE,
            "may_cancel": request.seat.office.capacity == LEADING_GROUP
            and cycle.state not in ("archived", "cancelled"),
            "groups": _groups(cycle),
            "odd": _odd_points(cycle),
            "columns": [each.title for each in COLUMNS.values()],
            "table_form": form if isinstance(form, TableForm) else TableForm(),
            "facts_form": form if isinstance(form, FactsForm) else FactsForm(),
            "form": form,
            "defects": defects[:SHOWN],
            "more": max(len(defects) - SHOWN, 0),
            "demo_banner": cycle.is_demo,
        },
        status=status,
    )


def _groups(cycle: Cycle) -> list[dict[str, Any]]:
    """Each group of the policy: how many units it should have and has, how many indicators are drafted."""
    units = Counter(cycle.subjects.values_list("group", flat=True))
    drafts = Counter(Indicator.objects.filter(cycle=cycle).values_list("subject__group", flat=True))
    return [
        {
            "title": group.title,
            "wanted": group.count or len(group.members),
            "units": units[key],
            "indicators": drafts[key],
        }
        for key, group in rules_of(cycle).groups.items()
    ]


def _odd_points(cycle: Cycle) -> list[str]:
    """Units whose drafted points do not add up to the component's."""
    sums: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    rows = Indicator.objects.filter(cycle=cycle, state__in=["draft", "issued"])
    for title, group, component, points in rows.values_list(
        "subject__title", "subject__group", "component", "points"
    ):
        sums[title, group, component] += points
    pack, odd = rules_of(cycle), []
    wanted = {group: indicator_points(pack, group) for group in pack.groups}
    for (title, group, component), points in sums.items():
        right = wanted[group].get(component, Decimal(0))
        if points != right:
            odd.append(f"{title}：合计 {plain(points)} 分，应当是 {plain(right)} 分")
    return odd
