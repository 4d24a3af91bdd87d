"""复核决定书: read, printed and downloaded from the bytes that were fixed when the decision was made."""

import json
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from audit import blobs
from audit.access import SYSADMIN, SeatedRequest, seated
from cycle.documents import DOCX_TYPE, docx
from cycle.documents.rulings import decision_paper
from cycle.models import Appeal
from workflows.queries.case_file import case_seen


@require_safe
@seated(but=(SYSADMIN,))
def decision(request: SeatedRequest, appeal_id: UUID) -> HttpResponse:
    """GET /appeals/<id>/decision/: the decision in the layout of official documents."""
    appeal, content = _content(request, appeal_id)
    return render(
        request,
        "documents/paper.html",
        {
            "document": decision_paper(content, appeal.document_digest),
            "demo_banner": content["demo"],
            "word_url": reverse("appeal-decision-word", args=[appeal.pk]),
            "back": reverse("appeal", args=[appeal.pk]),
        },
    )


@require_safe
@seated(but=(SYSADMIN,))
def decision_word(request: SeatedRequest, appeal_id: UUID) -> HttpResponse:
    """GET /appeals/<id>/decision.docx: the same paper as a Word file."""
    appeal, content = _content(request, appeal_id)
    answer = HttpResponse(docx(decision_paper(content, appeal.document_digest)), content_type=DOCX_TYPE)
    name = quote(f"{appeal.number} {content['title']}.docx", safe="")
    answer["Content-Disposition"] = f"attachment; filename=\"decision.docx\"; filename*=UTF-8''{name}"
    return answer


def _content(request: SeatedRequest, appeal_id: UUID) -> tuple[Appeal, dict[str, Any]]:
    appeal = case_seen(request.seat, appeal_id)
    if appeal is None or not appeal.document_digest:
        raise Http404("没有找到这份复核决定书，或者本案还没有作出决定。")
    content: dict[str, Any] = json.loads(blobs.read(appeal.document_digest))
    return appeal, content
