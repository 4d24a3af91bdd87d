"""Limits of what may be sent: by the declared length before reading, then file by file while reading."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.middleware import Handler


class FileSizeLimit(FileUploadHandler):
    """Stops reading as soon as one file passes the limit; the middleware below then refuses the request."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Hand the chunk on unless the file has grown too large."""
        if start + len(raw_data) > settings.UPLOAD_FILE_LIMIT:
            if self.request is not None:
                self.request.META[REFUSED_FILE] = self.file_name
            raise StopUpload(connection_reset=True)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave keeping the file to the handlers that follow."""


REFUSED_FILE = "jixiao.refused_file"


def upload_limits(get_response: Handler) -> Handler:
    """Refuse what is too large with 413 and a sentence, before any view or the CSRF check reads it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        reason = _declared_too_large(request) or _sent_too_much(request)
        return _refused(request, reason) if reason else get_response(request)

    return middleware


def _megabytes(size: int) -> str:
    return f"{-(-size // settings.MEGABYTE)} MB"


def _declared_too_large(request: HttpRequest) -> str | None:
    signed_in = request.user.is_authenticated
    limit = settings.UPLOAD_REQUEST_LIMIT if signed_in else settings.ANONYMOUS_REQUEST_LIMIT
    try:
        declared = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return None  # Django reads nothing then
    if declared <= limit:
        return None
    if not signed_in:
        return f"未登录时一次最多提交 {_megabytes(limit)}，本次提交没有接收：请先登录，再上传文件。"
    return (
        f"本次提交共 {_megabytes(declared)}，超过一次 {settings.UPLOAD_FILES_LIMIT} 个文件、"
        f"每个 {_megabytes(settings.UPLOAD_FILE_LIMIT)} 的上限，没有接收：请压缩文件或分次上传。"
    )


def _sent_too_much(request: HttpRequest) -> str | None:
    if request.content_type not in {"multipart/form-data", "application/x-www-form-urlencoded"}:
        return None
    try:
        request.POST  # noqa: B018 -- reads the body through the handlers above
    except TooManyFilesSent:
        return f"一次最多上传 {settings.UPLOAD_FILES_LIMIT} 个文件，本次提交没有接收：请分次上传。"
    except (TooManyFieldsSent, RequestDataTooBig):
        return "本次填报的内容过多，没有接收：请删减文字，或把长篇材料作为附件上传。"
    name: Any = request.META.get(REFUSED_FILE)
    if name is None:
        return None
    limit = _megabytes(settings.UPLOAD_FILE_LIMIT)
    return f"文件“{name}”超过 {limit} 的上限，本次提交没有保存：请压缩或拆分后重新上传。"


def _refused(request: HttpRequest, reason: str) -> HttpResponse:
    response = render(request, "413.html", {"reason": reason}, status=413)
    response.headers["Connection"] = "close"  # the rest of the body is never read
    return response
