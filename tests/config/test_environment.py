"""The environment: every missing or wrong variable is told at once, each in a Chinese sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.environment import Environment, SettingsError, broker_address
from tests.command import manage

ROOT = Path(__file__).parents[2]


def test_production_names_everything_that_is_missing_in_one_go() -> None:
    told = manage("check", PRODUCTION="1")
    assert told.returncode == 2
    lines = told.stderr.splitlines()
    assert lines[0] == "配置有误，程序没有启动："
    assert [line.split("：")[0] for line in lines[1:]] == [
        "缺少环境变量 SECRET_KEY",
        "缺少环境变量 ALLOWED_HOSTS",
        "缺少环境变量 DATABASE_URL",
    ]


def test_wrong_values_are_told_together_without_a_traceback() -> None:
    told = manage("check", DEBUG="maybe", DATABASE_URL="mysql://x/y", REDIS_URL="ftp://x", WEB_THREADS="many")
    assert told.returncode == 2
    assert "Traceback" not in told.stderr
    for name in ("DEBUG", "DATABASE_URL", "REDIS_URL", "WEB_THREADS"):
        assert f"环境变量 {name} " in told.stderr


def test_migrating_an_external_database_needs_the_owner() -> None:
    told = manage("migrate", DATABASE_URL="postgresql://app:x@127.0.0.1/nowhere")
    assert told.returncode == 2
    assert "缺少环境变量 DATABASE_OWNER_URL" in told.stderr


def test_an_owner_without_an_application_account_is_refused() -> None:
    told = manage("check", DATABASE_OWNER_URL="postgresql://owner:x@127.0.0.1/nowhere")
    assert "缺少环境变量 DATABASE_URL" in told.stderr


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://app:p%40ss@db.example:6432/jixiao?sslmode=require",
        "postgres://app:p%40ss@db.example/jixiao",
    ],
)
def test_a_database_address_keeps_every_part(address: str) -> None:
    env = Environment({"DATABASE_URL": address})
    found = env.database("DATABASE_URL")
    env.verify()
    assert found is not None
    assert (found["user"], found["password"], found["dbname"]) == ("app", "p@ss", "jixiao")
    assert found.get("sslmode") == ("require" if "sslmode" in address else None)


@pytest.mark.parametrize(
    "address", ["postgresql://", "postgresql://host/db", "nonsense", "http://[x", "redis://h/1"]
)
def test_an_unusable_database_address_is_told(address: str) -> None:
    env = Environment({"DATABASE_URL": address})
    env.database("DATABASE_URL")
    with pytest.raises(SettingsError, match="DATABASE_URL 不是可用的数据库地址"):
        env.verify()


@pytest.mark.parametrize(("text", "expected"), [("1", True), ("Yes", True), ("off", False), ("", False)])
def test_a_switch(text: str, expected: bool) -> None:
    env = Environment({"DEBUG": text})
    assert env.flag("DEBUG") is expected
    env.verify()


@pytest.mark.parametrize("text", ["0", "65", "-1", "4.0", "四", "٤"])
def test_a_number_out_of_bounds_is_told(text: str) -> None:
    env = Environment({"WEB_THREADS": text})
    assert env.number("WEB_THREADS", 4, low=1, high=64) == 4
    with pytest.raises(SettingsError, match="1 至 64"):
        env.verify()


def test_an_origin_without_a_scheme_is_told() -> None:
    env = Environment({"CSRF_TRUSTED_ORIGINS": "https://a.example, b.example"})
    env.origins("CSRF_TRUSTED_ORIGINS")
    with pytest.raises(SettingsError, match="“b.example”缺少协议"):
        env.verify()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("redis://host:6379/2", "redis://host:6379/2"),
        ("unix:///run/redis.sock?db=3", "redis+socket:///run/redis.sock?virtual_host=3"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock?virtual_host=0"),
    ],
)
def test_a_redis_address_in_the_words_of_celery(address: str, expected: str) -> None:
    assert broker_address(address) == expected


def test_every_environment_variable_is_read_in_settings_only() -> None:
    """One block reads the environment; the two that start the program set it, and children inherit it."""
    allowed = {"manage.py", "config/environment.py", "config/wsgi.py", "config/asgi.py", "config/celery.py"}
    allowed |= {"config/embedded/home.py"}
    apps = ("audit", "config", "cycle", "offices", "policies", "workflows")
    readers = {
        str(path.relative_to(ROOT))
        for app in apps
        for path in (ROOT / app).rglob("*.py")
        if "os.environ" in path.read_text(encoding="utf-8") or "getenv" in path.read_text(encoding="utf-8")
    }
    assert readers <= allowed


def test_without_redis_the_scheduler_does_the_work_itself() -> None:
    ask = "import config.settings as s; print(s.REDIS_URL, s.CELERY_TASK_ALWAYS_EAGER, s.CELERY_BROKER_URL)"
    told = manage("shell", "--no-imports", "-c", ask, REDIS_URL="none")
    assert told.stdout.split() == ["None", "True", "memory://localhost/"]
