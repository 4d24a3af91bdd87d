"""A stage's page: its gate, and the office's decisions, each confirmed with its consequences in view."""

import datetime as dt

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from audit import clock
from audit.access import OVERSEERS, PERFORMANCE_OFFICE, SeatedRequest, seated
from audit.answers import performed
from cycle.models import Cycle, Stage, Turnout
from cycle.queries.ballots import turnout_counts
from cycle.queries.packs import rules_of
from cycle.queries.periods import period_title
from cycle.queries.preconditions import ties
from cycle.queries.results import latest_run
from cycle.queries.uses_pages import frozen_lines
from cycle.views.shown import needed_cycle, shown_cycle, year_chips
from workflows.queries.cockpit import figures, stage_strip
from workflows.queries.console import deeds
from workflows.queries.gate import by_kind, open_rows, waited, waived

A_PAGE = 50


@require_GET
@seated(*OVERSEERS)
def stage_page(request: SeatedRequest, stage: str) -> HttpResponse:
    """GET /office/stage/<stage>/: what is open by unit and step, and what the office may do now."""
    shown, (cycle, cycles) = _stage(stage), shown_cycle(request)
    if cycle is None:
        raise Http404("还没有建立考核周期。")
    now = clock.now()
    kind, unit = request.GET.get("kind", ""), request.GET.get("unit", "")
    rows = open_rows(cycle, stage, kind=kind, unit=unit)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "office/stage.html",
        {
            "cycle": cycle,
            "stage": shown,
            "chips": year_chips(cycles, cycle),
            "demo_banner": cycle.is_demo,
            "stages": stage_strip(figures(cycle, now), cycle.year),
            "kinds": by_kind(cycle, stage),
            "kind": kind,
            "page": page,
            "rows": waited(page.object_list, now),
            "unit": unit,
            "waived": waived(rows, clock.local_date(now)),
        }
        | _console(request, cycle, shown, now),
    )


def _console(request: SeatedRequest, cycle: Cycle, stage: Stage, now: dt.datetime) -> dict[str, object]:
    capacity = request.seat.office.capacity
    found: dict[str, object] = {
        "deeds": deeds(cycle, stage, clock.local_date(now), request.seat.user.pk),
        "may_act": capacity == PERFORMANCE_OFFICE,
        "may_decide": capacity == "leading_group",
    }
    if stage in (Stage.FEEDBACK, Stage.USES) and cycle.state == stage:
        found |= {"ties": _tie_lines(cycle), "frozen": frozen_lines(cycle)}
    if stage == Stage.ASSESSMENT:
        run = latest_run(cycle)
        found |= {"run": run, "ties": _tie_lines(cycle), "rounds": _rounds(cycle), "quotas": _quotas(cycle)}
    return found


def _tie_lines(cycle: Cycle) -> list[dict[str, str]]:
    pack, lines = rules_of(cycle), []
    for tie in ties(latest_run(cycle)):
        names = "、".join(str(each.subject) for each in tie.units)
        level = pack.grades[tie.group].levels[tie.level].title
        url = f"{reverse('office-tie', args=[tie.group, tie.level])}?year={cycle.year}"
        text = f"{pack.groups[tie.group].title}：{names}得分并列，“{level}”的先后由领导小组决定"
        lines.append({"text": text, "url": url})
    return lines


def _quotas(cycle: Cycle) -> list[dict[str, str]]:
    """Levels whose number of places the policy leaves to a decision within bounds."""
    pack, lines = rules_of(cycle), []
    for group, scheme in pack.grades.items():
        for key, level in scheme.levels.items():
            low, high = level.quota.count if level.quota and level.quota.count else (0, 0)
            if low < high:
                url = f"{reverse('office-quota', args=[group, key])}?year={cycle.year}"
                text = f"{pack.groups[group].title}“{level.title}”名额 {low}–{high} 个"
                lines.append({"text": f"{text}，没有另作决定的按 {high} 个计", "url": url})
    return lines


def _rounds(cycle: Cycle) -> list[dict[str, object]]:
    """The rounds of leaders' ballots that still have somebody to vote."""
    keys = Turnout.objects.filter(cycle=cycle, state="invited").values_list("key", flat=True).distinct()
    return [
        {"key": key, "title": f"{period_title(key)}领导评估", **turnout_counts(cycle, key)}
        for key in sorted(keys)
    ]


@require_http_methods(["GET", "POST"])
@seated(PERFORMANCE_OFFICE)
def act(request: SeatedRequest, stage: str, action: str) -> HttpResponse:
    """GET: a decision with its needs and consequences; POST: do it, then back to the stage."""
    shown, cycle = _stage(stage), needed_cycle(request)
    offered = deeds(cycle, stage, clock.local_date(clock.now()), request.seat.user.pk)
    deed = next((each for each in offered if each.action == action), None)
    back = f"{reverse('office-stage', args=[stage])}?year={cycle.year}"
    if deed is None:
        messages.error(
            request, f"{cycle.title}目前处于“{cycle.get_state_display()}”，这一步已经办过或者还不能办。"
        )
        return redirect(back)
    if request.method == "POST":
        return performed(request, lambda: deed.does(cycle.pk), done=deed.done, to=back)
    context = {"cycle": cycle, "stage": shown, "deed": deed, "back": back, "demo_banner": cycle.is_demo}
    return render(request, "office/confirm.html", context)


def _stage(text: str) -> Stage:
    if text not in Stage.values:
        raise Http404("没有这个阶段。")
    return Stage(text)
