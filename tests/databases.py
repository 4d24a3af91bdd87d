"""The databases of one test run.

Tables are made once, by the owner role, in a pristine database; every test process works on a copy of it as
the application role, so that privileges are as real as in production. A test that commits gets a new copy
afterwards: nothing is truncated, and no trigger of the ledger is ever disabled.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import psycopg2.errors
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from psycopg2 import sql

from config.embedded import Home, Postgres
from config.embedded.roles import grant_privileges

PREFIX = "test_jixiao_"
DROP_ATTEMPTS = 50
RUN_VARIABLE = "JIXIAO_TEST_RUN"


def begin_run() -> None:
    """Name the run after its first process; workers of the same run inherit the name."""
    os.environ.setdefault(RUN_VARIABLE, str(os.getpid()))


def _name(suffix: str) -> str:
    return f"{PREFIX}{os.environ[RUN_VARIABLE]}_{suffix}"


@contextmanager
def _owner(database: str | None = None) -> Iterator[Any]:
    """A cursor of the owner role, by default in the product's own database (whose rows it never touches)."""
    described = settings.OWNER_CONNECTION
    opened = psycopg2.connect(
        host=described["HOST"],
        port=described["PORT"],
        user=described["USER"],
        password=described["PASSWORD"],
        dbname=database or described["NAME"],
    )
    opened.autocommit = True
    try:
        with opened.cursor() as cursor:
            yield cursor
    finally:
        opened.close()


def _existing(cursor: Any, prefix: str) -> list[str]:
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
    return [row[0] for row in cursor.fetchall()]


def _drop(cursor: Any, name: str) -> None:
    """Drop a database and whoever is connected; a superuser's session (autovacuum, too) is waited for."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    for attempt in range(DROP_ATTEMPTS):
        try:
            cursor.execute(statement)
            return
        except psycopg2.errors.InsufficientPrivilege:
            if attempt == DROP_ATTEMPTS - 1:
                raise
            time.sleep(0.2)


def _copy(cursor: Any, source: str, target: str) -> None:
    cursor.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(target), sql.Identifier(source))
    )


def _drop_leftovers(cursor: Any) -> None:
    """Databases of runs that were killed before they could tidy up."""
    for name in _existing(cursor, PREFIX):
        run = name.removeprefix(PREFIX).split("_", 1)[0]
        if not _is_alive(run):
            _drop(cursor, name)
    for folder in Path(settings.DATA_DIR).glob(f"{PREFIX}*"):
        if not _is_alive(folder.name.removeprefix(PREFIX)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(run: str) -> bool:
    return run.isdigit() and psutil.pid_exists(int(run))


def _connect_as(described: dict[str, Any], database: str) -> None:
    connections.close_all()
    connection.settings_dict.update({**described, "NAME": database})


def _make_pristine(cursor: Any) -> None:
    draft = _name("draft")
    _drop(cursor, draft)
    cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(draft)))
    with _owner(draft) as inside:
        grant_privileges(
            inside.connection, owner=settings.DATABASE_OWNER_ROLE, app=settings.DATABASE_APP_ROLE
        )
    _connect_as(settings.OWNER_CONNECTION, draft)
    call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
    connections.close_all()
    cursor.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
            sql.Identifier(draft), sql.Identifier(_name("pristine"))
        )
    )


def set_up(worker: str) -> None:
    """Give this test process a database of its own and connect to it as the application role."""
    if settings.EMBEDDED_DATABASE:
        Postgres(Home(settings.DATA_DIR)).start()
    lock = settings.DATA_DIR / "tests.lock"
    with lock.open("a") as handle, _owner() as cursor:
        fcntl.flock(handle, fcntl.LOCK_EX)
        _drop_leftovers(cursor)
        if _name("pristine") not in _existing(cursor, PREFIX):
            _make_pristine(cursor)
        _copy(cursor, _name("pristine"), _name(worker))
    _connect_as(settings.APP_CONNECTION, _name(worker))


def renew() -> None:
    """Throw the process's database away, with whatever a test committed, and copy the pristine one again."""
    connections.close_all()
    used = connection.settings_dict["NAME"]
    with _owner() as cursor:
        _drop(cursor, used)
        _copy(cursor, _name("pristine"), used)


def run_folder() -> Path:
    """A folder of this run for files that belong to kept databases; removed with them."""
    folder = Path(settings.DATA_DIR) / f"{PREFIX}{os.environ[RUN_VARIABLE]}"
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def alone() -> Iterator[None]:
    """One process of the run at a time."""
    with (run_folder() / "lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def keep(name: str) -> None:
    """Keep the present database as it is now; every process of the run can `visit` it."""
    used = connection.settings_dict["NAME"]
    connections.close_all()
    with _owner() as cursor:
        _copy(cursor, used, _name(f"kept_{name}"))


def is_kept(name: str) -> bool:
    """Whether a process of this run has kept a database of this name."""
    with _owner() as cursor:
        return bool(_existing(cursor, _name(f"kept_{name}")))


@contextmanager
def visit(name: str, *, fresh: bool = False) -> Iterator[None]:
    """Work for a while on a copy of a kept database.

    The copy is made once for each process and used again, so whoever visits rolls everything back; one who
    must commit asks for a `fresh` copy, which is thrown away afterwards.
    """
    used = connection.settings_dict["NAME"]
    copy = f"{used}_{name}{'_fresh' if fresh else ''}"
    connections.close_all()
    with _owner() as cursor:
        if fresh:
            _drop(cursor, copy)
        if not _existing(cursor, copy):
            _copy(cursor, _name(f"kept_{name}"), copy)
    connection.settings_dict["NAME"] = copy
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = used
        if fresh:
            with _owner() as cursor:
                _drop(cursor, copy)


def tear_down() -> None:
    """Drop every database of this run; nothing happens when the run needed none."""
    connections.close_all()
    if settings.EMBEDDED_DATABASE and not Postgres(Home(settings.DATA_DIR)).answers():
        return
    with _owner() as cursor:
        for name in _existing(cursor, _name("")):
            _drop(cursor, name)
    shutil.rmtree(run_folder(), ignore_errors=True)
