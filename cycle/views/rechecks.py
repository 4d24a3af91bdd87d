"""Asking that a recorded fact be corrected: the performance office says what is wrong, with the evidence."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from audit import blobs
from audit.access import PERFORMANCE_OFFICE, SeatedRequest, seated
from audit.answers import accepted
from cycle.models import AdjustmentClaim, Indicator
from cycle.queries.measured import measured_values
from cycle.queries.scopes import cycles_of
from cycle.services import evidence, rechecks

Point = Indicator | AdjustmentClaim


class CorrectionForm(forms.Form):
    """What is wrong, and the proof of it."""

    why = forms.CharField(
        label="发现的错误和更正的理由",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="写明哪一期的哪个数据有误、怎样发现的、依据什么材料。",
        error_messages={"required": "请写明发现的错误和更正的理由。"},
    )
    file = forms.FileField(
        label="佐证材料",
        help_text="证明原记录有误的文件，最大 100 MB。",
        error_messages={
            "required": "请上传证明原记录有误的文件。",
            "empty": "上传的是空文件，请检查后重新上传。",
        },
    )


@require_http_methods(["GET", "POST"])
@seated(PERFORMANCE_OFFICE)
def of_indicator(request: SeatedRequest, indicator_id: UUID) -> HttpResponse:
    """/corrections/indicator/<id>/: have what was measured of an indicator looked at again."""
    rows = Indicator.objects.filter(pk=indicator_id, cycle__in=cycles_of(request.seat)).exclude(state="draft")
    found = rows.select_related("cycle__policy", "subject").first()
    if found is None:
        raise Http404("没有找到要更正的指标，它可能还没有下达，或者不属于你目前的岗位。")
    return _answer(request, found, reverse("indicator", args=[found.pk]), measured_values(found))


@require_http_methods(["GET", "POST"])
@seated(PERFORMANCE_OFFICE)
def of_claim(request: SeatedRequest, claim_id: UUID) -> HttpResponse:
    """/corrections/claim/<id>/: have a bonus, deduction or veto looked at again."""
    rows = AdjustmentClaim.objects.filter(pk=claim_id, cycle__in=cycles_of(request.seat))
    found = rows.select_related("cycle__policy", "subject").first()
    if found is None:
        raise Http404("没有找到要更正的加减分事项，它可能不属于你目前的岗位。")
    return _answer(request, found, f"{reverse('claims')}?year={found.cycle.year}", [])


def _answer(request: SeatedRequest, point: Point, back: str, values: list[tuple[str, str]]) -> HttpResponse:
    """Show the form, or open the recheck and go back to the point."""
    form = CorrectionForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and accepted(form, lambda: _open(request, point, form)):
        messages.success(request, "已送原认定单位重新核验，核定以后自动重新计分。")
        return redirect(back)
    context = {
        "form": form,
        "point": point,
        "values": values,
        "back": back,
        "cycle": point.cycle,
        "demo_banner": point.cycle.is_demo,
    }
    return render(request, "results/correction.html", context, status=422 if form.errors else 200)


def _open(request: SeatedRequest, point: Point, form: CorrectionForm) -> None:
    """The bytes are stored before anything is held: a large file takes its time."""
    file: UploadedFile[bytes] = form.cleaned_data["file"]
    evidence.check_file(file.name or "", file.size or 0)
    named = {"indicator_id": point.pk} if isinstance(point, Indicator) else {"claim_id": point.pk}
    rechecks.open_correction(
        point.cycle_id,
        user_id=request.seat.user.pk,
        why=form.cleaned_data["why"],
        file_name=file.name or "",
        blob=blobs.store(file.chunks()),
        **named,
    )
