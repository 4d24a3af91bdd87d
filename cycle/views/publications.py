"""公示公布: what the offices are shown, and what everybody may read without signing in."""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from audit.access import SYSADMIN, SeatedRequest, seated
from cycle.documents.publications import publication_paper
from cycle.models import Publication
from cycle.queries.publication_content import stored_content
from cycle.queries.publication_pages import by_year, notes_for, public_notes, public_publications, table_of
from cycle.queries.scopes import cycles_of, publications_seen
from cycle.views.shown import shown_cycle, year_chips

FRESH_SECONDS = 300
"""How long a public page may be kept: what it shows never changes, what it links to seldom does."""


@require_GET
@seated(but=(SYSADMIN,))
def publications(request: SeatedRequest) -> HttpResponse:
    """GET /publications/?year=: what is shown to the office now, until when, and what was shown."""
    cycle, cycles = shown_cycle(request)
    shown = publications_seen(request.seat, cycle) if cycle else []
    now = request.seat.at
    running = [each for each in shown if each.closes_at and each.closes_at > now]
    context = {
        "cycle": cycle,
        "chips": year_chips(cycles, cycle) if cycle else [],
        "running": table_of(running, "正在公示"),
        "ended": table_of([each for each in shown if each not in running], "已经公开"),
        "demo_banner": bool(cycle and cycle.is_demo),
    }
    return render(request, "publications/list.html", context)


@require_GET
@seated(but=(SYSADMIN,))
def publication(request: SeatedRequest, publication_id: UUID) -> HttpResponse:
    """GET /publications/<id>/: what was shown, from its stored bytes, to those whom it was shown to."""
    seat = request.seat
    found = Publication.objects.filter(cycle__in=cycles_of(seat), pk=publication_id).select_related("cycle")
    cycle = next((each.cycle for each in found), None)
    seen = {each.pk: each for each in publications_seen(seat, cycle)} if cycle else {}
    if publication_id not in seen:
        raise Http404("没有找到这份公示，或者它还没有开始。")
    shown = seen[publication_id]
    back = f"{reverse('publications')}?year={shown.cycle.year}"
    return _document(request, shown, back, notes_for(seat, shown, seen))


@require_GET
def public(request: HttpRequest) -> HttpResponse:
    """GET /public/: everything that was made public to everybody, year by year, newest first."""
    shown = public_publications()
    context = {
        "document": {"title": "绩效考核公示公布"},
        "years": by_year(shown),
        "demo_banner": any(each.cycle.is_demo for each in shown),
    }
    return _cached(request, render(request, "publications/public.html", context))


@require_GET
def public_document(request: HttpRequest, publication_id: UUID) -> HttpResponse:
    """GET /public/<id>/: one of them; anything else of a cycle is not there at all."""
    shown = {each.pk: each for each in public_publications()}
    if publication_id not in shown:
        raise Http404("没有找到这份公示，或者它没有向社会公开。")
    found = shown[publication_id]
    return _cached(request, _document(request, found, reverse("public"), public_notes(found, shown)))


def _document(
    request: HttpRequest, shown: Publication, back: str, notes: list[dict[str, object]]
) -> HttpResponse:
    content = stored_content(shown)
    paper = publication_paper(content, digest=shown.content_digest)
    context = {"document": paper, "demo_banner": paper.is_demo, "back": back, "notes": notes}
    return render(request, "documents/publication.html", context)


def _cached(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let caches keep the page, but never one that may carry somebody's session cookie."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        response["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    return response
