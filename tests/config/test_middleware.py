"""What every answer carries, how long a sign-in lasts, and what is refused before it is read."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from django.views.decorators.cache import cache_control
from pytest_django.fixtures import Settings

from config.sessions import SEEN_AT, SIGNED_IN_AT
from offices.models import User

SIZES: list[list[int | None]] = []


def who(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.user))


def receive(request: HttpRequest) -> HttpResponse:
    SIZES.append([file.size for file in request.FILES.getlist("files")])
    return HttpResponse("收到")


@cache_control(private=True, max_age=60)
def cached(request: HttpRequest) -> HttpResponse:
    return HttpResponse("图")


def broken(request: HttpRequest) -> FileResponse:
    raise RuntimeError("broken on purpose")


urlpatterns = [
    path("who/", who),
    path("receive/", receive),
    path("cached/", cached),
    path("broken/", broken),
    path("login/", who, name="login"),
    path("", include("config.urls")),
]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def user() -> User:
    """演示·南牛乡经办员"""
    return User.objects.create_user("nanniu", "a long enough password", name="演示·南牛乡经办员")


@pytest.fixture
def signed_in(client: Client, user: User) -> Client:
    """A browser in which that person has signed in."""
    client.force_login(user)
    SIZES.clear()
    return client


def policy_of(response: Any) -> dict[str, str]:
    parts = response.headers["Content-Security-Policy"].split("; ")
    return {part.partition(" ")[0]: part.partition(" ")[2] for part in parts}


@pytest.mark.parametrize("address", ["/who/", "/nowhere/", "/broken/", "/health/", "/static/app.css"])
def test_every_answer_carries_the_security_headers(client: Client, address: str) -> None:
    client.raise_request_exception = False
    headers = client.get(address).headers
    assert "Content-Security-Policy" in headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_content_policy_allows_own_files_only(client: Client) -> None:
    policy = policy_of(client.get("/who/"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    for kind in ("script-src", "style-src", "connect-src", "form-action", "font-src"):
        assert policy[kind] == "'self'"
    assert not any("unsafe" in sources or "http" in sources for sources in policy.values())


def test_pages_are_not_stored_but_a_view_may_say_otherwise(signed_in: Client) -> None:
    assert signed_in.get("/who/").headers["Cache-Control"] == "no-store"
    assert "max-age=60" in signed_in.get("/cached/").headers["Cache-Control"]


def test_pages_may_not_be_framed(client: Client) -> None:
    assert client.get("/who/").headers["X-Frame-Options"] == "DENY"


def told(response: Any) -> str:
    """The messages that the next page will show."""
    return "".join(str(message) for message in get_messages(response.wsgi_request))


def set_back(client: Client, **seconds: int) -> None:
    """Move the session's stamps into the past."""
    session = client.session
    for name, ago in seconds.items():
        session[name] -= ago
    session.save()


def test_an_idle_session_ends_and_says_why(signed_in: Client) -> None:
    signed_in.get("/who/")
    old_cookie = signed_in.cookies["session"].value
    set_back(signed_in, **{SEEN_AT: 30 * 60})
    response = signed_in.get("/who/?page=2")
    assert response.headers["Location"] == "/login/?next=%2Fwho%2F%3Fpage%3D2"
    assert "超过 30 分钟没有操作" in told(response)
    signed_in.cookies["session"] = old_cookie
    assert signed_in.get("/who/").content == b"AnonymousUser"


def test_an_active_session_lasts(signed_in: Client) -> None:
    signed_in.get("/who/")
    for _ in range(3):
        set_back(signed_in, **{SEEN_AT: 29 * 60})
        assert signed_in.get("/who/").content.decode() == "演示·南牛乡经办员"


def test_a_page_that_refreshes_itself_keeps_no_session_alive(signed_in: Client) -> None:
    signed_in.get("/who/")
    set_back(signed_in, **{SEEN_AT: 29 * 60})
    before = signed_in.session[SEEN_AT]
    signed_in.get("/who/", headers={"X-Background": "1"})
    assert signed_in.session[SEEN_AT] == before


