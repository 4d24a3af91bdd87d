"""整改: the board and its register, one rectification in full, listing problems, progress, revocation."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.access import AUDITOR, OVERSEERS, PERFORMANCE_OFFICE, SeatedRequest, actor_of, seated
from audit.answers import accepted, performed
from audit.exports import answer
from cycle.models import Cycle, Milestone, Rectification
from cycle.queries.rectifications import (
    Wanted,
    audience_of,
    carried_words,
    finish_of,
    narrowed,
    rectifications_seen,
    register,
    units_listed,
    with_progress,
)
from cycle.queries.recurrence import repeat_words
from cycle.queries.scopes import cycles_of
from cycle.services import rectifications
from cycle.views.shown import needed_cycle, shown_cycle, year_chips
from workflows.models import Process, WorkItem
from workflows.queries.rectify_board import Card, cards, columns, extensions_of, rows_of
from workflows.queries.task_page import files_of
from workflows.queries.timeline import timeline
from workflows.queries.visibility import processes_seen
from workflows.services import revoking

A_PAGE = 50
SEEING = ("unit", *OVERSEERS)
LISTING = (PERFORMANCE_OFFICE, AUDITOR)


class Filter(forms.Form):
    """What narrows the board; everything stays in the query string."""

    year = forms.IntegerField(required=False, widget=forms.HiddenInput)
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部状态"), *Rectification.STATES.items()]
    )
    unit = forms.ChoiceField(label="单位", required=False)
    source = forms.ChoiceField(
        label="来源", required=False, choices=[("", "全部来源"), *Rectification.Source.choices]
    )
    key = forms.ChoiceField(label="重点", required=False, choices=[("", "全部问题"), ("1", "只看重点整改")])
    late = forms.ChoiceField(label="时限", required=False, choices=[("", "全部时限"), ("1", "只看超期")])

    def __init__(self, cycle: Cycle, seen: Any, data: dict[str, str]) -> None:
        super().__init__({**data, "year": str(cycle.year)})
        units = units_listed(seen)
        self.fields["unit"].choices = [("", "全部单位"), *units]  # type: ignore[attr-defined]
        if len(units) < 2:
            del self.fields["unit"]
        self.is_valid()

    def wanted(self) -> Wanted:
        """The valid part of what was asked for; an unknown choice narrows nothing."""
        data = self.cleaned_data
        return Wanted(
            unit=data.get("unit", ""),
            source=data.get("source", ""),
            key=bool(data.get("key")),
            state=data.get("state", ""),
        )

    @property
    def late_only(self) -> bool:
        """Whether only what is overdue is asked for."""
        return bool(self.cleaned_data.get("late"))

    def query(self) -> str:
        """The query string without the state."""
        given = {name: self.cleaned_data.get(name) for name in ("unit", "source", "key", "late")}
        parts = [f"year={self.data['year']}", *(f"{name}={value}" for name, value in given.items() if value)]
        return "&".join(parts)


def _found(request: SeatedRequest, cycle: Cycle, form: Filter) -> list[Card]:
    """What the filter asks for, in every state."""
    wanted = replace(form.wanted(), state="")
    found = cards(narrowed(rectifications_seen(request.seat, cycle), wanted), request.seat.at)
    return [card for card in found if card.is_late] if form.late_only else found


def _in_state(found: list[Card], form: Filter) -> list[Card]:
    state = form.wanted().state
    return [card for card in found if card.matter.state == state] if state else found


@require_safe
@seated(*SEEING)
def board(request: SeatedRequest) -> HttpResponse:
    """GET /rectify/: a column for each state; with a state, the list of that state."""
    cycle, cycles = shown_cycle(request)
    may_list = request.seat.capacity in LISTING
    if cycle is not None and not request.GET.get("year"):
        cycle = _year_with_problems(request, cycles) or cycle
    if cycle is None:
        return render(request, "rectify/board.html", {"cycle": None, "may_list": False})
    form = Filter(cycle, rectifications_seen(request.seat, cycle), request.GET.dict())
    found = _found(request, cycle, form)
    state = form.wanted().state
    listed = _in_state(found, form)
    page = Paginator(listed, A_PAGE).get_page(request.GET.get("page")) if state else None
    context = {
        "cycle": cycle,
        "chips": year_chips(cycles, cycle),
        "demo_banner": cycle.is_demo,
        "form": form,
        "may_list": may_list,
        "may_carry": request.seat.capacity == PERFORMANCE_OFFICE,
        "strip": _strip(found, form),
        "columns": [] if state else columns(found, form.query()),
        "page": page,
        "table": _table(page) if page else None,
        "state_title": Rectification.STATES.get(state, ""),
        "found": len(listed),
        "reset": f"{reverse('rectify')}?year={cycle.year}",
        "is_shown": audience_of(cycle) != "inside",
    }
    return render(request, "rectify/board.html", context)


def _year_with_problems(request: SeatedRequest, cycles: list[Cycle]) -> Cycle | None:
    """The newest year that has any: problems come of a year's end, when the next has long begun."""
    return next((each for each in cycles if rectifications_seen(request.seat, each).exists()), None)


def _strip(found: list[Card], form: Filter) -> list[dict[str, Any]]:
    base, year = reverse("rectify"), f"year={form.data['year']}"
    late = sum(card.is_late for card in found)
    running = sum(not card.matter.is_final for card in found)
    keys = sum(card.matter.is_key for card in found)
    again = sum(bool(card.repeats) for card in found)
    closed = sum(card.matter.state == "closed" for card in found)
    return [
        {"label": "在办", "value": running, "icon": "flow", "tone": "info"},
        {"label": "超期", "value": late, "icon": "alert", "tone": "bad" if late else "neutral",
         "url": f"{base}?{year}&late=1"},
        {"label": "重点整改", "value": keys, "icon": "star", "url": f"{base}?{year}&key=1"},
        {"label": "重复出现", "value": again, "icon": "undo", "tone": "warn" if again else "neutral"},
        {"label": "已销号", "value": closed, "icon": "done", "tone": "good",
         "url": f"{base}?{year}&state=closed"},
    ]  # fmt: skip


def _table(page: Any) -> dict[str, Any]:
    labels = ("问题类别", "单位", "存在问题", "状态", "在谁手中")
    return {
        "caption": "整改问题",
        "cards": True,
        "columns": [{"label": label} for label in labels],
        "rows": rows_of(page),
    }


@require_POST
@seated(*SEEING)
def export(request: SeatedRequest, kind: str) -> HttpResponse:
    """POST /rectify/export/<kind>/: the register (整改台账) as it is filtered."""
    cycle = needed_cycle(request)
    form = Filter(cycle, rectifications_seen(request.seat, cycle), request.GET.dict())
    found = _in_state(_found(request, cycle, form), form)
    table = register(
        [card.matter for card in found], cycle, {card.matter.pk for card in found if card.is_late}
    )
    return answer(table, kind, by=actor_of(request), cycle=cycle.pk, filter=dict(request.GET.items()))


def one_seen(request: SeatedRequest, rectification_id: UUID) -> Rectification:
    """Return a rectification that the acting office may see; 404 otherwise."""
    rows = Rectification.objects.filter(cycle__in=cycles_of(request.seat)).select_related("cycle")
    found = rows.filter(pk=rectification_id).first()
    if found is not None:
        seen = with_progress(rectifications_seen(request.seat, found.cycle))
        found = seen.select_related("indicator", "origin", "recurs__cycle").filter(pk=found.pk).first()
    if found is None:
        raise Http404("没有找到这项整改，或者它不属于你目前的岗位。")
    return found


@require_safe
@seated(*SEEING)
def one(request: SeatedRequest, rectification_id: UUID) -> HttpResponse:
    """GET /rectify/<id>/: problem, plan, progress, evidence, history, recurrence, requests for more time."""
    return show(request, one_seen(request, rectification_id))


