"""The deployment guide: its SQL runs, its variables and problem numbers are the real ones."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from config.embedded import Home, Postgres, Redis, redis_program
from config.embedded.postgres import binaries
from tests.command import manage, python

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")


@pytest.fixture
def server() -> Postgres:
    """The embedded server in the part of an external one."""
    if not settings.EMBEDDED_DATABASE:
        pytest.skip("needs an administrator's rights, which an external server does not give")
    found = Postgres(Home(settings.DATA_DIR))
    found.start()
    return found


def psql(server: Postgres, script: str) -> None:
    """Run a script as administrator."""
    subprocess.run(
        [
            binaries() / "psql",
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            server.home.sockets,
            "-U",
            "postgres",
        ],
        input=script,
        text=True,
        check=True,
        capture_output=True,
    )


@pytest.fixture
def database(server: Postgres) -> Iterator[str]:
    """What the guide's SQL makes, under a name of its own."""
    name = f"guide_{os.getpid()}"
    found = re.search(r"```sql\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None
    psql(server, found[1].replace("jixiao", name))
    yield name
    psql(server, f"DROP DATABASE {name}; DROP ROLE {name}_owner; DROP ROLE {name}_app;")


def test_an_installation_by_the_guide_is_safe_to_start(server: Postgres, database: str) -> None:
    address = f"postgresql://{database}_{{}}@/{database}?host={server.home.sockets}"
    variables = {
        "PRODUCTION": "1",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ALLOWED_HOSTS": "jixiao.example",
        "DATABASE_URL": address.format("app"),
        "REDIS_URL": "none",
    }
    if redis_program() is not None:
        Redis(Home(settings.DATA_DIR)).start()
        variables["REDIS_URL"] = Redis(Home(settings.DATA_DIR)).url()
    migrated = manage("migrate", DATABASE_OWNER_URL=address.format("owner"), **variables)
    assert migrated.returncode == 0, migrated.stderr
    checked = manage("check", "--deploy", **variables)
    assert checked.returncode == 0, checked.stderr
    owner = manage("check", "--deploy", **{**variables, "DATABASE_URL": address.format("owner")})
    assert owner.returncode == 1
    assert "jixiao.E012" in owner.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["-c", "import config.wsgi"],
        ["-m", "celery", "-A", "config", "worker"],
        ["-m", "celery", "-A", "config", "beat"],
        ["manage.py", "serve"],
    ],
    ids=["web", "worker", "beat", "serve"],
)
def test_no_process_starts_in_a_dangerous_production(command: list[str]) -> None:
    told = python(
        *command,
        PRODUCTION="1",
        DEBUG="1",
        SECRET_KEY=secrets.token_urlsafe(48),
        ALLOWED_HOSTS="jixiao.example",
        DATABASE_URL="postgresql://app@/nowhere?host=/nowhere",
        REDIS_URL="none",
    )
    assert told.returncode != 0
    assert "生产环境配置不安全，程序没有启动：" in told.stderr
    assert "jixiao.E001" in told.stderr
    assert "jixiao.E010" in told.stderr


def test_every_variable_is_in_the_guide() -> None:
    source = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    reader = r'env\.(?:text|flag|number|choice|listed|origins|database|broker)\(\s*"([A-Z_]+)"'
    read = set(re.findall(reader, source))
    rows = "".join(re.findall(r"^\| (`[A-Z].*?) \|", GUIDE, re.MULTILINE))
    assert len(read) > 10
    assert read == set(re.findall(r"`([A-Z_]+)`", rows))


def test_every_problem_number_is_in_the_guide() -> None:
    source = (ROOT / "config" / "checks.py").read_text(encoding="utf-8")
    numbers = re.findall(r'id="(jixiao\.[EW]\d{3})"', source)
    assert len(numbers) > 10
    assert sorted(numbers) == sorted(re.findall(r"^\| (jixiao\.[EW]\d{3}) \|", GUIDE, re.MULTILINE))
