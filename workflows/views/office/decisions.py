"""Decisions that need words: a waiver, the order of tied units, the number of places."""

from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from audit.access import LEADING_GROUP, SeatedRequest, seated
from audit.answers import accepted
from cycle.models import Cycle, Grade, Matter
from cycle.queries.packs import rules_of
from cycle.queries.preconditions import Tie, ties
from cycle.queries.results import latest_run
from cycle.queries.scopes import cycles_of
from cycle.services import scoring, waivers
from cycle.services.decisions import settle_tie
from cycle.views.shown import needed_cycle

COUNTS = "从下一次计分起生效，请县绩效办重新计分。"


def why_field() -> forms.CharField:
    """The reason and the meeting a decision rests on."""
    return forms.CharField(
        label="理由和会议依据",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
        help_text="写明作出决定的会议、时间和理由，将记入台账，审计可查。",
    )


class WaiverForm(forms.Form):
    """Until when a gate may pass over an open matter, and why."""

    until = forms.DateField(label="豁免到", widget=forms.DateInput(attrs={"type": "date"}))
    why = why_field()


class TieForm(forms.Form):
    """A place for each tied unit, and one reason for all."""

    def __init__(self, units: list[Grade], data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        for each in units:
            place = forms.IntegerField(
                label=f"{each.subject}（{each.total} 分）", min_value=1, max_value=len(units)
            )
            self.fields[str(each.subject_id)] = place
        self.fields["why"] = why_field()


class QuotaForm(forms.Form):
    """How many places a level has this year."""

    why = why_field()

    def __init__(self, low: int, high: int, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["places"] = forms.IntegerField(
            label=f"名额（{low} 到 {high} 个）", min_value=low, max_value=high
        )
        self.order_fields(["places", "why"])


@require_http_methods(["GET", "POST"])
@seated(LEADING_GROUP)
def waive(request: SeatedRequest, matter_id: UUID) -> HttpResponse:
    """Let the gate pass over one open matter until a date."""
    matter = (
        Matter.objects.filter(pk=matter_id, cycle__in=cycles_of(request.seat)).select_related("cycle").first()
    )
    if matter is None:
        raise Http404("没有找到这一事项。")
    form = WaiverForm(request.POST or None)
    back = _stage_url(matter.cycle, matter.stage)
    if request.method == "POST" and accepted(
        form, lambda: waivers.grant(matter.pk, user_id=request.seat.user.pk, **form.cleaned_data)
    ):
        return redirect(back)
    return _answer(
        request,
        form,
        matter.cycle,
        back,
        {
            "title": f"豁免：{matter.title}",
            "confirm": "同意豁免",
            "text": f"目前状态是“{matter.state_title}”。豁免只是让阶段可以往下走，这一事项仍须办完。",
        },
    )


@require_http_methods(["GET", "POST"])
@seated(LEADING_GROUP)
def tie(request: SeatedRequest, group: str, level: str) -> HttpResponse:
    """Decide the order of units that are equal at the last place of a level."""
    cycle = needed_cycle(request)
    found = _tie(cycle, group, level)
    form = TieForm(found.units, request.POST or None)
    back = _stage_url(cycle, cycle.state)
    if request.method == "POST" and accepted(form, lambda: _settle(request, cycle, found, form)):
        return redirect(back)
    title = rules_of(cycle).grades[group].levels[level].title
    return _answer(
        request,
        form,
        cycle,
        back,
        {
            "title": f"决定并列单位评“{title}”的先后",
            "confirm": "确定先后",
            "text": f"得分相同、比较规则用尽，先后由领导小组决定，1 为最前。{COUNTS}",
        },
    )


def _tie(cycle: Cycle, group: str, level: str) -> Tie:
    found = next(
        (each for each in ties(latest_run(cycle)) if (each.group, each.level) == (group, level)), None
    )
    if found is None:
        raise Http404("没有需要决定先后的并列单位。")
    return found


def _settle(request: SeatedRequest, cycle: Cycle, found: Tie, form: TieForm) -> None:
    order = {each.subject_id: str(form.cleaned_data[str(each.subject_id)]) for each in found.units}
    settle_tie(
        cycle.pk,
        group=found.group,
        level=found.level,
        order=order,
        why=form.cleaned_data["why"],
        user_id=request.seat.user.pk,
    )


@require_http_methods(["GET", "POST"])
@seated(LEADING_GROUP)
def quota(request: SeatedRequest, group: str, level: str) -> HttpResponse:
    """Decide the number of places of a level within the policy's bounds."""
    cycle = needed_cycle(request)
    low, high, title = _bounds(cycle, group, level)
    form = QuotaForm(low, high, request.POST or None)
    back = _stage_url(cycle, "assessment")
    if request.method == "POST" and accepted(
        form,
        lambda: scoring.decide(
            cycle.pk,
            group=group,
            item=f"quota:{level}",
            value=str(form.cleaned_data["places"]),
            why=form.cleaned_data["why"],
            user_id=request.seat.user.pk,
        ),
    ):
        return redirect(back)
    return _answer(
        request,
        form,
        cycle,
        back,
        {
            "title": f"决定“{title}”的名额",
            "confirm": "确定名额",
            "text": f"考核办法规定 {low} 到 {high} 个。{COUNTS}",
        },
    )


def _bounds(cycle: Cycle, group: str, level: str) -> tuple[int, int, str]:
    scheme = rules_of(cycle).grades.get(group)
    found = scheme.levels.get(level) if scheme else None
    if found is None or found.quota is None or found.quota.count is None:
        raise Http404("这个等次的名额不由决定确定。")
    return *found.quota.count, found.title


def _stage_url(cycle: Cycle, stage: str) -> str:
    return f"{reverse('office-stage', args=[stage])}?year={cycle.year}"


def _answer(
    request: SeatedRequest, form: forms.Form, cycle: Cycle, back: str, words: dict[str, str]
) -> HttpResponse:
    context = {"form": form, "back": back, "demo_banner": cycle.is_demo, **words}
    return render(request, "office/decision.html", context, status=422 if form.is_bound else 200)
