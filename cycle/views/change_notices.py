"""The notice of a changed result, from its stored bytes: on screen, on paper, as a Word file."""

import json
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from audit import blobs
from audit.access import SYSADMIN, SeatedRequest, seated
from cycle.documents import DOCX_TYPE, Paper, docx
from cycle.documents.changes import paper
from cycle.models import ChangeNotice
from cycle.queries.appeal_links import appeals_url
from cycle.queries.receipts import receipt_words
from cycle.queries.scopes import cycles_of, sees_all


def _notice(request: SeatedRequest, notice_id: UUID) -> ChangeNotice:
    rows = ChangeNotice.objects.filter(pk=notice_id, cycle__in=cycles_of(request.seat))
    found = rows.select_related("cycle", "subject").first()
    if found is None or not (sees_all(request.seat) or found.unit.office_id == request.seat.office.pk):
        raise Http404("没有找到这份告知书，它可能不属于你目前的岗位。")
    return found


def _paper(found: ChangeNotice) -> Paper:
    content = json.loads(blobs.read(found.document_digest))
    return paper(content, digest=found.document_digest, receipt=receipt_words(found))


@require_GET
@seated(but=(SYSADMIN,))
def notice(request: SeatedRequest, notice_id: UUID) -> HttpResponse:
    """GET /notices/<id>/: the notice, for the unit and for overseers."""
    found = _notice(request, notice_id)
    document = _paper(found)
    context = {
        "document": document,
        "word_url": reverse("change-notice-docx", args=[found.pk]),
        "appeals_url": appeals_url(request.seat, found.unit),
        "demo_banner": document.is_demo,
        "back": reverse("results", args=[found.cycle.year]),
    }
    return render(request, "documents/paper.html", context)


@require_GET
@seated(but=(SYSADMIN,))
def notice_docx(request: SeatedRequest, notice_id: UUID) -> HttpResponse:
    """GET /notices/<id>/docx/: the same notice as a Word file."""
    found = _notice(request, notice_id)
    answer = HttpResponse(docx(_paper(found)), content_type=DOCX_TYPE)
    answer["Content-Disposition"] = 'attachment; filename="change-notice.docx"'
    return answer
