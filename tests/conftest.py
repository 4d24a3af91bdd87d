"""What every test has: a database of its own with real privileges, and a quick password hasher."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from django.test import TransactionTestCase, override_settings
from pytest_django.plugin import DjangoDbBlocker

from tests import databases


def pytest_configure(config: pytest.Config) -> None:
    """Name the run before its workers start."""
    databases.begin_run()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The process that started the run drops the run's databases, after all its workers have ended."""
    if not hasattr(session.config, "workerinput") and django_settings.configured:
        databases.tear_down()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database for this process; tests that commit get a new copy of it instead of a flush."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        databases.set_up(os.environ.get("PYTEST_XDIST_WORKER", "main"))
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: databases.renew())
        yield


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Signing in is tested by the hundred; a slow hash protects nobody here."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield
