"""申诉复核: what a unit can contest, the reviewers' queue, bringing an appeal, the file of one case."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.access import SYSADMIN, SeatedRequest, seated
from audit.answers import accepted
from audit.refusals import NotFound, Refusal
from cycle.models import Appeal, Cycle, Subject
from cycle.queries.packs import rules_of
from cycle.queries.points import Point, point_of
from cycle.queries.scopes import cycles_of
from cycle.queries.windows import Window, windows_of
from cycle.services import proposals
from workflows.forms.appeal_forms import NewAppealForm, ProposalForm, QueueFilter
from workflows.models import WorkItem
from workflows.queries import appeal_lists
from workflows.queries.appeal_words import drafts_of, moves
from workflows.queries.case_file import CaseFile, case_seen
from workflows.queries.contestable import contestable, window_for
from workflows.services import appealing

A_PAGE = 30


@require_safe
@seated(but=(SYSADMIN,))
def appeals(request: SeatedRequest) -> HttpResponse:
    """GET /appeals/: for a unit what it can contest and its appeals; for the others the queue by clock."""
    return _of_unit(request) if request.seat.capacity == "unit" else _queue(request)


def _queue(request: SeatedRequest) -> HttpResponse:
    seat = request.seat
    form = QueueFilter(request.GET, seat=seat)
    wanted = form.wanted
    page = Paginator(appeal_lists.queue(seat, **wanted), A_PAGE).get_page(request.GET.get("page"))
    rows = appeal_lists.rows_of(page, seat)
    context = {
        "form": form,
        "page": page,
        "rows": rows,
        "strip": appeal_lists.strip(appeal_lists.counts(seat), wanted["state"]),
        "narrowed": any(wanted[name] for name in ("year", "unit", "point")) or wanted["state"] != "standing",
        "demo_banner": any(cycle.is_demo for cycle in cycles_of(seat)),
    }
    return render(request, "appeals/queue.html", context)


def _of_unit(request: SeatedRequest) -> HttpResponse:
    seat = request.seat
    own = Subject.objects.filter(office=seat.office, cycle__in=cycles_of(seat))
    subjects = list(own.select_related("cycle__policy").order_by("-cycle__year"))
    subject = _year_shown(subjects, request.GET.get("year", ""), seat.at)
    shown = contestable(subject, seat.at) if subject else None
    rows = appeal_lists.rows_of(appeal_lists.queue(seat, state="all"), seat)
    chips = [
        {
            "label": f"{each.cycle.year} 年度",
            "url": f"?year={each.cycle.year}",
            "active": each == subject,
        }
        for each in subjects
    ]
    context = {
        "shown": shown,
        "rows": rows,
        "chips": chips if len(chips) > 1 else [],
        "cycle": shown.subject.cycle if shown else None,
        "second": _second_rule(shown.subject.cycle) if shown else "",
        "demo_banner": bool(shown and shown.subject.cycle.is_demo),
    }
    return render(request, "appeals/unit.html", context)


def _year_shown(subjects: list[Subject], year: str, at: dt.datetime) -> Subject | None:
    """The unit in the year that is asked for; else, as last year's result is contested while this year is
    already under way, in the newest with an open window, with any window, at all.
    """
    if year:
        for each in subjects:
            if str(each.cycle.year) == year:
                return each
        raise Http404(f"{year[:10]} 年度没有考核周期。")
    windows = {each: windows_of(each) for each in subjects}
    opened = [each for each in subjects if any(one.is_open(at) for one in windows[each])]
    return next(iter([*opened, *(each for each in subjects if windows[each]), *subjects]), None)


def _second_rule(cycle: Cycle) -> str:
    """Whether there is a second instance, in a sentence."""
    rule = rules_of(cycle).step("feedback", "appeal", "second")
    return "" if rule.skip else "对复核决定不服的，可以再申请复议一次。"


@require_http_methods(["GET", "HEAD", "POST"])
@seated("unit")
def new(request: SeatedRequest) -> HttpResponse:
    """GET, POST /appeals/new/?unit=&point=: bring an appeal; it lands on its task, for the evidence."""
    if not request.GET.get("point"):
        return redirect("appeals")
    subject, point, window = _contested(request)
    form = NewAppealForm(request.POST or None)
    made: list[UUID] = []
    if request.method == "POST" and accepted(
        form, lambda: made.append(_bring(request, form, subject, point))
    ):
        item = WorkItem.objects.filter(matter=made[0], office=request.seat.office).latest("served_at")
        return redirect("task", item.pk)
    context = {
        "form": form,
        "subject": subject,
        "point": point,
        "window": window,
        "is_open": window.is_open(request.seat.at),
        "back": f"{reverse('appeals')}?year={subject.cycle.year}",
        "cycle": subject.cycle,
        "demo_banner": subject.cycle.is_demo,
    }
    return render(request, "appeals/new.html", context, status=422 if form.errors else 200)


def _contested(request: SeatedRequest) -> tuple[Subject, Point, Window]:
    """The unit and the point that the address names; another unit's answers 404."""
    missing = "没有找到这个得分点，它可能不属于你的单位，或者结果还没有公示、送达。"
    unit, point_id = request.GET.get("unit", ""), request.GET.get("point", "")
    own = Subject.objects.filter(office=request.seat.office, cycle__in=cycles_of(request.seat))
    subject = next((each for each in own.select_related("cycle__policy") if str(each.pk) == unit), None)
    if subject is None:
        raise Http404(missing)
    windows = windows_of(subject)
    for window in windows:
        try:
            point = point_of(subject, window.run, point_id)
        except NotFound:
            continue
        return subject, point, window_for(windows, point.kind, request.seat.at) or window
    raise Http404(missing)


