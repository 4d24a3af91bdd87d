"""Importing organisations, offices, postings and leaders: choose, preview, take over."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from audit.access import SYSADMIN, SeatedRequest, actor_of, seated
from audit.answers import performed
from audit.exports import Table, answer
from audit.refusals import Refusal
from offices.forms import ImportForm, InitialPasswordForm
from offices.services.imports import BadTable, read_table
from offices.services.imports.taking import KINDS, Kind, plan_of
from offices.views.uploads import Upload

SHOWN = 200
"""How many lines of a preview or of its defects a page shows."""


@require_safe
@seated(SYSADMIN)
def imports(request: SeatedRequest) -> HttpResponse:
    """List the kinds of tables."""
    return render(request, "accounts/imports.html", {"kinds": KINDS.values()})


@require_safe
@seated(SYSADMIN)
def template(request: SeatedRequest, kind: str) -> HttpResponse:
    """Hand out an empty table with the right columns."""
    table = _kind(kind)
    columns = [column.title for column in table.columns.values()]
    return answer(Table(f"{table.title}导入模板", columns, []), "csv", by=actor_of(request))


@require_http_methods(["GET", "HEAD", "POST"])
@seated(SYSADMIN)
def import_table(request: SeatedRequest, kind: str) -> HttpResponse:
    """Ask for a file; show what it would change, or every line that is wrong."""
    table, today = _kind(kind), clock.local_date(request.seat.at)
    form = ImportForm(request.POST or None, request.FILES or None, kind=kind, initial={"since": today})
    context: dict[str, Any] = {"kind": table, "form": form}
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        context |= _preview(
            request, form, Upload(kind, file.name, file.read(), form.cleaned_data.get("since"))
        )
    faulty = bool(form.errors or context.get("defects"))
    return render(request, "accounts/import.html", context, status=422 if faulty else 200)


def _preview(request: SeatedRequest, form: ImportForm, upload: Upload) -> dict[str, Any]:
    try:
        plan = plan_of(upload.kind, read_table(upload.name, upload.content), since=upload.since)
    except BadTable as bad:
        return {"defects": bad.defects[:SHOWN], "more": max(len(bad.defects) - SHOWN, 0), "file": upload.name}
    except Refusal as refusal:
        form.add_error("file", str(refusal))
        return {}
    return {
        "plan": plan,
        "changes": plan.changes[:SHOWN],
        "ticket": upload.signed_for(request.seat.user),
        "file": upload.name,
        "password_form": InitialPasswordForm() if upload.kind == "postings" else None,
    }


@sensitive_post_parameters("password")
@require_POST
@seated(SYSADMIN)
def take(request: SeatedRequest, kind: str) -> HttpResponse:
    """Carry out a table that was previewed; the signed ticket carries exactly its bytes."""
    _kind(kind)
    upload = Upload.from_ticket(request.POST.get("ticket", ""), request.seat.user, kind)
    password = InitialPasswordForm(request.POST)
    if upload is None or not password.is_valid():
        expired = "预览已经过期，没有导入，请重新选择文件。"
        messages.error(request, expired if upload is None else "初始密码至少 10 位，没有导入，请重新预览。")
        return redirect("import-table", kind)
    return performed(
        request,
        lambda: upload.take(request.seat, password.cleaned_data["password"]),
        done=f"已导入“{upload.name}”。",
        to="imports",
    )


def _kind(kind: str) -> Kind:
    if kind not in KINDS:
        raise Http404("没有这种表格。")
    return KINDS[kind]