def test_no_session_lasts_longer_than_twelve_hours(signed_in: Client) -> None:
    signed_in.get("/who/")
    set_back(signed_in, **{SIGNED_IN_AT: 12 * 3600})
    assert signed_in.get("/who/").status_code == 302


def test_a_lost_submission_is_told_and_a_fragment_leads_to_the_sign_in_page(signed_in: Client) -> None:
    signed_in.get("/who/")
    set_back(signed_in, **{SEEN_AT: 30 * 60})
    response = signed_in.post("/receive/", headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"] == "/login/"
    assert "没有保存" in told(response)
    assert SIZES == []


def test_a_deactivated_person_is_out_at_the_next_request(signed_in: Client, user: User) -> None:
    user.is_active = False
    user.save()
    assert signed_in.get("/who/").content == b"AnonymousUser"


def file(name: str, size: int) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"x" * size)


def test_files_within_the_limits_arrive(signed_in: Client, settings: Settings) -> None:
    settings.UPLOAD_FILE_LIMIT = 100_000
    response = signed_in.post("/receive/", {"files": [file("a.pdf", 100_000), file("b.pdf", 1)]})
    assert response.status_code == 200
    assert SIZES == [[100_000, 1]]


def test_one_file_over_the_limit_refuses_the_request(signed_in: Client, settings: Settings) -> None:
    settings.UPLOAD_FILE_LIMIT = settings.MEGABYTE
    response = signed_in.post("/receive/", {"files": [file("a.pdf", 10), file("汇总表.xlsx", 2**20 + 1)]})
    assert response.status_code == 413
    assert "文件“汇总表.xlsx”超过 1 MB 的上限" in response.content.decode()
    assert SIZES == []


class Counting(BytesIO):
    """A request body that knows how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        chunk = super().read(size)
        self.taken += len(chunk)
        return chunk


def test_reading_stops_where_a_file_passes_the_limit(signed_in: Client, settings: Settings) -> None:
    settings.UPLOAD_FILE_LIMIT = settings.MEGABYTE
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n'
    body = Counting(head + b"x" * 20 * settings.MEGABYTE + b"\r\n--x--\r\n")
    given: dict[str, Any] = {"wsgi.input": body, "CONTENT_LENGTH": str(len(body.getvalue()))}
    given["CONTENT_TYPE"] = "multipart/form-data; boundary=x"
    response = signed_in.generic("POST", "/receive/", **given)
    assert response.status_code == 413
    assert body.taken < 3 * settings.MEGABYTE


def test_more_than_twenty_files_are_refused(signed_in: Client) -> None:
    assert signed_in.post("/receive/", {"files": [file("a.pdf", 1)] * 20}).status_code == 200
    response = signed_in.post("/receive/", {"files": [file("a.pdf", 1)] * 21})
    assert response.status_code == 413
    assert "一次最多上传 20 个文件" in response.content.decode()
    assert len(SIZES) == 1


class Unread:
    """A request body that nobody may read."""

    def read(self, size: int = -1) -> bytes:
        raise AssertionError("the body was read")

    readline = read


@pytest.mark.parametrize(("signed", "length", "sentence"), [
    (True, 20 * 100 * 1024 * 1024 + 2 * 1024 * 1024, "每个 100 MB 的上限"),
    (False, 1024 * 1024 + 1, "请先登录"),
])  # fmt: skip
def test_a_declared_length_over_the_limit_is_refused_unread(
    client: Client, user: User, signed: bool, length: int, sentence: str
) -> None:
    if signed:
        client.force_login(user)
    unread: dict[str, Any] = {"wsgi.input": Unread(), "CONTENT_LENGTH": str(length)}
    response = client.generic(
        "POST",
        "/receive/",
        content_type="multipart/form-data; boundary=x",
        **unread,
    )
    assert response.status_code == 413
    assert sentence in response.content.decode()
    assert response.headers["Connection"] == "close"


def test_a_very_long_form_is_refused(signed_in: Client, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = signed_in.post("/receive/", {"text": "长" * 1000})
    assert response.status_code == 413
    assert "内容过多" in response.content.decode()
