"""What makes a production system dangerous is told, one numbered problem each, and keeps it from starting."""

from __future__ import annotations

import datetime as dt
import secrets
import time
from typing import Any

import psutil
import pytest
import redis
from django.core import checks as django_checks
from django.core.checks import CheckMessage
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from audit.models import Clock
from config import checks, startup
from config.embedded import redis_program
from offices.models import User


@pytest.fixture
def production(settings: Settings) -> Settings:
    """Settings with which nothing is wrong."""
    settings.PRODUCTION = True
    settings.DEBUG = False
    settings.OWN_SECRET_KEY = True
    settings.SECRET_KEY = secrets.token_urlsafe(48)
    settings.ALLOWED_HOSTS = ["jixiao.example"]
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = True
    settings.EMBEDDED_DATABASE = False
    return settings


def numbers(found: list[CheckMessage]) -> list[str]:
    return [str(problem.id).removeprefix("jixiao.") for problem in found]


def test_a_sound_configuration_is_accepted(production: Settings) -> None:
    assert checks.check_settings(None) == []


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("DEBUG", True, "E001"),
        ("OWN_SECRET_KEY", False, "E002"),
        ("SECRET_KEY", "short", "E002"),
        ("SECRET_KEY", "a" * 80, "E002"),
        ("SECRET_KEY", "django-insecure-0123456789abcdefghijklmnopqrstuvwxyz0123456789", "E002"),
        ("ALLOWED_HOSTS", ["*"], "E003"),
        ("ALLOWED_HOSTS", [], "E003"),
        ("SESSION_COOKIE_SECURE", False, "E004"),
        ("CSRF_COOKIE_SECURE", False, "E004"),
        ("SECURE_SSL_REDIRECT", False, "E004"),
        ("EMBEDDED_DATABASE", True, "E005"),
    ],
)
def test_a_dangerous_setting_is_told(production: Settings, name: str, value: Any, number: str) -> None:
    setattr(production, name, value)
    assert numbers(checks.check_settings(None)) == [number]


@pytest.mark.django_db
def test_the_application_role_on_a_clean_database_is_accepted() -> None:
    assert checks.check_database(None) == []


@pytest.mark.django_db
def test_a_demonstration_account_is_told_until_it_is_deactivated() -> None:
    user = User.objects.create_user("demo", "whatever long", name="演示·经办员", is_demo=True)
    assert numbers(checks.check_database(None)) == ["E013"]
    user.is_active = False
    user.save()
    assert checks.check_database(None) == []


@pytest.mark.django_db
def test_a_moved_clock_is_told() -> None:
    clock = Clock.objects.create(offset=dt.timedelta(0))
    assert checks.check_database(None) == []
    clock.offset = dt.timedelta(days=-3)
    clock.save()
    assert numbers(checks.check_database(None)) == ["E014"]


@pytest.mark.django_db
def test_a_skewed_machine_clock_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + dt.timedelta(seconds=5))
    assert numbers(checks.check_database(None)) == ["E015"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("role", "expected"), [("OWNER_CONNECTION", ["E012"]), ("superuser", ["E011", "E012"])]
)
def test_a_mighty_database_account_is_told(settings: Settings, role: str, expected: list[str]) -> None:
    if not settings.EMBEDDED_DATABASE:
        pytest.skip("the administrator of an external server is nobody's business here")
    user = "postgres" if role == "superuser" else settings.OWNER_CONNECTION["USER"]
    ordinary = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict["USER"] = user
    try:
        assert numbers(checks.check_database(None)) == expected
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backend = cursor.fetchone()[0]
        connection.close()
        while psutil.pid_exists(backend):  # only the administrator could end what still stands in the way
            time.sleep(0.01)
        connection.settings_dict.update(ordinary)


@pytest.mark.django_db(transaction=True)
def test_an_unreachable_database_is_told() -> None:
    ordinary = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict["NAME"] = "no_such_database"
    try:
        assert numbers(checks.check_database(None)) == ["E010"]
    finally:
        connection.close()
        connection.settings_dict.update(ordinary)


@pytest.fixture
def broker(settings: Settings) -> redis.Redis:
    """The Redis that this machine would use."""
    if redis_program() is None or not settings.REDIS_URL:
        pytest.skip("no Redis program on this machine: `sudo apt-get install -y redis-server`")
    startup.start_services()
    return redis.Redis.from_url(settings.REDIS_URL, decode_responses=True)


@pytest.mark.parametrize(
    ("option", "bad", "good", "number"),
    [("maxmemory-policy", "allkeys-lru", "noeviction", "E021"), ("appendonly", "no", "yes", "E022")],
)
def test_a_forgetful_broker_is_told(
    broker: redis.Redis, option: str, bad: str, good: str, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert checks.check_broker(None) == []
    answer = redis.Redis.config_get
    monkeypatch.setattr(
        redis.Redis, "config_get", lambda self, name: {name: bad} if name == option else answer(self, name)
    )
    assert numbers(checks.check_broker(None)) == [number]


def test_a_broker_that_does_not_answer_is_told(settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    assert numbers(checks.check_broker(None)) == ["E020"]


def test_no_broker_is_worth_a_warning(settings: Settings) -> None:
    settings.REDIS_URL = None
    assert numbers(checks.check_broker(None)) == ["W020"]


def test_the_three_checks_belong_to_check_deploy() -> None:
    registered = django_checks.registry.registry.deployment_checks
    assert {checks.check_settings, checks.check_database, checks.check_broker} <= set(registered)


@pytest.mark.django_db
def test_production_does_not_start_with_a_serious_problem(production: Settings) -> None:
    production.REDIS_URL = None
    startup.refuse_dangerous_production()
    production.DEBUG = True
    with pytest.raises(SystemExit) as refusal:
        startup.refuse_dangerous_production()
    assert "jixiao.E001 调试模式开着" in str(refusal.value)


def test_a_demonstration_is_not_held_to_it(settings: Settings) -> None:
    settings.PRODUCTION = False
    settings.DEBUG = True
    startup.refuse_dangerous_production()
