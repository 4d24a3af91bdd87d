"""What every test has: a database of its own with real privileges, a quick password hasher, and a browser."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from django.test import TransactionTestCase, override_settings
from playwright.sync_api import Browser, sync_playwright
from pytest_django.plugin import DjangoDbBlocker

from config.celery import app as celery_app
from tests import browser, databases

pytest_plugins = ["tests.moments"]


def pytest_configure(config: pytest.Config) -> None:
    """Name the run before its workers start."""
    databases.begin_run()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A browser test needs a browser."""
    if item.get_closest_marker("browser") or item.get_closest_marker("screenshots"):
        browser.require()


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
def _test_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Signing in is tested by the hundred, where a slow hash protects nobody; files and messages stay."""
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        BLOB_DIR=tmp_path_factory.mktemp("blobs"),
    ):
        celery_app.conf.broker_url = "memory://localhost/"
        yield


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless browser for tests marked `browser`."""
    # The driver runs an event loop in this thread, which Django would mistake for asynchronous code.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as driver:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield driver.chromium.launch(executable_path=browser.program(), args=browser.ARGUMENTS)
