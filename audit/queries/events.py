"""Searching the ledger: newest first, page by page by key, so that its size does not matter."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from audit import clock
from audit.models import Event

A_PAGE = 50
AT_MOST = 20_000
SIGN_INS = {
    "sign_in.ok": "登录成功",
    "sign_in.failed": "登录失败",
    "sign_in.locked": "锁定",
    "sign_in.released": "解除锁定",
    "sign_out": "退出",
}


@dataclass(frozen=True, slots=True)
class Sought:
    """What is sought; empty fields do not narrow. Days are the offices' days, both included."""

    stream: str = ""
    type: str = ""
    person: str = ""
    office: str = ""
    since: dt.date | None = None
    until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of events and the key of the next older page, if there is one."""

    events: list[Event]
    older: str


def search(sought: Sought) -> QuerySet[Event]:
    """The events that match, newest first."""
    rows = Event.objects.all()
    if sought.stream:
        rows = rows.filter(stream__startswith=sought.stream)
    if sought.type:
        rows = rows.filter(type__startswith=sought.type)
    if sought.person:
        rows = rows.filter(Q(actor_name__icontains=sought.person) | Q(behalf_name__icontains=sought.person))
    if sought.office:
        rows = rows.filter(office_title__icontains=sought.office)
    if sought.since:
        rows = rows.filter(at__gte=clock.at(sought.since))
    if sought.until:
        rows = rows.filter(at__lt=clock.end_of(sought.until))
    return rows.order_by("-at", "-id")


def page_of(rows: QuerySet[Event], before: str = "") -> Found:
    """One page of a search; `before` is the key that the page before it gave (an unknown key is ignored)."""
    key = _event(before)
    if key is not None:
        rows = rows.filter(Q(at__lt=key.at) | Q(at=key.at, pk__lt=key.pk))
    events = list(rows[: A_PAGE + 1])
    return Found(events[:A_PAGE], str(events[A_PAGE - 1].pk) if len(events) > A_PAGE else "")


def _event(key: str) -> Event | None:
    try:
        return Event.objects.filter(pk=UUID(key)).first()
    except ValueError:
        return None


def refusals() -> QuerySet[Event]:
    """What somebody tried and was refused, newest first."""
    return Event.objects.filter(type__endswith=".refused").order_by("-at", "-id")


def sign_ins() -> QuerySet[Event]:
    """Sign-ins, failures, locks and sign-outs, newest first."""
    return Event.objects.filter(type__in=list(SIGN_INS)).order_by("-at", "-id")


def neighbours(event: Event) -> tuple[Event | None, Event | None]:
    """The events before and after in the same stream."""
    rows = Event.objects.filter(stream=event.stream)
    return rows.filter(seq=event.seq - 1).first(), rows.filter(seq=event.seq + 1).first()
