"""The ledger for auditors: search, one event with its canonical body, refusals, sign-ins, export."""

import datetime as dt
import json
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from audit import clock
from audit.access import AUDITOR, SeatedRequest, actor_of, seated
from audit.exports import Table, answer
from audit.ledger import leaf_hash
from audit.models import Event
from audit.queries.events import (
    AT_MOST,
    SIGN_INS,
    Found,
    Sought,
    neighbours,
    page_of,
    refusals,
    search,
    sign_ins,
)
from audit.queries.verifying import is_intact

COLUMNS = (
    "流",
    "序号",
    "类型",
    "业务时间",
    "入库时间",
    "经办人",
    "代办",
    "机构",
    "摘要算法",
    "叶摘要",
    "规范内容",
)


class SearchForm(forms.Form):
    """What is sought; everything stays in the query string."""

    stream = forms.CharField(
        label="记录流",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"placeholder": "记录流，如 sheet/"}),
    )
    type = forms.CharField(
        label="类型",
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"placeholder": "类型，如 task.completed"}),
    )
    person = forms.CharField(
        label="人员", required=False, max_length=80, widget=forms.TextInput(attrs={"placeholder": "人员"})
    )
    office = forms.CharField(
        label="机构", required=False, max_length=120, widget=forms.TextInput(attrs={"placeholder": "机构"})
    )
    since = forms.DateField(label="起", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="止", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def sought(self) -> Sought:
        """The valid part of what was asked for."""
        self.is_valid()
        return Sought(**{name: value for name, value in self.cleaned_data.items() if value})


@require_GET
@seated(AUDITOR)
def events(request: SeatedRequest) -> HttpResponse:
    """GET /audit/: the ledger, newest first."""
    form = SearchForm(request.GET.dict())
    found = page_of(search(form.sought()), request.GET.get("before", ""))
    return render(
        request, "audit/events.html", {"form": form, "found": found, "older": _older(request, found)}
    )


@require_POST
@seated(AUDITOR)
def export(request: SeatedRequest) -> HttpResponse:
    """POST /audit/export/: what the search finds (at most 20,000 events), as CSV with full hashes."""
    rows = search(SearchForm(request.GET.dict()).sought())[:AT_MOST]
    lines = [
        (
            each.stream,
            each.seq,
            each.type,
            _iso(each.at),
            _iso(each.recorded_at),
            each.actor_name,
            each.behalf_name,
            each.office_title,
            each.leaf_alg,
            bytes(each.leaf_hash).hex(),
            each.body,
        )
        for each in rows
    ]
    return answer(
        Table("台账记录", COLUMNS, lines), "csv", by=actor_of(request), filter=dict(request.GET.items())
    )


@require_GET
@seated(AUDITOR)
def event(request: SeatedRequest, event_id: UUID) -> HttpResponse:
    """GET /audit/events/<id>/: one event with its body as hashed, and the hash computed again."""
    found = get_object_or_404(Event, pk=event_id)
    earlier, later = neighbours(found)
    return render(
        request,
        "audit/event.html",
        {
            "event": found,
            "pretty": json.dumps(found.facts, ensure_ascii=False, indent=2),
            "intact": is_intact(found),
            "stored": bytes(found.leaf_hash).hex(),
            "computed": leaf_hash(found.body).hex(),
            "earlier": earlier,
            "later": later,
            "process_id": _process(found),
        },
    )


@require_GET
@seated(AUDITOR)
def refused(request: SeatedRequest) -> HttpResponse:
    """GET /audit/refusals/: what was tried and refused, with the sentence that was given."""
    found = page_of(refusals(), request.GET.get("before", ""))
    rows = [
        {"event": each, "why": each.facts.get("why", ""), "target": _pairs(each.facts.get("target"))}
        for each in found.events
    ]
    return render(request, "audit/refusals.html", {"rows": rows, "older": _older(request, found)})


@require_GET
@seated(AUDITOR)
def signed_in(request: SeatedRequest) -> HttpResponse:
    """GET /audit/signins/: sign-ins, failures, locks, sign-outs."""
    found = page_of(sign_ins(), request.GET.get("before", ""))
    rows = [
        {
            "event": each,
            "title": SIGN_INS[each.type],
            "username": each.facts.get("username", ""),
            "address": each.facts.get("address", ""),
            "bad": each.type in ("sign_in.failed", "sign_in.locked"),
        }
        for each in found.events
    ]
    return render(request, "audit/signins.html", {"rows": rows, "older": _older(request, found)})


def _older(request: SeatedRequest, found: Found) -> str:
    """The address of the next older page with the same search; empty on the last."""
    if not found.older:
        return ""
    return "?" + urlencode({**request.GET.dict(), "before": found.older})


def _iso(moment: dt.datetime) -> str:
    return clock.local(moment).isoformat()


def _pairs(target: Any) -> str:
    return "；".join(f"{key} {value}" for key, value in (target or {}).items())


def _process(found: Event) -> str:
    """The process that the event belongs to, where its stream says so."""
    kind, _, key = found.stream.partition("/")
    return key if kind == "process" else ""
