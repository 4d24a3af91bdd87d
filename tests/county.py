"""A county as tests see it: look up who and what, act as a post, expect a refusal.

Nothing here changes a row except through the product's services.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import QuerySet

from audit import clock
from audit.actor import Actor
from audit.models import Event, Outbox
from audit.refusals import NotPossible, Refusal
from cycle.models import KINDS, Cycle, Indicator, Matter, Subject
from offices.models import Office, User
from offices.queries.acting import acting
from workflows.models import WorkItem
from workflows.rehearsal.deeds import holder
from workflows.services import relaying, tasks


class County:
    """The county of `tests.small_county` at some moment of its year."""

    @property
    def cycle(self) -> Cycle:
        """The year, fresh from the database."""
        return Cycle.objects.select_related("policy").get()

    @property
    def now(self) -> dt.datetime:
        """Business time."""
        return clock.now()

    @property
    def owner_id(self) -> UUID:
        """The county itself."""
        return self.cycle.owner_id

    def move_to(self, day: dt.date, hour: int = 9) -> None:
        """Let business time be some hour of a day."""
        clock.move_to(clock.at(day, hour))

    def user(self, username: str) -> UUID:
        """A person's id."""
        return User.objects.get_by_natural_key(username).pk

    def unit(self, code: str) -> Subject:
        """An assessed unit."""
        return self.cycle.subjects.get(code=code)

    def office(self, capacity: str, organisation: str = "") -> Office:
        """The office of a capacity; `organisation` tells several apart."""
        rows = Office.objects.filter(capacity=capacity)
        return rows.get(organisation__code=organisation) if organisation else rows.get()

    def actor(self, username: str, capacity: str, organisation: str = "") -> Actor:
        """A person acting for an office, as services want it."""
        return acting(self.user(username), self.office(capacity, organisation).pk)[0]

    def clerk(self) -> Actor:
        """The performance office's handler."""
        return self.actor("jxb-clerk", "performance_office")

    def chief(self) -> Actor:
        """The performance office's head."""
        return self.actor("jxb-chief", "performance_office")

    def of_unit(self, code: str, role: str = "handler") -> Actor:
        """The handler or the head of a unit."""
        return self.actor(f"{code}-{role}", "unit", code)

    def holder(self, office: Office) -> Actor:
        """Whoever sits in an office."""
        return acting(office.postings.order_by("-role")[0].user_id, office.pk)[0]

    def matter(self, kind: str, *, unit: str = "", key: str = "", office: Office | None = None) -> Any:
        """The one matter of a kind (of a unit, of a key, of an office), as its own class."""
        rows: QuerySet[Matter] = KINDS[kind]._default_manager.select_related("cycle", "subject", "office")
        if unit:
            rows = rows.filter(subject__code=unit)
        if key:
            rows = rows.filter(key=key)
        if office:
            rows = rows.filter(office=office)
        return rows.get()

    def indicator(self, unit: str, key: str) -> Indicator:
        """One indicator of a unit."""
        return Indicator.objects.get(cycle=self.cycle, subject__code=unit, key=key)

    def item(self, matter: Matter, step: str = "", *, office: Office | None = None) -> WorkItem:
        """The open work item of a matter (at a step, of an office)."""
        rows = WorkItem.objects.filter(matter=matter.pk, state=WorkItem.State.OPEN)
        if step:
            rows = rows.filter(step=step)
        if office:
            rows = rows.filter(office=office)
        return rows.get()

    def do(
        self,
        matter: Matter,
        step: str,
        *,
        choice: str = "next",
        comment: str = "",
        as_: str = "",
        **form: Any,
    ) -> list[WorkItem]:
        """Complete the open task of a matter, as its holder or as a named person; return what is served."""
        return self.do_item(self.item(matter, step), choice=choice, comment=comment, as_=as_, **form)

    def do_item(
        self, item: WorkItem, *, choice: str = "next", comment: str = "", as_: str = "", **form: Any
    ) -> list[WorkItem]:
        """Complete one work item, as its holder or as a named person; return what is served."""
        user_id = self.user(as_) if as_ else holder(item)
        return tasks.complete(item.pk, user_id=user_id, choice=choice, comment=comment, form=form)

    def relay(self) -> int:
        """Deliver every message."""
        return relaying.drain()

    def events(self, stream: str) -> list[str]:
        """The types of a stream's events, in order."""
        return list(Event.objects.filter(stream=stream).order_by("seq").values_list("type", flat=True))

    def last_event(self, stream: str) -> dict[str, Any]:
        """The body of a stream's last event."""
        body: dict[str, Any] = Event.objects.filter(stream=stream).order_by("-seq")[0].facts
        return body

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """The messages that wait, in order: topic and payload."""
        rows = Outbox.objects.filter(done_at__isnull=True).order_by("created_at", "id")
        return list(rows.values_list("topic", "payload"))


@contextmanager
def refused(sentence: str, kind: type[Refusal] = NotPossible, *, field: str | None = None) -> Iterator[None]:
    """Expect a refusal with exactly this sentence, after which every row is as it was before.

    Only one thing is new: the event that says who was refused what, and why.
    """
    before, events = fingerprint(), Event.objects.count()
    with pytest.raises(Refusal) as caught:
        yield
    assert type(caught.value) is kind
    assert str(caught.value) == sentence
    assert field is None or caught.value.field == field
    assert fingerprint() == before
    assert Event.objects.count() == events + 1
    refusal = Event.objects.filter(type__endswith=".refused").latest("recorded_at")
    assert refusal.facts["why"] == sentence


_IGNORED = {"audit_event", "audit_clock", "django_migrations", "django_session"}


def fingerprint() -> dict[str, tuple[int, str]]:
    """Return every table's number of rows and a hash of what they say (the ledger itself left out)."""
    tables = [name for name in connection.introspection.table_names() if name not in _IGNORED]
    parts = [
        f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM {name} t"  # noqa: S608
        for name in sorted(tables)
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return {name: (count, total) for name, count, total in cursor.fetchall()}
