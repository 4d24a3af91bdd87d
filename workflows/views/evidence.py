"""Files: added to a task, downloaded, taken back."""

from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from audit import blobs, ledger
from audit.access import SYSADMIN, SeatedRequest, actor_of, seated
from audit.ids import uuid7
from audit.refusals import NotFound, Refusal
from workflows.forms.steps import StepForm
from workflows.queries.task_page import evidence_of
from workflows.queries.visibility import evidence_seen
from workflows.services import attaching
from workflows.views.task import form_of, seen


@require_POST
@seated(but=(SYSADMIN,))
def add(request: SeatedRequest, item_id: UUID) -> HttpResponse:
    """Add one or several files to the matter of a task; each is taken or refused by itself."""
    form = form_of(request, seen(request, item_id))
    refused = _attach_all(request, form) if form.may_attach else ["这一步骤不上传材料，或者任务已经办结。"]
    return _answer(request, form, refused)


@require_POST
@seated(but=(SYSADMIN,))
def withdraw(request: SeatedRequest, item_id: UUID, evidence_id: UUID) -> HttpResponse:
    """Take back a file of one's own office."""
    form, refused = form_of(request, seen(request, item_id)), []
    try:
        attaching.withdraw(item_id, evidence_id, user_id=request.seat.user.pk)
    except NotFound as refusal:
        raise Http404(str(refusal)) from refusal
    except Refusal as refusal:
        refused.append(str(refusal))
    return _answer(request, form, refused)


def _answer(request: SeatedRequest, form: StepForm, refused: list[str]) -> HttpResponse:
    """Show the files anew: as a fragment in the page, or the whole page again."""
    if request.htmx:  # type: ignore[attr-defined]
        evidence = evidence_of(form.item, request.seat)
        context = {"item": form.item, "form": form, "evidence": evidence, "refused": refused}
        return render(request, "tasks/evidence.html", context, status=422 if refused else 200)
    for sentence in refused:
        messages.error(request, sentence)
    return redirect("task", form.item.pk)


def _attach_all(request: SeatedRequest, form: StepForm) -> list[str]:
    """Attach what was sent; return the sentences about what was refused."""
    files = request.FILES.getlist("files")
    point = request.POST.get("indicator", "")
    indicator = UUID(point) if point in dict(form.evidence_points()) else None
    refused = [] if files else ["请先选择文件，再上传。"]
    for file in files:
        try:
            _attach(form.item.pk, request.seat.user.pk, file, indicator)
        except NotFound as refusal:
            raise Http404(str(refusal)) from refusal
        except Refusal as refusal:
            refused.append(str(refusal))
    return refused


def _attach(item_id: UUID, user_id: UUID, file: "UploadedFile[bytes]", indicator: UUID | None) -> None:
    name, size = file.name or "", file.size or 0
    attaching.attach(
        item_id, user_id=user_id, name=name, size=size, chunks=file.chunks(), indicator_id=indicator
    )


@require_safe
@seated(but=(SYSADMIN,))
def download(request: SeatedRequest, evidence_id: UUID) -> HttpResponseBase:
    """Hand out a file that the acting office may see; that it was taken goes on record."""
    evidence = evidence_seen(request.seat).select_related("blob").filter(pk=evidence_id).first()
    if evidence is None:
        raise Http404("没有找到这份材料，它可能不属于你的岗位。")
    try:
        file = blobs.open_blob(evidence.blob_id)
    except FileNotFoundError as lost:
        raise Http404("这份材料的存储文件找不到了，请立即联系系统管理员从备份恢复。") from lost
    ledger.note(
        "evidence.download", f"download/{uuid7()}", by=actor_of(request),
        evidence=evidence.pk, name=evidence.name, sha256=evidence.blob_id,
    )  # fmt: skip
    response = FileResponse(_pieces(file), content_type=evidence.content_type)
    response["Content-Length"] = str(evidence.blob.size)
    name = quote(evidence.name, safe="")
    response["Content-Disposition"] = f"attachment; filename=\"evidence\"; filename*=UTF-8''{name}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(settings.MEGABYTE):
            yield piece
