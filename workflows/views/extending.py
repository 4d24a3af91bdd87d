"""Asking for more time on a task: before its deadline, with a later day and a reason."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from audit.access import SYSADMIN, SeatedRequest, seated
from audit.answers import accepted
from workflows.extending import is_extendable
from workflows.queries.task_page import derivation, due_in_words, may_write
from workflows.services import extending
from workflows.services.tasks import step_of
from workflows.views.task import seen


class ExtensionForm(forms.Form):
    """The day asked for, and why."""

    until = forms.CharField(
        label="申请延期到",
        max_length=20,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "请填写申请延期到的日期。"},
    )
    why = forms.CharField(
        label="理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 500}),
        help_text="写明为什么按期完不成、延期以后怎样保证完成。",
        error_messages={"required": "请写明申请延期的理由：为什么按期完不成、延期后怎样保证完成。"},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@seated(but=(SYSADMIN,))
def extend(request: SeatedRequest, item_id: UUID) -> HttpResponse:
    """GET /t/<id>/extend/: the deadline and how it was counted, a later day to ask for; POST: ask."""
    item = seen(request, item_id)
    if not (may_write(item, request.seat) and is_extendable(item)):
        raise Http404("这项任务不能申请延期：它已经办结，或者不由你目前的岗位办理，或者不设时限。")
    form = ExtensionForm(request.POST or None)

    def command() -> Any:
        return extending.ask(item.pk, user_id=request.seat.user.pk, **form.cleaned_data)

    if request.method == "POST" and accepted(form, command):
        messages.success(request, "延期申请已经报送，作出决定之前仍按原时限办理。")
        return redirect("task", item.pk)
    context = {
        "item": item,
        "form": form,
        "heading": item.matter.title,
        "step": step_of(item).task_title,
        "due": due_in_words(item, request.seat),
        "derivation": derivation(item, request.seat.at),
        "demo_banner": item.cycle.is_demo,
    }
    return render(request, "tasks/extend.html", context, status=422 if form.is_bound else 200)
