"""Gives each HTTP request an id, so that all events of one request can be found together."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from audit import ledger
from audit.ids import uuid7


class RequestId:
    """Sets the ledger's request id and returns it in the `X-Request-ID` header."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        identifier = str(uuid7())
        token = ledger.request_id.set(identifier)
        try:
            response = self.get_response(request)
        finally:
            ledger.request_id.reset(token)
        response["X-Request-ID"] = identifier
        return response
