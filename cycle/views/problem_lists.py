"""Listing problems: one or several at once, one block each; the year's units, the sources of the office."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from audit.access import AUDITOR, PERFORMANCE_OFFICE, SeatedRequest, seated
from audit.refusals import NotFound, Refusal
from cycle.models import Cycle, Matter, Rectification
from cycle.services.problem_lists import SOURCES, Problem, list_problems
from cycle.views.shown import needed_cycle

FIRST_LINES, MORE_LINES, MOST_LINES = 1, 4, 60
_NO_UNIT = dict.fromkeys(("required", "invalid_choice"), "请从列表中选择单位。")


class HeadForm(forms.Form):
    """Where the problems come from, and the matter they rest on."""

    source = forms.ChoiceField(label="问题来源")
    origin = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, capacity: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(each, str(Rectification.Source(each).label)) for each in SOURCES[capacity]]
        self.fields["source"].choices = choices  # type: ignore[attr-defined]


class ProblemForm(forms.Form):
    """One problem. A line that was left empty is passed over."""

    unit = forms.ChoiceField(label="责任单位", error_messages=_NO_UNIT)
    topic = forms.CharField(
        label="问题类别",
        max_length=40,
        help_text="例如“数据台账”。以后年度据此识别重复出现的问题，同类问题请用相同的名称。",
        error_messages={"required": "请写明问题类别，例如“数据台账”。"},
    )
    problem = forms.CharField(
        label="存在问题",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 1000}),
        error_messages={"required": "请写明存在的问题：在哪里、什么时候、差在哪里。"},
    )
    requirement = forms.CharField(
        label="整改要求",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 1000}),
    )
    indicator = forms.CharField(
        label="关联指标", required=False, max_length=120, help_text="填指标名称或者编号，没有的不填。"
    )
    is_key = forms.BooleanField(label="重点整改（进展按考核办法公开，并列入下一年度指标）", required=False)

    def __init__(self, *args: Any, units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [("", "请选择单位"), *units]  # type: ignore[attr-defined]
        if len(units) == 1:
            self.fields["unit"].initial = units[0][0]


@require_http_methods(["GET", "HEAD", "POST"])
@seated(PERFORMANCE_OFFICE, AUDITOR)
def new(request: SeatedRequest) -> HttpResponse:
    """GET /rectify/new/: blocks to fill in (?unit=, ?origin= fill in what is known); POST: list them."""
    cycle = needed_cycle(request)
    origin = _origin(request, cycle)
    units = list(cycle.subjects.values_list("code", "title"))
    if request.method != "POST":
        first = {"unit": origin.subject.code if origin and origin.subject else request.GET.get("unit", "")}
        head = HeadForm(capacity=request.seat.capacity, initial=_known(request, origin))
        return _page(request, cycle, head, [_line(0, units, initial=first)], origin)
    return _posted(request, cycle, units, origin)


def _posted(
    request: SeatedRequest, cycle: Cycle, units: list[tuple[str, str]], origin: Matter | None
) -> HttpResponse:
    head = HeadForm(request.POST, capacity=request.seat.capacity)
    count = _count(request.POST.get("count", ""))
    if "more" in request.POST:  # what was typed stays; nothing is judged yet
        wanted = min(count + MORE_LINES, MOST_LINES)
        typed = [_line(place, units, initial=_typed(request, place)) for place in range(wanted)]
        known = {"source": request.POST.get("source", ""), "origin": request.POST.get("origin", "")}
        return _page(request, cycle, HeadForm(capacity=request.seat.capacity, initial=known), typed, origin)
    lines = [
        _line(place, units, request.POST)
        for place in range(count)
        if place == 0 or any(_written(request, place))
    ]
    judged = [form.is_valid() for form in (head, *lines)]
    if all(judged):
        try:
            made = _list(request, cycle, head, lines)
        except NotFound as refusal:
            raise Http404(str(refusal)) from refusal
        except Refusal as refusal:
            _blame(refusal, head, lines)
        else:
            messages.success(request, f"已列入 {made} 个问题，责任单位会收到制定整改方案的任务。")
            return redirect(f"{reverse('rectify')}?year={cycle.year}")
    return _page(request, cycle, head, lines, origin, status=422)


def _list(request: SeatedRequest, cycle: Cycle, head: HeadForm, lines: list[ProblemForm]) -> int:
    problems = [Problem(field=f"{line.prefix}-", **line.cleaned_data) for line in lines]
    made = list_problems(
        cycle.pk,
        problems,
        source=head.cleaned_data["source"],
        origin_id=head.cleaned_data["origin"],
        user_id=request.seat.user.pk,
        office_id=request.seat.office.pk,
    )
    return len(made)


def _blame(refusal: Refusal, head: HeadForm, lines: list[ProblemForm]) -> None:
    """Show a refusal at the field that it names, else above all."""
    for line in lines:
        field = refusal.field.removeprefix(f"{line.prefix}-")
        if refusal.field.startswith(f"{line.prefix}-") and field in line.fields:
            line.add_error(field, str(refusal))
            return
    head.add_error("source" if refusal.field == "source" else None, str(refusal))


def _line(place: int, units: list[tuple[str, str]], data: Any = None, **more: Any) -> ProblemForm:
    return ProblemForm(data, units=units, prefix=f"lines-{place}", **more)


def _count(text: str) -> int:
    return max(1, min(int(text), MOST_LINES)) if text.isdecimal() and len(text) < 4 else FIRST_LINES


def _typed(request: SeatedRequest, place: int) -> dict[str, str]:
    return {name: request.POST.get(f"lines-{place}-{name}", "") for name in ProblemForm.base_fields}


def _written(request: SeatedRequest, place: int) -> list[str]:
    """What was typed into a block by hand; a chosen unit alone makes no problem."""
    return [text.strip() for name, text in _typed(request, place).items() if name != "unit"]


def _known(request: SeatedRequest, origin: Matter | None) -> dict[str, Any]:
    sources = {"appeal": "appeal", "feedback": "feedback"}
    if origin is None:
        return {}
    return {"origin": origin.pk, "source": sources.get(origin.kind, "monitoring")}


def _origin(request: SeatedRequest, cycle: Cycle) -> Matter | None:
    """The matter that the problems rest on, where the page was opened from one."""
    given = request.GET.get("origin", "") or request.POST.get("origin", "")
    field = forms.UUIDField(required=False)
    try:
        key = field.clean(given)
    except forms.ValidationError as error:
        raise Http404("没有找到问题所依据的事项。") from error
    return Matter.objects.filter(pk=key, cycle=cycle).select_related("subject").first() if key else None


def _page(
    request: SeatedRequest,
    cycle: Cycle,
    head: HeadForm,
    lines: list[ProblemForm],
    origin: Matter | None,
    *,
    status: int = 200,
) -> HttpResponse:
    errors = [
        {"text": f"{name}{field.label}：{error}", "url": f"#{field.auto_id}"}
        for form, name in [
            (head, ""),
            *((line, f"第 {place} 个问题 ") for place, line in enumerate(lines, 1)),
        ]
        for field in form
        for error in field.errors
    ]
    above = [{"text": str(error), "url": ""} for error in head.non_field_errors()]
    context = {
        "cycle": cycle,
        "demo_banner": cycle.is_demo,
        "head": head,
        "lines": lines,
        "count": max((int(str(line.prefix).rpartition("-")[2]) + 1 for line in lines), default=1),
        "origin": origin,
        "errors": above + errors,
        "back": f"{reverse('rectify')}?year={cycle.year}",
    }
    return render(request, "rectify/new.html", context, status=status)
