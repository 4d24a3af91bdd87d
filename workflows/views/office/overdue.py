"""Open and overdue tasks: the full list, urging one or many, taking the list away as a file."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from audit import clock
from audit.access import OVERSEERS, PERFORMANCE_OFFICE, SeatedRequest, actor_of, seated
from audit.answers import performed
from audit.exports import Table, answer
from audit.refusals import Refusal
from cycle.models import Cycle, Stage
from cycle.views.shown import needed_cycle
from workflows.queries.overdue import (
    ALL,
    LATE,
    SOON,
    SOON_DAYS,
    Chased,
    Wanted,
    chased,
    leaders_in_charge,
    offices_with_open,
    open_items,
    steps_with_open,
)
from workflows.services import urging

A_PAGE = 50
COLUMNS = ("事项", "环节", "阶段", "承办机构", "时限", "截止", "经办和负责人", "分管领导", "催办")


class Filter(forms.Form):
    """What narrows the list; everything stays in the query string."""

    year = forms.IntegerField(required=False, widget=forms.HiddenInput)
    due = forms.ChoiceField(
        label="时限",
        required=False,
        choices=[(LATE, "已超期"), (SOON, f"{SOON_DAYS} 个工作日内"), (ALL, "全部在办")],
    )
    stage = forms.ChoiceField(label="阶段", required=False, choices=[("", "全部阶段"), *Stage.choices])
    office = forms.ChoiceField(label="承办机构", required=False)
    step = forms.ChoiceField(label="环节", required=False)
    leader = forms.ChoiceField(label="分管领导", required=False)

    def __init__(self, cycle: Cycle, data: dict[str, str]) -> None:
        super().__init__({**data, "year": str(cycle.year), "due": data.get("due") or LATE})
        choices = {
            "office": ("全部机构", offices_with_open(cycle)),
            "step": ("全部环节", steps_with_open(cycle)),
            "leader": ("全部分管领导", leaders_in_charge(cycle)),
        }
        for name, (anything, found) in choices.items():
            self.fields[name].choices = [("", anything), *found]  # type: ignore[attr-defined]

    def wanted(self) -> Wanted:
        """The valid part of what was asked for; an unknown choice narrows nothing."""
        self.is_valid()
        data = self.cleaned_data
        return Wanted(
            due=data.get("due") or LATE,
            stage=data.get("stage", ""),
            office=UUID(data["office"]) if data.get("office") else None,
            step=data.get("step", ""),
            leader=UUID(data["leader"]) if data.get("leader") else None,
        )


@require_GET
@seated(*OVERSEERS)
def overdue(request: SeatedRequest) -> HttpResponse:
    """GET /office/overdue/: open tasks, the longest overdue first, with whom to call."""
    cycle, now = needed_cycle(request), clock.now()
    form = Filter(cycle, request.GET.dict())
    wanted = form.wanted()
    rows = open_items(cycle, wanted, now).select_related("matter", "office__organisation", "subject")
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "office/overdue.html",
        {
            "cycle": cycle,
            "form": form,
            "page": page,
            "rows": chased(page.object_list, now),
            "wanted": wanted,
            "may_urge": request.seat.office.capacity == PERFORMANCE_OFFICE,
            "demo_banner": cycle.is_demo,
            "reset": f"{reverse('office-overdue')}?year={cycle.year}",
        },
    )


@require_POST
@seated(PERFORMANCE_OFFICE)
def urge(request: SeatedRequest) -> HttpResponse:
    """POST /office/urge/: urge one task (`item`), the ticked ones (`items`) or the whole page (`listed`)."""
    cycle = needed_cycle(request)
    ticked = request.POST.getlist("listed" if request.POST.get("every") else "items")
    chosen = [each for each in map(_uuid, ticked) if each]
    single = _uuid(request.POST.get("item", ""))
    to = _back(request, cycle)
    if single:
        return performed(
            request,
            lambda: urging.urge(single, cycle_id=cycle.pk, user_id=request.seat.user.pk),
            done="已催办，承办机构打开待办即可看到，催办已记入流程履历。",
            to=to,
        )
    return _urge_all(request, cycle, chosen, to)


def _urge_all(request: SeatedRequest, cycle: Cycle, items: list[UUID], to: str) -> HttpResponse:
    try:
        urged = urging.urge_all(items, cycle_id=cycle.pk, user_id=request.seat.user.pk)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect(to)
    skipped = f"，{urged.skipped} 项今天已经催办过或者已经办结，没有重复催办" if urged.skipped else ""
    messages.success(request, f"已催办 {urged.done} 项{skipped}。")
    return redirect(to)


@require_POST
@seated(*OVERSEERS)
def export(request: SeatedRequest) -> HttpResponse:
    """POST /office/overdue/export/: the list as it is filtered, as an Excel file."""
    cycle, now = needed_cycle(request), clock.now()
    form = Filter(cycle, request.GET.dict())
    rows = open_items(cycle, form.wanted(), now).select_related("matter", "office__organisation", "subject")
    table = Table(
        f"{cycle.year} 年度在办和超期事项",
        COLUMNS,
        [_line(each) for each in chased(rows, now)],
        cycle.is_demo,
    )
    return answer(table, "xlsx", by=actor_of(request), cycle=cycle.pk, filter=dict(request.GET.items()))


def _line(row: Chased) -> tuple[str, ...]:
    left = row.due.days_left
    state = (
        "不设时限"
        if left is None
        else f"超期 {-left} 天"
        if left < 0
        else f"剩 {left} 天"
        if left
        else "今天到期"
    )
    return (
        row.title,
        row.step,
        row.item.get_stage_display(),
        row.item.office.title,
        state,
        row.due.due,
        "；".join(row.people),
        "；".join(row.leaders),
        row.urged,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _back(request: SeatedRequest, cycle: Cycle) -> str:
    """Where the person came from, if that is one of our two lists; never an address from outside."""
    name = "office" if request.POST.get("back") == "cockpit" else "office-overdue"
    query = request.POST.get("query", "")
    return f"{reverse(name)}?{query}" if query else f"{reverse(name)}?year={cycle.year}"
