"""The letter before it is served: what the performance office is about to send."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from audit import clock
from audit.access import PERFORMANCE_OFFICE, SeatedRequest, seated
from cycle.models import Feedback
from cycle.queries.letter_pages import drafted_paper
from workflows.views.task import seen


@require_safe
@seated(PERFORMANCE_OFFICE)
def preview(request: SeatedRequest, item_id: UUID) -> HttpResponse:
    """GET /t/<item>/letter/: the whole letter with the draft that is kept so far."""
    item = seen(request, item_id)
    letter = (
        Feedback.objects.select_related("cycle__owner", "run", "subject").filter(pk=item.matter_id).first()
    )
    if letter is None or letter.document_digest:
        raise Http404("没有找到待送达的反馈书，已送达的请从反馈书列表中打开。")
    paper = drafted_paper(letter, item.draft or {}, at=clock.now())
    context = {"document": paper, "demo_banner": paper.is_demo, "back": reverse("task", args=[item.pk])}
    return render(request, "documents/paper.html", context)
