"""The policy book, and confirming its provisional values."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from audit.access import PERFORMANCE_OFFICE, SYSADMIN, SeatedRequest, seated
from audit.answers import performed
from cycle.models import Cycle
from cycle.queries.packs import rules_of
from cycle.queries.policy_book import Book
from cycle.queries.scopes import cycles_of
from cycle.services.policies import confirm_values
from policies.packs import Pack, library, load_pack


@require_GET
@seated(but=(SYSADMIN,))
def policy(request: SeatedRequest, policy: str) -> HttpResponse:
    """GET /policy/<digest or pack>/: seven sections, every value with its article."""
    cycle, pack = _found(request, policy)
    book = Book(pack, cycle)
    capacity, role = request.seat.office.capacity, request.seat.role
    return render(
        request,
        "policy/book.html",
        {
            "book": book,
            "pack": pack,
            "cycle": cycle,
            "sections": book.sections(),
            "notes": pack.notes,
            "may_confirm": cycle is not None and capacity == PERFORMANCE_OFFICE and role == "head",
            **({"demo_banner": cycle.is_demo} if cycle else {}),
        },
    )


@require_POST
@seated(PERFORMANCE_OFFICE)
def confirm(request: SeatedRequest, policy: str) -> HttpResponse:
    """POST /policy/<digest>/confirm/: one value (`path`) or every one that is still open (`every`)."""
    cycle, pack = _found(request, policy)
    if cycle is None:
        raise Http404("这个办法还没有被采用，不需要确认。")
    path = request.POST.get("path", "")
    book = Book(pack, cycle)
    paths = sorted(set(book.notes) - set(book.confirmed)) if request.POST.get("every") else [path]
    to = reverse("policy", args=[policy]) + (f"#{path}" if path else "")
    return performed(
        request,
        lambda: confirm_values(cycle.pk, paths, user_id=request.seat.user.pk),
        done=f"已确认 {len(paths)} 项暂定内容，已记入台账。",
        to=to,
    )


def _found(request: SeatedRequest, policy: str) -> tuple[Cycle | None, Pack]:
    """The newest cycle under a policy with its rules, or a pack of the library that no cycle has adopted."""
    cycle = next((each for each in cycles_of(request.seat) if each.policy_id == policy), None)
    if cycle is not None:
        return cycle, rules_of(cycle)
    if policy not in library():
        raise Http404("没有找到这个考核办法。")
    return None, load_pack(policy)
