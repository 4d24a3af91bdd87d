"""The embedded servers: started on demand, reused, safe under concurrent starts, and back after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg2
import pytest
from pytest_django.fixtures import Settings

from config.embedded import APP_ROLE, OWNER_ROLE, EmbeddedError, Home, Postgres, Redis, redis_program
from config.embedded.home import SOCKET_PATH_LIMIT
from config.postgresql.base import DatabaseWrapper

START = """
import sys; from pathlib import Path; from config.embedded import Home, Postgres
print(Postgres(Home(Path(sys.argv[1]))).start())
"""


@contextmanager
def own_directory() -> Iterator[Path]:
    """A directory outside of pytest's, which another run of pytest closes to the servers' account."""
    with tempfile.TemporaryDirectory(prefix="jixiao-test-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    """A data directory of its own; what runs there ends with the module."""
    with own_directory() as directory:
        home = Home(directory)
        yield home
        Postgres(home).stop()
        Redis(home).stop()


@pytest.fixture
def place() -> Iterator[Path]:
    """A data directory for one test that starts servers itself."""
    with own_directory() as directory:
        yield directory


@pytest.fixture
def postgres(home: Home) -> Postgres:
    """The running server of that directory."""
    server = Postgres(home)
    server.start()
    return server


@pytest.fixture
def redis(home: Home) -> Redis:
    """The running Redis of that directory."""
    if redis_program() is None:
        pytest.skip(
            "no Redis program on this machine: install one with `sudo apt-get install -y redis-server`"
        )
    server = Redis(home)
    server.start()
    return server


def kill(server: Postgres | Redis) -> None:
    """Kill without mercy and wait until the process is gone."""
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    while server.pid() is not None:
        time.sleep(0.01)


def one(postgres: Postgres, query: str, role: str = OWNER_ROLE) -> object:
    """The first value of a query's first row, if it returns rows."""
    connection = postgres.connect(role, "jixiao")
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None
    finally:
        connection.close()


def test_a_second_start_reuses_the_server(postgres: Postgres) -> None:
    before = postgres.pid()
    assert postgres.start() is False
    assert postgres.pid() == before


def test_four_processes_starting_at_once_start_one_server(place: Path) -> None:
    command = [sys.executable, "-c", START, str(place)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answers = [process.communicate(timeout=60)[0].strip() for process in started]
    assert Postgres(Home(place)).stop() is True
    assert sorted(answers) == ["False", "False", "False", "True"]


def test_committed_rows_survive_a_killed_server(postgres: Postgres) -> None:
    one(postgres, "CREATE TABLE IF NOT EXISTS kept (n int)")
    one(postgres, "INSERT INTO kept VALUES (1)", APP_ROLE)
    kill(postgres)
    assert postgres.start() is True
    assert one(postgres, "SELECT sum(n) FROM kept") == 1


def test_the_next_query_starts_a_killed_server(postgres: Postgres, home: Home, settings: Settings) -> None:
    settings.DATA_DIR = home.data
    settings.EMBEDDED_DATABASE = True
    described = {**settings.DATABASES["default"], "HOST": str(home.sockets), "NAME": "jixiao"}
    kill(postgres)
    parameters = DatabaseWrapper(described).get_connection_params()
    connection = DatabaseWrapper(described).get_new_connection(parameters)
    connection.close()
    assert postgres.pid() is not None


def test_an_external_server_that_is_down_is_not_replaced(home: Home, settings: Settings) -> None:
    settings.EMBEDDED_DATABASE = False
    described = {**settings.DATABASES["default"], "HOST": str(home.data / "nowhere"), "NAME": "jixiao"}
    wrapper = DatabaseWrapper(described)
    with pytest.raises(psycopg2.OperationalError):
        wrapper.get_new_connection(wrapper.get_connection_params())


def test_a_lock_file_whose_number_was_given_to_another_process_is_no_obstacle(postgres: Postgres) -> None:
    account = postgres.home.account
    other = subprocess.Popen(["sleep", "600"], user=account.uid if os.geteuid() == 0 else None)
    lock = postgres.directory / "postmaster.pid"
    text = lock.read_text().replace(str(postgres.pid()), str(other.pid), 1)
    postgres.stop()
    lock.write_text(text)
    postgres.home.give(lock)
    assert postgres.pid() is None
    assert postgres.start() is True
    other.kill()
    other.wait()


def test_a_server_that_lost_its_socket_is_started_again(postgres: Postgres, home: Home) -> None:
    for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (home.sockets / name).unlink(missing_ok=True)
    assert postgres.start() is True


def test_an_interrupted_initialisation_is_made_again(place: Path) -> None:
    (place / "postgres.new").mkdir()
    (place / "postgres.new" / "PG_VERSION").write_text("18\n")
    server = Postgres(Home(place))
    assert server.start() is True
    assert server.stop() is True


def test_a_path_too_long_for_a_socket_gets_a_short_one(place: Path) -> None:
    home = Home(place / ("deep" * 30))
    assert len(os.fsencode(home.sockets)) < SOCKET_PATH_LIMIT
    assert home.sockets != Home(place / ("deep" * 31)).sockets
    server = Postgres(home)
    assert server.start() is True
    assert server.stop() is True
    home.sockets.rmdir()


def test_a_socket_directory_of_somebody_else_is_refused(place: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a directory to somebody else")
    home = Home(place)
    home.sockets.mkdir()
    os.chown(home.sockets, 12345, 12345)
    with pytest.raises(EmbeddedError, match="属于其他账号"):
        home.prepare()


def test_the_server_is_in_use_while_somebody_is_connected(postgres: Postgres) -> None:
    before = postgres.other_clients()
    connection = postgres.connect(APP_ROLE, "jixiao")
    assert postgres.other_clients() == before + 1
    connection.close()


def test_the_server_does_not_run_as_root(postgres: Postgres) -> None:
    assert psutil.Process(postgres.pid()).uids().effective != 0


def test_messages_survive_a_killed_redis(redis: Redis) -> None:
    redis.client().lpush("queue", "1", "2")
    kill(redis)
    assert redis.start() is True
    assert redis.client().llen("queue") == 2


def test_redis_never_drops_messages_for_want_of_memory(redis: Redis) -> None:
    assert redis.client().config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert redis.client().config_get("appendonly") == {"appendonly": "yes"}


def test_a_second_start_reuses_redis(redis: Redis) -> None:
    before = redis.pid()
    assert redis.start() is False
    assert redis.pid() == before


def test_a_redis_that_lost_its_socket_is_started_again(redis: Redis) -> None:
    redis.socket.unlink()
    assert redis.start() is True
    assert redis.answers()


def test_stopping_ends_both(postgres: Postgres, redis: Redis) -> None:
    assert (redis.stop(), postgres.stop()) == (True, True)
    assert (redis.pid(), postgres.pid()) == (None, None)
    assert (postgres.stop(), redis.stop()) == (False, False)