def _bring(request: SeatedRequest, form: NewAppealForm, subject: Subject, point: Point) -> UUID:
    return appealing.open_and_start(
        subject.pk, point=point.id, user_id=request.seat.user.pk, **form.cleaned_data
    )


def case_of(request: SeatedRequest, appeal_id: UUID) -> CaseFile:
    """Return the case, or answer 404 when the acting office may not see it."""
    appeal = case_seen(request.seat, appeal_id)
    if appeal is None:
        raise Http404("没有找到这件申诉，它可能不属于你的单位。")
    return CaseFile(appeal, request.seat)


@require_safe
@seated(but=(SYSADMIN,))
def case(request: SeatedRequest, appeal_id: UUID) -> HttpResponse:
    """GET /appeals/<id>/: the file of one case on one page."""
    return show(request, case_of(request, appeal_id))


def show(
    request: SeatedRequest, file: CaseFile, form: ProposalForm | None = None, refused: str = ""
) -> HttpResponse:
    """Render the case file; with errors of the draft, or a refusal, the answer is 422."""
    if not file.may_draft:
        refused = refused or (form.non_field_errors().as_text().lstrip("* ") if form else "")
        form = None
    elif form is None:
        form = drafting(file)
    context = {
        "file": file,
        "appeal": file.appeal,
        "cycle": file.appeal.cycle,
        "form": form,
        "refused": refused,
        "drafts": drafts_of(file.appeal) if file.proposals else [],
        "moved": [(one, moves(one)) for one in file.impact.units] if file.impact else [],
        "deeds": deeds(file),
        "demo_banner": file.appeal.cycle.is_demo,
    }
    failed = refused or (form and form.errors)
    return render(request, "appeals/case.html", context, status=422 if failed else 200)


def drafting(file: CaseFile, data: Any = None) -> ProposalForm:
    """The form of the next draft, beginning with what the last one says."""
    return ProposalForm(data, appeal=file.appeal, rounds=file.rounds, last=file.newest)


def deeds(file: CaseFile) -> list[dict[str, str]]:
    """What this person may do about the case beside its open task, as actions of components/button.html."""
    appeal, seat = file.appeal, file.seat
    found = []
    if file.is_unit and appeal.state in Appeal.UNDECIDED:
        found.append(("撤回申诉", "appeal-withdraw", "danger"))
    if (file.is_unit or file.is_reviewing) and appeal.state in Appeal.OPEN:
        found.append(("申请回避" if file.is_unit else "申请自己回避", "appeal-recusal", ""))
    if file.is_reviewing and seat.is_head and appeal.state in ("accepted", "answered", "investigated"):
        found.append(("更换承办人", "appeal-assign", ""))
    if seat.capacity == "leading_group" and appeal.state in Appeal.OPEN:
        found.append(("指定复核人员", "appeal-appoint", ""))
    if file.is_unit and file.may_go_on:
        found.append(("申请复议", "appeal-second", "primary"))
    return [
        {"label": label, "url": reverse(name, args=[appeal.pk]), "kind": kind} for label, name, kind in found
    ]


@require_POST
@seated(but=(SYSADMIN,))
def propose(request: SeatedRequest, appeal_id: UUID) -> HttpResponse:
    """POST /appeals/<id>/proposal/: save the next draft; what was typed comes back with a refusal."""
    file = _reviewing(request, appeal_id)
    form = drafting(file, request.POST)
    if accepted(form, lambda: _save(request, file, form)):
        return redirect(f"{reverse('appeal', args=[appeal_id])}#drafts")
    return show(request, file, form)


def _reviewing(request: SeatedRequest, appeal_id: UUID) -> CaseFile:
    """The case for people of its reviewing office; for others there is nothing to draft."""
    file = case_of(request, appeal_id)
    if not file.is_reviewing:
        raise Http404("没有找到这个页面，或者它不属于你目前的岗位。")
    return file


def _save(request: SeatedRequest, file: CaseFile, form: ProposalForm) -> None:
    said = {name: form.cleaned_data[name] for name in ("outcome", "reasons", "cite")}
    proposals.save(file.appeal.pk, user_id=request.seat.user.pk, changes=form.changes(), **said)


@require_POST
@seated(but=(SYSADMIN,))
def preview(request: SeatedRequest, appeal_id: UUID) -> HttpResponse:
    """POST /appeals/<id>/impact/: open the impact of the newest draft; that goes on record."""
    file = _reviewing(request, appeal_id)
    try:
        proposals.preview(appeal_id, user_id=request.seat.user.pk)
    except Refusal as refusal:
        return show(request, file, refused=str(refusal))
    return redirect(f"{reverse('appeal', args=[appeal_id])}#impact")
