"""Feedback letters: the list, a letter to read and print, the same as a Word file."""

from urllib.parse import quote
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from audit import clock
from audit.access import SYSADMIN, SeatedRequest, seated
from cycle.documents import DOCX_TYPE, Paper, docx
from cycle.documents.interviews import interview_paper
from cycle.models import Feedback, Interview
from cycle.queries.appeal_links import appeals_url
from cycle.queries.letter_pages import interview_seen, interview_url, letter_seen, letter_table, paper_of
from cycle.queries.letters import issuer_of
from cycle.views.shown import shown_cycle, year_chips


@require_GET
@seated(but=(SYSADMIN,))
def letters(request: SeatedRequest) -> HttpResponse:
    """GET /letters/?year=: the letters that the office may read, with receipt and interview."""
    cycle, cycles = shown_cycle(request)
    context = {
        "cycle": cycle,
        "chips": year_chips(cycles, cycle) if cycle else [],
        "table": letter_table(request.seat, cycle) if cycle else {},
    }
    return render(request, "letters/list.html", context)


@require_GET
@seated(but=(SYSADMIN,))
def letter(request: SeatedRequest, feedback_id: UUID) -> HttpResponse:
    """GET /letters/<id>/: a unit's feedback letter, for the unit and for overseers, once it is served."""
    found = _seen(request, feedback_id)
    paper = paper_of(found, at=clock.now())
    return render(
        request,
        "documents/paper.html",
        {
            "document": paper,
            "demo_banner": paper.is_demo,
            "word_url": reverse("letter-docx", args=[found.pk]),
            "interview_url": interview_url(request.seat, found),
            "appeals_url": appeals_url(request.seat, found.subject),
            "back": f"{reverse('letters')}?year={found.cycle.year}",
        },
    )


@require_GET
@seated(but=(SYSADMIN,))
def letter_docx(request: SeatedRequest, feedback_id: UUID) -> HttpResponse:
    """GET /letters/<id>/docx/: the same letter as a Word file."""
    paper = paper_of(_seen(request, feedback_id), at=clock.now())
    return word_file(paper, f"{paper.title}（{paper.addressee}）")


@require_GET
@seated(but=(SYSADMIN,))
def interview(request: SeatedRequest, interview_id: UUID) -> HttpResponse:
    """GET /interviews/<id>/: the record of a talk about a unit's result, to read and print."""
    found = _talk(request, interview_id)
    paper = interview_paper(found, issuer=issuer_of(found.cycle.owner_id))
    context = {
        "document": paper,
        "demo_banner": paper.is_demo,
        "word_url": reverse("interview-docx", args=[found.pk]),
        "back": f"{reverse('letters')}?year={found.cycle.year}",
    }
    return render(request, "documents/paper.html", context)


@require_GET
@seated(but=(SYSADMIN,))
def interview_docx(request: SeatedRequest, interview_id: UUID) -> HttpResponse:
    """GET /interviews/<id>/docx/: the same record as a Word file."""
    found = _talk(request, interview_id)
    return word_file(interview_paper(found, issuer=issuer_of(found.cycle.owner_id)), found.title)


def word_file(paper: Paper, name: str) -> HttpResponse:
    """Answer with a paper as a Word file, to be saved under `name`."""
    response = HttpResponse(docx(paper), content_type=DOCX_TYPE)
    named = quote(f"{name.replace(' ', '')}.docx")
    response["Content-Disposition"] = f"attachment; filename=\"document.docx\"; filename*=UTF-8''{named}"
    return response


def _seen(request: SeatedRequest, feedback_id: UUID) -> Feedback:
    found = letter_seen(request.seat, feedback_id)
    if found is None:
        raise Http404("没有找到这份反馈书，或者它还没有送达。")
    return found


def _talk(request: SeatedRequest, interview_id: UUID) -> Interview:
    found = interview_seen(request.seat, interview_id)
    if found is None:
        raise Http404("没有找到这份面谈记录，或者面谈还没有记录。")
    return found
