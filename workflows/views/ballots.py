"""Leaders' ballots by link and on paper; the performance office's list of who has voted."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.access import PERFORMANCE_OFFICE, SeatedRequest, seated
from audit.answers import performed
from audit.refusals import NotFound, Refusal
from cycle.models import Cycle, Turnout
from cycle.queries.ballots import turnout_counts, voters_units
from cycle.queries.periods import period_title
from cycle.queries.scopes import chosen, cycles_of
from cycle.services.ballots import invited_by
from workflows.forms.ballots import SECRECY, ballot_grid
from workflows.forms.parts import Section, cleaned
from workflows.queries.turnouts import round_keys, voters
from workflows.queries.visibility import matters_seen
from workflows.services import ballot_links, rounds


def _cycle(request: SeatedRequest) -> Cycle:
    year = request.GET.get("year", "")
    cycle = chosen(cycles_of(request.seat), int(year) if year.isdecimal() and len(year) < 5 else None)
    if cycle is None:
        raise Http404("没有找到这个年度的考核。")
    return cycle


@require_safe
@seated(PERFORMANCE_OFFICE)
def turnout_list(request: SeatedRequest, key: str) -> HttpResponse:
    """List who has voted in a round."""
    cycle = _cycle(request)
    keys = round_keys(cycle)
    if key not in keys:
        raise Http404("这一轮没有领导评估，请核对地址或从驾驶舱进入。")
    views = [
        {"label": period_title(each), "url": reverse("round-ballots", args=[each]), "active": each == key}
        for each in keys
    ]
    context = {
        "title": f"领导评估：{period_title(key)}",
        "key": key,
        "views": views,
        "voters": voters(cycle, key, request.seat.at),
        "counts": turnout_counts(cycle, key),
    }
    return render(request, "ballot/turnout.html", context)


@require_POST
@seated(PERFORMANCE_OFFICE)
def link(request: SeatedRequest, turnout_id: UUID) -> HttpResponse:
    """Make a one-time link and show it this once."""
    turnout = _turnout(request, turnout_id)
    made: list[str] = []
    back = reverse("round-ballots", args=[turnout.key])
    answer = performed(
        request,
        lambda: made.append(ballot_links.issue(turnout_id, user_id=request.seat.user.pk)),
        done="评分链接已生成，此前发出的链接已失效。",
        to=back,
    )
    if not made:
        return answer
    address = request.build_absolute_uri(reverse("vote", args=[made[0]]))
    return render(request, "ballot/link.html", {"turnout": turnout, "address": address, "back": back})


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@seated(PERFORMANCE_OFFICE)
def paper(request: SeatedRequest, turnout_id: UUID) -> HttpResponse:
    """Enter a ballot paper: the first time to keep it, the second time by another person to cast it."""
    turnout = _turnout(request, turnout_id)
    is_second = hasattr(turnout, "paper")
    command = ballot_links.confirm_paper if is_second else ballot_links.enter_paper
    return _sheet(
        request,
        turnout,
        lambda scores: command(turnout_id, user_id=request.seat.user.pk, scores=scores),
        template="ballot/paper.html",
        done="两次录入一致，评分已计入。" if is_second else "第一次录入已保存，请由另一名工作人员复录。",
        is_second=is_second,
    )


@require_POST
@seated(PERFORMANCE_OFFICE)
def close(request: SeatedRequest, key: str) -> HttpResponse:
    """Close a round; whoever has not voted has missed it."""
    cycle = _cycle(request)
    return performed(
        request,
        lambda: rounds.close_ballots(cycle.pk, key, user_id=request.seat.user.pk),
        done=f"{period_title(key)}领导评估已结束，未评分的记为逾期未评。",
        to=reverse("round-ballots", args=[key]),
    )


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show the ballot paper of a one-time link; cast it."""
    try:
        turnout = invited_by(token)
    except NotFound as refusal:
        return render(request, "ballot/gone.html", {"sentence": str(refusal)}, status=404)
    return _sheet(
        request,
        turnout,
        lambda scores: ballot_links.vote(token, scores=scores),
        template="ballot/vote.html",
        demo_banner=turnout.cycle.is_demo,
    )


def _turnout(request: SeatedRequest, turnout_id: UUID) -> Turnout:
    if not matters_seen(request.seat).filter(pk=turnout_id, kind=Turnout.KIND).exists():
        raise Http404("没有找到这位领导的评分任务。")
    return Turnout.objects.select_related("cycle", "office", "paper").get(pk=turnout_id)


def _sheet(
    request: HttpRequest,
    turnout: Turnout,
    command: Callable[[dict[str, str]], object],
    *,
    template: str,
    done: str = "",
    **context: Any,
) -> HttpResponse:
    """Show a ballot paper, or take what was filled in; a refusal shows it again with everything typed."""
    units = voters_units(turnout)
    scores = {unit.code: cleaned(request.POST.get(unit.code, ""))[:24] for unit in units}
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            command(scores)
        except NotFound as refusal:
            return render(request, "ballot/gone.html", {"sentence": str(refusal)}, status=404)
        except Refusal as refusal:
            errors = {refusal.field: str(refusal)}
        else:
            return _taken(request, turnout, done)
    title = f"{period_title(turnout.key)}评分表"
    section = Section(
        title, "0–100 分，每个单位都要打分", text=SECRECY, grid=ballot_grid(units, scores, errors)
    )
    links = [{"text": text, "url": f"#id_{name}" if name in scores else ""} for name, text in errors.items()]
    context |= {"turnout": turnout, "section": section, "errors": links}
    return render(request, template, context, status=422 if errors else 200)


def _taken(request: HttpRequest, turnout: Turnout, done: str) -> HttpResponse:
    if not done:
        return render(
            request, "ballot/thanks.html", {"turnout": turnout, "demo_banner": turnout.cycle.is_demo}
        )
    messages.success(request, done)
    return redirect("round-ballots", turnout.key)
