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
from cycle.models import Cycle, Feedback, Publication
from cycle.queries.scopes import cycles_of, groups_seen, published_groups, sees_all
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


@require_GET
@seated(but=(SYSADMIN,))
def publication(request: SeatedRequest, publication_id: UUID) -> HttpResponse:
    """GET /publications/<id>/: a group's public notice, as it was shown."""
    rows = Publication.objects.filter(cycle__in=cycles_of(request.seat)).select_related("cycle__owner")
    found = rows.filter(pk=publication_id).exclude(content_digest="").first()
    if found is None or found.group not in groups_seen(
        request.seat, found.cycle, published_groups(found.cycle)
    ):
        raise Http404("没有找到这份公示，或者它还没有开始。")
    content = _content(found.content_digest)
    return render(
        request,
        "documents/publication.html",
        {
            "document": _frame(found.cycle, f"{found.cycle.year} 年度{content['title']}", found.published_at),
            "content": content,
            "publication": found,
            "digest": found.content_digest,
            "demo_banner": content["demo"],
            "last_day": clock.last_day(found.closes_at) if found.closes_at else None,
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
