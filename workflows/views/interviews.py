"""Planning a talk with a unit about its result."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from audit.access import PERFORMANCE_OFFICE, SeatedRequest, seated
from audit.answers import accepted
from cycle.models import Feedback
from cycle.queries.letter_pages import letter_seen
from workflows.models import WorkItem
from workflows.services import interviewing


class PlanForm(forms.Form):
    """When, where, what about."""

    on = forms.DateField(
        label="面谈日期",
        error_messages=dict.fromkeys(("required", "invalid"), "请填写面谈日期，例如 2027-03-05。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    place = forms.CharField(
        label="面谈地点",
        max_length=100,
        error_messages={
            "required": "请写明面谈地点，再安排面谈。",
            "max_length": "面谈地点最多 100 个字，请删减。",
        },
    )
    topic = forms.CharField(
        label="面谈事由",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="可以不写；不写的，以反馈年度考核结果为事由。",
        error_messages={"max_length": "面谈事由最多 500 个字，请删减。"},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@seated(PERFORMANCE_OFFICE)
def new(request: SeatedRequest, feedback_id: UUID) -> HttpResponse:
    """GET, POST /letters/<id>/interview/: plan an interview; it lands on the task of its record."""
    letter = letter_seen(request.seat, feedback_id)
    if letter is None:
        raise Http404("没有找到这份反馈书，反馈书送达以后才能安排面谈。")
    form = PlanForm(request.POST or None)
    made: list[Any] = []
    if request.method == "POST" and accepted(form, lambda: made.append(_plan(request, letter, form))):
        return redirect("task", WorkItem.objects.get(matter=made[0], state="open").pk)
    context = {"form": form, "letter": letter}
    return render(request, "letters/interview.html", context, status=422 if form.errors else 200)


def _plan(request: SeatedRequest, letter: Feedback, form: PlanForm) -> UUID:
    seat = request.seat
    return interviewing.plan_and_start(
        letter.pk, user_id=seat.user.pk, office_id=seat.office.pk, **form.cleaned_data
    )
