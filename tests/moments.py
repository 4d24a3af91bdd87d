"""The small county at moments of its year: one fixture for each, in which a test works and is undone.

The year is lived once in a run, by the process that needs it first; its database is kept at each moment.
A test asks for the moment by name (`monitoring`, `feedback`, …) and gets a `County`. What it does is rolled
back; a test that must commit enters `moments.committed("…")` and gets a copy that is thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from cycle.queries import calendar
from offices.queries import directory
from tests import databases, small_county
from tests.county import County
from workflows.rehearsal import county as demo_county


def forget() -> None:
    """Forget what the product remembers of a database: another one is in its place now."""
    directory.forget()
    calendar.forget()
    demo_county.user.cache_clear()


@pytest.fixture(scope="session")
def small_year(
    django_db_setup: None, _test_settings: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The kept databases of the small county's year, and the files that belong to them."""
    blobs = databases.run_folder() / "blobs"
    with django_db_blocker.unblock(), override_settings(BLOB_DIR=blobs):
        with databases.alone():
            if not databases.is_kept(small_county.MOMENTS[-1]):
                databases.keep("empty")
                with databases.visit("empty", fresh=True):
                    forget()
                    small_county.live(databases.keep)
                forget()
        yield


@contextmanager
def committed(name: str) -> Iterator[County]:
    """A county whose changes are really committed (threads, processes, crashes), thrown away afterwards."""
    with databases.visit(name, fresh=True):
        forget()
        yield County()
    forget()


@contextmanager
def undone(name: str) -> Iterator[County]:
    """A county in which everything is undone; what the database checks at commit is checked before."""
    with databases.visit(name):
        forget()
        with transaction.atomic():
            yield County()
            connection.check_constraints()
            transaction.set_rollback(True)
    forget()


def _moment(name: str) -> Callable[..., Any]:
    @pytest.fixture(name=name)
    def at(small_year: None, django_db_blocker: DjangoDbBlocker) -> Iterator[County]:
        with django_db_blocker.unblock(), undone(name) as found:
            yield found

    return at


preparation = _moment("preparation")
setting = _moment("setting")
monitoring = _moment("monitoring")
yearend = _moment("yearend")
assessment = _moment("assessment")
assessed = _moment("assessed")
published = _moment("published")
feedback = _moment("feedback")
uses = _moment("uses")
archived = _moment("archived")
