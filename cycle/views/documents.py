"""Documents that were fixed when they were issued: shown from their stored bytes and nothing else."""

import json
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from audit import blobs, clock
from audit.access import SYSADMIN, SeatedRequest, seated
from cycle.models import Cycle, Feedback
from cycle.queries.scopes import cycles_of, sees_all
from offices.models import Office
from offices.queries.directory import office_of


@require_GET
@seated(but=(SYSADMIN,))
def letter(request: SeatedRequest, feedback_id: UUID) -> HttpResponse:
    """GET /letters/<id>/: a unit's feedback letter, for the unit and for overseers, once it is served."""
    rows = Feedback.objects.filter(cycle__in=cycles_of(request.seat)).select_related(
        "cycle__owner", "subject"
    )
    found = rows.filter(pk=feedback_id).exclude(document_digest="").first()
    if found is None or not (sees_all(request.seat) or found.subject.office_id == request.seat.office.pk):  # type: ignore[union-attr]
        raise Http404("没有找到这份反馈书，或者它还没有送达。")
    content = _content(found.document_digest)
    return render(
        request,
        "documents/letter.html",
        {
            "document": _frame(found.cycle, content["title"], found.served_at)
            | {"addressee": content["unit"]},
            "content": content,
            "feedback": found,
            "digest": found.document_digest,
            "demo_banner": content["demo"],
            "back": reverse("results", args=[found.cycle.year]),
        },
    )


def _content(digest: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(blobs.read(digest))
    return content


def _frame(cycle: Cycle, title: str, moment: Any) -> dict[str, Any]:
    day = clock.local_date(moment) if moment else None
    issuer = Office.objects.select_related("organisation").get(
        pk=office_of(cycle.owner_id, "performance_office")
    )
    return {
        "issuer": issuer.organisation.title,
        "title": title,
        "signed_by": issuer.organisation.title,
        "date": f"{day.year} 年 {day.month} 月 {day.day} 日" if day else "",
    }