def show(
    request: SeatedRequest, matter: Rectification, *, error: str = "", failed: str = "", note: str = ""
) -> HttpResponse:
    """Render the page; a refused tick comes back with what was typed (422)."""
    seat = request.seat
    items = WorkItem.objects.filter(matter=matter.pk, flow=Rectification.KIND, state=WorkItem.State.OPEN)
    item = items.select_related("office").first()
    process = Process.objects.filter(matter=matter.pk).select_related("cycle", "matter", "subject").first()
    own = seat.capacity == "unit"
    context = {
        "matter": matter,
        "cycle": matter.cycle,
        "demo_banner": matter.cycle.is_demo,
        "card": next(iter(cards(Rectification.objects.filter(pk=matter.pk).select_related("subject", "cycle"),
                                seat.at))),
        "repeats": repeat_words(matter.text.get("years", [])),
        "finish": finish_of(matter),
        "carried": carried_words(matter),
        "item": item,
        "may_do": item is not None and seat.may_do(item.office_id, item.role),
        "process": process,
        "entries": timeline(process, seat.at) if process else [],
        "milestones": list(matter.milestones.all()),
        "may_tick": own and matter.state == "underway",
        "may_revoke": seat.capacity == PERFORMANCE_OFFICE and not matter.is_final,
        "evidence": files_of(matter.pk, seat.at),
        "extensions": extensions_of(matter),
        "pairs": _facts(request, matter),
        "error": error,
        "failed": failed,
        "note": note,
    }  # fmt: skip
    return render(request, "rectify/one.html", context, status=422 if error else 200)


def _facts(request: SeatedRequest, matter: Rectification) -> list[dict[str, Any]]:
    pairs: list[dict[str, Any]] = [
        {"label": "单位", "value": matter.unit.title},
        {"label": "问题来源", "value": matter.get_source_display()},
        {"label": "问题类别", "value": matter.topic},
        {"label": "存在问题", "value": matter.problem, "long": True},
        {"label": "整改要求", "value": matter.requirement or "—", "long": True},
    ]
    if matter.indicator:
        url = reverse("indicator", args=[matter.indicator_id])
        pairs.append({"label": "关联指标", "value": matter.indicator.title, "url": url})
    if matter.origin:
        process = processes_seen(request.seat).filter(matter=matter.origin_id).first()
        url = reverse("process", args=[process.pk]) if process else ""
        pairs.append({"label": "所依据的事项", "value": matter.origin.title, "url": url})
    return pairs


@require_POST
@seated("unit")
def tick(request: SeatedRequest, rectification_id: UUID, milestone_id: UUID) -> HttpResponse:
    """POST …/milestones/<id>/: the unit ticks off a step of its plan, with a note."""
    matter = one_seen(request, rectification_id)
    if not Milestone.objects.filter(pk=milestone_id, rectification=matter).exists():
        raise Http404("没有找到这个进度节点，方案可能已经重新制定。")
    note = request.POST.get("note", "")[:500]
    form = _Note({"note": note})
    if accepted(form, lambda: rectifications.tick(milestone_id, user_id=request.seat.user.pk, note=note)):
        return redirect("rectify-one", matter.pk)
    error = "；".join(str(each) for errors in form.errors.values() for each in errors)
    return show(request, matter, error=error, failed=str(milestone_id), note=note)


class _Note(forms.Form):
    note = forms.CharField(required=False, max_length=500)


class RevokeForm(forms.Form):
    """Why a problem is taken off the list."""

    why = forms.CharField(
        label="撤销的理由和依据",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
        help_text="写明哪份决定认定不存在这一问题；记入台账，审计可查。",
        error_messages={"required": "请写明撤销的理由和依据的决定，再撤销这项整改。"},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@seated(PERFORMANCE_OFFICE)
def revoke(request: SeatedRequest, rectification_id: UUID) -> HttpResponse:
    """Take a problem off the list, because a decision removed what it rested on."""
    matter = one_seen(request, rectification_id)
    form = RevokeForm(request.POST or None)
    back = reverse("rectify-one", args=[matter.pk])
    if request.method == "POST" and form.is_valid():
        why = form.cleaned_data["why"]
        return performed(
            request,
            lambda: revoking.revoke_rectification(matter.pk, user_id=request.seat.user.pk, why=why),
            done=f"“{matter.title}”已撤销，正在办理的任务同时终止。",
            to=back,
        )
    context = {
        "form": form,
        "title": f"撤销：{matter.title}",
        "text": "撤销后单位不再整改这个问题，正在办理的任务同时终止；记录保留，不能恢复。",
        "confirm": "撤销这项整改",
        "back": back,
        "demo_banner": matter.cycle.is_demo,
    }
    return render(request, "rectify/revoke.html", context, status=422 if form.is_bound else 200)
