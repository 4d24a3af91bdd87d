"""Puts the seat of the person who is signed in on the request: for which office this session acts."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from config.middleware import Handler
from offices.queries.seats import ACTING_OFFICE, Seat, postings_today, seat_in
from workflows.queries.inbox import busiest


def seats(get_response: Handler) -> Handler:
    """Set `request.seat` (None when signed out or without a posting); looked up when first used."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.seat = SimpleLazyObject(lambda: seat_of(request))  # type: ignore[attr-defined]
        return get_response(request)

    return middleware


def seat_of(request: HttpRequest) -> Seat | None:
    """Return the seat that the session chose, at first the one with most open work, and remember it."""
    if not request.user.is_authenticated:
        return None
    postings, at = postings_today(request.user)
    chosen = request.session.get(ACTING_OFFICE)
    if chosen is None and len({posting.office_id for posting in postings}) > 1:
        request.session[ACTING_OFFICE] = chosen = str(busiest(postings))
    return seat_in(request.user, postings, at, UUID(chosen) if chosen else None)
