"""What an office has to do, has done, and has under way."""

from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from audit.access import SYSADMIN, SeatedRequest, seated
from workflows.forms.lists import DoneForm, InboxForm
from workflows.models import WorkItem
from workflows.queries import inbox as queries
from workflows.queries import inbox_rows
from workflows.queries.peek import peek_of

PAGE = 50
HOMES = {"auditor": "/audit/", "sysadmin": "/accounts/"}
COCKPIT = ("performance_office", "leading_group", "main_leaders", "county_government")
READERS = ("auditor", SYSADMIN)
"""Offices that are never served a task and have no inbox."""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Send everybody to where their day begins."""
    if not request.user.is_authenticated:
        return redirect("login")
    seat: Any = request.seat  # type: ignore[attr-defined]
    if not seat:
        return render(request, "me/no_posting.html", status=403)
    return redirect("/office/" if seat.capacity in COCKPIT else HOMES.get(seat.capacity, "/inbox/"))


@require_safe
@seated(but=READERS)
def inbox(request: SeatedRequest) -> HttpResponse:
    """List the open tasks by deadline; the heads' list begins with what waits for their judgement."""
    form = InboxForm(request.GET, seat=request.seat)
    page = _page(request, queries.inbox(request.seat, **form.criteria()))
    request.inbox_counts = counts = queries.counts(request.seat)  # type: ignore[attr-defined]
    context = {
        "form": form,
        "page": page,
        "groups": inbox_rows.groups(page, request.seat),
        "views": _views(counts, form.shown),
        "strip": _strip(counts, request, form.criteria()["due"]),
    }
    return render(request, "inbox/inbox.html", context)


def _page(request: HttpRequest, rows: QuerySet[WorkItem]) -> Page[WorkItem]:
    return Paginator(rows, PAGE).get_page(request.GET.get("page"))


def _views(counts: queries.Counts, active: str) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "url": f"?{urlencode({'view': view})}",
            "count": getattr(counts, view),
            "active": view == active,
        }
        for view, label in queries.VIEWS.items()
    ]


def _strip(counts: queries.Counts, request: SeatedRequest, due: str) -> list[dict[str, Any]]:
    done, punctual = queries.done_this_week(request.seat)
    urgent, to_mend = "请尽快办理" if counts.overdue else "", "待修改" if counts.returned else ""
    in_time = f"按时 {punctual} 项" if done else "周一至今"
    figures = [
        ("已超期", counts.overdue, "alert", "bad", "?view=all&due=overdue", urgent),
        ("3 个工作日内", counts.soon, "clock", "warn", "?view=all&due=soon", ""),
        ("被退回", counts.returned, "return", "returned", "?view=returned", to_mend),
        ("在办合计", counts.all, "inbox", "info", "?view=all", ""),
        ("本周已办", done, "done", "good", reverse("done"), in_time),
    ]
    names = ("label", "value", "icon", "tone", "url", "note")
    active = {"overdue": "已超期", "soon": "3 个工作日内"}.get(due)
    return [{**dict(zip(names, each, strict=True)), "active": each[0] == active} for each in figures]


@require_safe
@seated(but=READERS)
def peek(request: SeatedRequest, item_id: UUID) -> HttpResponse:
    """Show a task beside the list, as a fragment; as a page of its own it leads to the task."""
    item = queries.open_items(request.seat).filter(pk=item_id).first()
    if item is None:
        raise Http404("这项任务已经办结或者不属于你的岗位，请刷新待办列表。")
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("task", item_id)
    return render(request, "inbox/peek.html", peek_of(item, request.seat))


@require_safe
@seated(but=READERS)
def done(request: SeatedRequest) -> HttpResponse:
    """List what the office has done, newest first."""
    form = DoneForm(request.GET)
    page = _page(request, queries.done(request.seat, text=form.text()))
    table = {
        "caption": "已办事项",
        "cards": True,
        "columns": [{"label": label} for label in ("事项", "办理", "经办", "办结时间")],
        "rows": inbox_rows.done_rows(page, request.seat),
    }
    return render(request, "inbox/done.html", {"form": form, "page": page, "table": table})


@require_safe
@seated("unit")
def sent(request: SeatedRequest) -> HttpResponse:
    """List where the unit's matters stand and with whom."""
    page = _page(request, queries.on_the_way(request.seat))
    table = {
        "caption": "本单位在办事项",
        "cards": True,
        "columns": [{"label": label} for label in ("事项", "在谁手中", "送达", "截止")],
        "rows": inbox_rows.way_rows(page, request.seat),
    }
    return render(request, "inbox/sent.html", {"page": page, "table": table})
