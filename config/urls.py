"""Where each page lives."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.cache import never_cache

PLAIN = "text/plain; charset=utf-8"


@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """Answer a load balancer: the web process takes requests and reaches its database."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("无法连接数据库\n", content_type=PLAIN, status=503)
    return HttpResponse("正常\n", content_type=PLAIN)


urlpatterns = [
    path("health/", health, name="health"),
    path("", include("offices.urls")),
    path("", include("workflows.urls")),
    path("", include("workflows.office_urls")),
    path("", include("cycle.urls")),
    path("", include("audit.urls")),
]
