"""列入下年度指标: key items for the year in preparation, each drafted as an indicator or declined."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from audit.access import PERFORMANCE_OFFICE, SeatedRequest, seated
from audit.answers import accepted
from cycle.models import Cycle, Indicator, Rectification, Subject
from cycle.queries.carrying import preparing, taken_items, waiting_items
from cycle.queries.method_words import METHOD_TITLES
from cycle.queries.packs import rules_of
from cycle.queries.rectifications import carried_words
from cycle.queries.rules import indicator_points
from cycle.queries.scopes import cycles_of
from cycle.services import carrying
from cycle.services.numbers import plain
from offices.models import Office
from policies.packs.contents import flat_components


def _area(rows: int, length: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "maxlength": length})


class DraftForm(forms.Form):
    """An indicator's draft, as a line of the indicators' table has it."""

    title = forms.CharField(label="指标", max_length=120, error_messages={"required": "请填写指标名称。"})
    indicator = forms.SlugField(
        label="编号",
        max_length=60,
        error_messages=dict.fromkeys(
            ("required", "invalid"), "编号只能用英文字母、数字、下划线和连字符，请填写。"
        ),
    )
    component = forms.ChoiceField(label="构成部分")
    heading = forms.ChoiceField(label="一级指标", required=False)
    points = forms.CharField(label="分值", max_length=20, error_messages={"required": "请填写分值，例如 5。"})
    unit_of_measure = forms.CharField(label="计量单位", required=False, max_length=20)
    method = forms.ChoiceField(label="计分方法")
    target = forms.CharField(label="全年目标", required=False, max_length=40)
    params = forms.CharField(
        label="方法参数",
        required=False,
        max_length=2000,
        help_text="多数方法不用填；分档等方法填 JSON，写法见考核办法。",
    )
    collector = forms.ChoiceField(
        label="数据采集单位", error_messages={"required": "请选择由哪个单位采集数据。"}
    )
    source = forms.CharField(label="数据来源", required=False, max_length=120)
    standard = forms.CharField(
        label="验收标准",
        max_length=2000,
        widget=_area(3, 2000),
        error_messages={"required": "请写明做到什么程度算完成。"},
    )
    rule = forms.CharField(
        label="计分规则",
        max_length=2000,
        widget=_area(3, 2000),
        error_messages={"required": "请写明怎样计分。"},
    )
    measures = forms.CharField(label="工作措施", required=False, max_length=2000, widget=_area(2, 2000))

    def __init__(self, *args: Any, subject: Subject, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pack = rules_of(subject.cycle)
        scored = {
            key: one
            for key, one, _ in flat_components(pack.content[subject.group].components)
            if one.scored_by == "indicators"
        }
        headings = {key: title for one in scored.values() for key, title in one.headings.items()}
        collectors = Office.objects.filter(capacity="collector").exclude(organisation=subject.organisation_id)
        codes = collectors.order_by("title").values_list("organisation__code", "title")
        self._offer("component", [(key, one.title) for key, one in scored.items()])
        self._offer("heading", [("", "不分一级指标"), *headings.items()])
        self._offer("method", list(METHOD_TITLES.items()))
        self._offer("collector", [("", "请选择"), *codes])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def row(self) -> dict[str, str]:
        """Return the line of the table; a cell has no line breaks."""
        return {name: " ".join(str(value).split()) for name, value in self.cleaned_data.items()}


class DeclineForm(forms.Form):
    """Why a key item does not become an indicator."""

    why = forms.CharField(
        label="不列入的理由",
        max_length=500,
        widget=_area(3, 500),
        help_text="例如：问题已经销号并有长效制度。记入台账，审计可查。",
        error_messages={"required": "请写明这项重点整改为什么不列入指标，审计可以查阅。"},
    )


@require_safe
@seated(PERFORMANCE_OFFICE)
def carry_list(request: SeatedRequest) -> HttpResponse:
    """GET /rectify/carry/: key items of earlier years that the year in preparation has to deal with."""
    cycle = preparing(cycles_of(request.seat))
    context: dict[str, Any] = {"cycle": cycle}
    if cycle:
        context |= {
            "demo_banner": cycle.is_demo,
            "waiting": waiting_items(cycle),
            "taken": [{"matter": each, "words": carried_words(each)} for each in taken_items(cycle)],
        }
    return render(request, "rectify/carry_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@seated(PERFORMANCE_OFFICE)
def carry(request: SeatedRequest, rectification_id: UUID) -> HttpResponse:
    """Draft an indicator out of a key item, or put on record why not."""
    cycles = cycles_of(request.seat)
    rows = Rectification.objects.filter(cycle__in=cycles, is_key=True).select_related("cycle", "subject")
    matter, cycle = rows.filter(pk=rectification_id).first(), preparing(cycles)
    if matter is None or cycle is None or matter.cycle.year >= cycle.year:
        raise Http404("没有找到这项重点整改，或者没有正在准备的年度可以列入。")
    subject = Subject.objects.filter(cycle=cycle, organisation=matter.unit.organisation_id).first()
    if subject:
        subject.cycle = cycle
    declining = request.POST.get("action") == "decline"
    draft = _draft_form(request, matter, subject, declining)
    decline = DeclineForm(request.POST if declining else None)
    if request.method == "POST" and _done(request, matter, cycle, draft, decline, declining):
        return redirect("rectify-carrying")
    bound = decline if declining else draft
    context = {
        "matter": matter,
        "cycle": cycle,
        "subject": subject,
        "form": bound if bound is not None and bound.is_bound else None,
        "draft": draft,
        "decline": decline,
        "points": _points(subject) if subject else [],
        "demo_banner": cycle.is_demo,
    }
    return render(request, "rectify/carry.html", context, status=422 if request.method == "POST" else 200)


def _draft_form(
    request: SeatedRequest, matter: Rectification, subject: Subject | None, declining: bool
) -> DraftForm | None:
    if subject is None:
        return None
    initial = {
        "title": matter.topic,
        "indicator": f"zg{matter.cycle.year}-{matter.key}",
        "standard": matter.requirement,
        "measures": matter.plan,
    }
    posted = request.POST if request.method == "POST" and not declining else None
    return DraftForm(posted, subject=subject, initial=initial)


def _done(
    request: SeatedRequest,
    matter: Rectification,
    cycle: Cycle,
    draft: DraftForm | None,
    decline: DeclineForm,
    declining: bool,
) -> bool:
    who = {"cycle_id": cycle.pk, "user_id": request.seat.user.pk}
    if declining:
        done = accepted(decline, lambda: carrying.decline(matter.pk, **who, **decline.cleaned_data))
        said = f"已记录“{matter.title}”不列入 {cycle.year} 年度指标的理由。"
    else:
        done = draft is not None and accepted(
            draft,
            lambda: carrying.take_over(matter.pk, draft.row(), **who),
        )
        said = f"“{matter.title}”已列入 {matter.unit} {cycle.year} 年度的指标草案。"
    if done:
        messages.success(request, said)
    return done


def _points(subject: Subject) -> list[str]:
    """How many points the unit's drafts have so far, against what each component has."""
    drafted = Indicator.objects.filter(subject=subject, state="draft")
    sums: dict[str, Any] = {}
    for component, points in drafted.values_list("component", "points"):
        sums[component] = sums.get(component, 0) + points
    pack = rules_of(subject.cycle)
    titles = {key: one.title for key, one, _ in flat_components(pack.content[subject.group].components)}
    return [
        f"{titles[key]}共 {plain(points)} 分，指标草案已有 {plain(sums[key]) if key in sums else 0} 分"
        for key, points in indicator_points(pack, subject.group).items()
    ]
