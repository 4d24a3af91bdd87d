"""Who may open a page: somebody signed in, acting for an office of one of the named capacities.

The seat is put on the request by the middleware of `offices`; this module knows only its shape, so that the
auditors' pages, which stand below `offices`, can use it too.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase

from audit.actor import Actor

P = ParamSpec("P")

PERFORMANCE_OFFICE, LEADING_GROUP, AUDITOR, SYSADMIN = (
    "performance_office",
    "leading_group",
    "auditor",
    "sysadmin",
)
OVERSEERS = (PERFORMANCE_OFFICE, LEADING_GROUP, "county_government", "main_leaders", AUDITOR)
"""Offices that see everything of a cycle; what they may do is decided by each service."""


class SeatedRequest(HttpRequest):
    """A request of a person who acts for an office: `seat` has `user`, `office` and `role`."""

    seat: Any


View = Callable[Concatenate[SeatedRequest, P], HttpResponseBase]


def seated(
    *capacities: str, but: tuple[str, ...] = ()
) -> Callable[[View[P]], Callable[..., HttpResponseBase]]:
    """Open a view to people who act for an office of one of `capacities` (none named: any) and none of `but`.

    Signed out: to the sign-in page. Any other office gets 404, never 403: it does not learn what exists.
    """

    def decorate(view: View[P]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def open_view(request: SeatedRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            capacity = request.seat.office.capacity if request.seat else None
            if capacity is None or capacity in but or (capacities and capacity not in capacities):
                raise Http404("没有找到这个页面，或者它不属于你目前的岗位。")
            return view(request, *args, **kwargs)

        return open_view

    return decorate


def actor_of(request: SeatedRequest) -> Actor:
    """The person of a request as the ledger names people (for reads that go on record)."""
    seat = request.seat
    return Actor(seat.user.pk, seat.user.name, seat.office.pk, seat.office.title, seat.role)
