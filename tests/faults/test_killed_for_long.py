"""Minutes of violence: the working process and its database server are killed again and again."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config.embedded import APP_ROLE, Home, Postgres
from tests.command import ROOT
from tests.faults.crashing import operate

pytestmark = pytest.mark.soak
ROUNDS = 8


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A data directory with an empty database."""
    assert operate(tmp_path, "migrate", "--verbosity", "0").returncode == 0
    yield tmp_path
    operate(tmp_path, "services", "stop")


def test_whatever_is_killed_the_records_agree(place: Path) -> None:
    """A year is begun each time and cut short; then tasks, items, records and ledger are compared."""
    draw = random.Random(1)
    for number in range(ROUNDS):
        working = subprocess.Popen(
            [sys.executable, "manage.py", "rehearse", "zhengding", "--year", str(2030 + number)],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "DATA_DIR": str(place), "LANG": "C.UTF-8"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(draw.uniform(2, 12))
        if number % 2:
            kill_server(place)
        working.kill()
        working.wait(30)
        agreed = operate(place, "reconcile")
        assert agreed.returncode == 0, agreed.stdout + agreed.stderr
        ticked = operate(place, "tick")
        assert ticked.returncode == 0, ticked.stdout + ticked.stderr
        assert operate(place, "reconcile").returncode == 0
    assert tasks_done(place) > 100, "nothing was under way when it was killed"


def tasks_done(place: Path) -> int:
    session = Postgres(Home(place)).connect(APP_ROLE, "jixiao")
    try:
        with session.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM workflows_workitem WHERE state = 'done'")
            counted = cursor.fetchone()
            return int(counted[0]) if counted else 0
    finally:
        session.close()


def kill_server(place: Path) -> None:
    """SIGKILL the whole database server, as a power cut would."""
    number = Postgres(Home(place)).pid()
    assert number is not None
    server = psutil.Process(number)
    for process in [*server.children(recursive=True), server]:
        try:
            process.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue
