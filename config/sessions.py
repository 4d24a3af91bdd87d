"""How long a sign-in lasts: 30 minutes without activity, 12 hours in all (GB/T 22239-2019, 8.1.4.1 b).

Both are judged here, on the server, so that an old cookie is worth nothing.
"""

from __future__ import annotations

import time
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect

from config.middleware import Handler

SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"
# Requests that a page makes by itself carry this header: a forgotten screen must not keep a session alive.
BACKGROUND_HEADER = "X-Background"
SEEN_RESOLUTION = 60


def session_limits(get_response: Handler) -> Handler:
    """End sessions that are idle or old, and say why on the sign-in page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return get_response(request)
        now = int(time.time())
        reason = _over(request.session, now)
        if reason:
            return _sign_in_again(request, reason)
        _note_activity(request, now)
        return get_response(request)

    return middleware


def _over(session: SessionBase, now: int) -> str | None:
    """The sentence that says why the session has ended, None while it lasts."""
    if now - session.get(SIGNED_IN_AT, now) >= settings.SESSION_LIFETIME.total_seconds():
        return "本次登录已满 12 小时，请重新登录。"
    if now - session.get(SEEN_AT, now) >= settings.SESSION_IDLE.total_seconds():
        return "超过 30 分钟没有操作，已自动退出，请重新登录。"
    return None


def _note_activity(request: HttpRequest, now: int) -> None:
    """Remember when the person was last active, to the minute, so that reading pages costs no write each."""
    session = request.session
    if SIGNED_IN_AT not in session:
        session[SIGNED_IN_AT] = session[SEEN_AT] = now
    elif BACKGROUND_HEADER not in request.headers and now - session[SEEN_AT] >= SEEN_RESOLUTION:
        session[SEEN_AT] = now


def _sign_in_again(request: HttpRequest, reason: str) -> HttpResponse:
    logout(request)
    if request.method not in {"GET", "HEAD"}:
        reason += "刚才提交的内容没有保存。"
    messages.warning(request, reason)
    target = resolve_url(settings.LOGIN_URL)
    if request.method == "GET" and "HX-Request" not in request.headers:
        target = f"{target}?{urlencode({'next': request.get_full_path()})}"
    if "HX-Request" in request.headers:
        return HttpResponseClientRedirect(target)
    return HttpResponseRedirect(target)
