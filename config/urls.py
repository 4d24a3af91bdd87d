"""Where each page lives."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache


@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """Answer a load balancer: the web process takes requests."""
    return HttpResponse("正常\n", content_type="text/plain; charset=utf-8")


urlpatterns = [path("health/", health, name="health")]
