"""Processes that are killed in the middle of their work, and workers beside the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.db import connection, connections

from tests import databases
from tests.command import ROOT

NEVER = 10_000


@dataclass(frozen=True, slots=True)
class Death:
    """How a killed process ended: whether it had said that its work was done."""

    acknowledged: bool


def killed(command: Callable[[], object], *, after: int = NEVER) -> Death:
    """Run a command in a process of its own that kills itself (SIGKILL) right after so many SQL statements.

    When the command ends before, the process acknowledges it and is killed then: nothing is tidied up.
    """
    connections.close_all()  # a session cannot be shared with the child
    ear, mouth = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            connection.execute_wrappers.append(_Fuse(after))
            command()
            os.write(mouth, b"done")
        except BaseException as error:  # noqa: BLE001  (told to the test, for this process ends here)
            os.write(mouth, f"{type(error).__name__}: {error}".encode())
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.close(mouth)
    with os.fdopen(ear, "rb") as voice:
        said = voice.read().decode()
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert said in ("", "done"), f"the command failed before it was killed: {said}"
    return Death(said == "done")


class _Fuse:
    """Kills the process after so many statements."""

    def __init__(self, statements: int) -> None:
        self.left = statements

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        result = execute(*arguments)
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result


def environment(broker: str = "none") -> dict[str, str]:
    """What another process needs to work on the database of this test."""
    described = connection.settings_dict
    place = urlencode(
        {key: described[name] for key, name in (("host", "HOST"), ("port", "PORT")) if described[name]}
    )
    account = quote(described["USER"]) + (f":{quote(described['PASSWORD'])}" if described["PASSWORD"] else "")
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return inherited | {
        "DATA_DIR": str(databases.run_folder()),
        "DATABASE_URL": f"postgresql://{account}@/{described['NAME']}?{place}",
        "REDIS_URL": broker,
    }


def operate(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the product on a data directory of its own, as long as it takes."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(place), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )


@contextmanager
def worker(broker: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real Celery worker on the test's database; ended with the block."""
    arguments = [
        "-m",
        "celery",
        "-A",
        "config",
        "worker",
        "--pool",
        "solo",
        "--without-mingle",
        "--without-gossip",
    ]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=environment(broker), stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)
