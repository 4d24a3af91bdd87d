"""People at their browsers: signed in, acting for an office, filling in what a task's page asks for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.test import Client

from offices.models import User
from offices.queries.seats import ACTING_OFFICE
from workflows.models import WorkItem
from workflows.rehearsal.deeds import Deed, holder

BACKEND = "django.contrib.auth.backends.ModelBackend"


def signed_in(username: str, office: UUID | None = None) -> Client:
    """A browser in which this person is signed in, acting for an office (else for the busiest)."""
    return _client(User.objects.get_by_natural_key(username), office)


def holder_of(item: WorkItem) -> Client:
    """A browser of whoever has to do a task."""
    return _client(User.objects.get(pk=holder(item)), item.office_id)


def _client(user: User, office: UUID | None) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    if office:
        session = client.session
        session[ACTING_OFFICE] = str(office)
        session.save()
    return client


def fields(deed: Deed) -> dict[str, Any]:
    """What somebody types and presses for a deed, by the names of the page's controls."""
    typed: dict[str, Any] = {"choice": deed.choice, "comment": deed.comment}
    for name, value in deed.form.items():
        if name == "lines":
            typed |= {f"{key}-{column}": text for key, line in value.items() for column, text in line.items()}
        elif name == "scores":
            typed |= value
        else:
            typed[name] = value
    return typed


def submit(client: Client, item: WorkItem, **typed: Any) -> HttpResponse:
    """Press a button on a task's page."""
    return client.post(f"/t/{item.pk}/submit/", {"choice": "next", **typed})
