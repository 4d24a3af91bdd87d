"""What is done about an appeal beside its steps: withdraw, recusal, another reviewer, second instance."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from audit.access import LEADING_GROUP, SYSADMIN, SeatedRequest, seated
from audit.answers import accepted
from workflows.forms import appeal_forms
from workflows.models import WorkItem
from workflows.queries.case_file import CaseFile
from workflows.services import appealing
from workflows.views.appeals import case_of

METHODS = ["GET", "HEAD", "POST"]
NOT_YOURS = "没有找到这个页面，或者它不属于你目前的岗位。"


@require_http_methods(METHODS)
@seated("unit")
def withdraw(request: SeatedRequest, appeal_id: UUID) -> HttpResponse:
    """GET, POST /appeals/<id>/withdraw/: the unit takes its appeal back, with a reason."""
    file = _own(request, appeal_id)
    form = appeal_forms.WithdrawForm(request.POST or None)
    words = {
        "title": "撤回申诉",
        "confirm": "撤回申诉",
        "danger": True,
        "consequences": [
            "本案终结，不再作出复核决定，原考核结果不变。",
            "同一得分点不能再次提出申诉。",
            "撤回和理由记入台账，复核机构可以看到。",
        ],
    }
    return _answer(request, file, form, words, lambda: _withdraw(request, file, form), "申诉已经撤回。")


def _withdraw(request: SeatedRequest, file: CaseFile, form: forms.Form) -> None:
    appealing.withdraw(file.appeal.pk, why=form.cleaned_data["why"], user_id=request.seat.user.pk)


@require_http_methods(METHODS)
@seated(but=(SYSADMIN,))
def recusal(request: SeatedRequest, appeal_id: UUID) -> HttpResponse:
    """GET, POST /appeals/<id>/recusal/: the unit about a reviewer, a reviewer about itself."""
    file = case_of(request, appeal_id)
    if not (file.is_unit or file.is_reviewing):
        raise Http404(NOT_YOURS)
    seat = request.seat
    people = appeal_forms.members(file.appeal, seat)
    if not file.is_unit:
        people = [each for each in people if each[0] == str(seat.user.pk)]
    form = appeal_forms.PersonForm(
        request.POST or None,
        people=people,
        label="应当回避的人员",
        hint="写明与本案有什么利害关系，或者参与过哪些计分、核验、审批。",
    )
    words = {
        "title": "申请回避",
        "confirm": "提出申请",
        "consequences": [
            "在作出决定之前，被申请人暂停办理本案。",
            "由领导小组决定是否回避，结果在案卷中可以看到。",
        ],
    }
    return _answer(
        request, file, form, words, lambda: _ask(request, file, form), "回避申请已经提出，等待决定。"
    )


def _ask(request: SeatedRequest, file: CaseFile, form: forms.Form) -> None:
    data, seat = form.cleaned_data, request.seat
    appealing.ask_recusal(
        file.appeal.pk,
        person_id=UUID(data["person"]),
        why=data["why"],
        user_id=seat.user.pk,
        office_id=seat.office.pk,
    )


@require_http_methods(METHODS)
@seated(but=(SYSADMIN,))
def assign(request: SeatedRequest, appeal_id: UUID) -> HttpResponse:
    """GET, POST /appeals/<id>/assign/: the head of the reviewing office gives the case to somebody else."""
    file = case_of(request, appeal_id)
    if not (file.is_reviewing and request.seat.is_head):
        raise Http404(NOT_YOURS)
    form = appeal_forms.PersonForm(
        request.POST or None,
        people=appeal_forms.reviewers(file.appeal, request.seat),
        label="接办人员",
        hint="写明更换的理由，将记入台账。名单中只列没有回避情形的人员。",
    )
    words = {
        "title": "更换承办人",
        "confirm": "更换承办人",
        "consequences": ["已经保存的决定稿留在案卷中，由接办人员另行拟定。"],
    }
    return _answer(request, file, form, words, lambda: _assign(request, file, form), "承办人已经更换。")


def _assign(request: SeatedRequest, file: CaseFile, form: forms.Form) -> None:
    data = form.cleaned_data
    appealing.assign(file.appeal.pk, reviewer=data["person"], why=data["why"], user_id=request.seat.user.pk)


@require_http_methods(METHODS)
@seated(LEADING_GROUP)
def appoint(request: SeatedRequest, appeal_id: UUID) -> HttpResponse:
    """GET, POST /appeals/<id>/appoint/: the leading group seats somebody without a conflict."""
    file = case_of(request, appeal_id)
    form = appeal_forms.AppointForm(
        request.POST or None,
        people=appeal_forms.outsiders(file.appeal, request.seat),
        label="复核人员",
        hint="写明指定的理由和会议依据，将记入台账。",
    )
    words = {
        "title": "指定复核人员",
        "confirm": "指定",
        "consequences": ["被指定的人员在任职期限内以复核机构名义办理，到期自动离开。"],
    }
    return _answer(request, file, form, words, lambda: _appoint(request, file, form), "复核人员已经指定。")


def _appoint(request: SeatedRequest, file: CaseFile, form: forms.Form) -> None:
    data = form.cleaned_data
    appealing.appoint(
        file.appeal.pk,
        person=data["person"],
        until=data["until"].isoformat(),
        why=data["why"],
        user_id=request.seat.user.pk,
    )


@require_http_methods(METHODS)
@seated("unit")
def second(request: SeatedRequest, appeal_id: UUID) -> HttpResponse:
    """GET, POST /appeals/<id>/second/: take a decision to the second instance; it lands on its task."""
    file = _own(request, appeal_id)
    form = appeal_forms.SecondForm(request.POST or None)
    made: list[UUID] = []
    if request.method == "POST" and accepted(form, lambda: made.append(_second(request, file, form))):
        item = WorkItem.objects.filter(matter=made[0], office=request.seat.office).latest("served_at")
        return redirect("task", item.pk)
    words = {"title": "申请复议", "confirm": "建立，去上传材料", "consequences": []}
    return _page(request, file, form, words)


def _second(request: SeatedRequest, file: CaseFile, form: forms.Form) -> UUID:
    return appealing.open_second(file.appeal.pk, user_id=request.seat.user.pk, **form.cleaned_data)


def _own(request: SeatedRequest, appeal_id: UUID) -> CaseFile:
    file = case_of(request, appeal_id)
    if not file.is_unit:
        raise Http404(NOT_YOURS)
    return file


def _answer(
    request: SeatedRequest,
    file: CaseFile,
    form: forms.Form,
    words: dict[str, Any],
    command: Callable[[], None],
    done: str,
) -> HttpResponse:
    """Do it and go back to the case, or show the form (again) with whatever was typed."""
    if request.method == "POST" and accepted(form, command):
        messages.success(request, done)
        return redirect("appeal", file.appeal.pk)
    return _page(request, file, form, words)


def _page(request: SeatedRequest, file: CaseFile, form: forms.Form, words: dict[str, Any]) -> HttpResponse:
    appeal = file.appeal
    context = words | {
        "form": form,
        "appeal": appeal,
        "back": reverse("appeal", args=[appeal.pk]),
        "cycle": appeal.cycle,
        "demo_banner": appeal.cycle.is_demo,
    }
    return render(request, "appeals/deed.html", context, status=422 if form.errors else 200)
