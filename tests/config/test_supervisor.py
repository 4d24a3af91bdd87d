"""The supervisor: children run, a dead one comes back, and all end in order."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import psutil

from config.supervisor import Child, Supervisor

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


def end_when(condition: object) -> None:
    """Send this process SIGTERM, which the supervisor handles, once the condition holds."""

    def wait() -> None:
        deadline = time.monotonic() + 15
        while not condition() and time.monotonic() < deadline:  # type: ignore[operator]
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def test_all_children_run_and_all_end() -> None:
    children = [Child("甲", SLEEP), Child("乙", SLEEP)]
    seen: list[int] = []

    def started() -> None:
        seen.extend(child.process.pid for child in children if child.process)
        end_when(lambda: True)

    Supervisor(children, watch=lambda: None, say=lambda line: None).run(started)
    assert len(seen) == 2
    assert not any(psutil.pid_exists(pid) for pid in seen)


def test_a_dead_child_is_started_again_and_told() -> None:
    child = Child("甲", SLEEP)
    said: list[str] = []
    first: list[int] = []

    def started() -> None:
        assert child.process is not None
        first.append(child.process.pid)
        child.process.kill()
        end_when(lambda: child.process is not None and child.process.pid != first[0])

    Supervisor([child], watch=lambda: None, say=said.append).run(started)
    assert said == ["甲意外退出（代码 -9），1 秒后重新启动。"]
    assert child.process is not None
    assert child.process.pid != first[0]


def test_the_pause_doubles_while_a_child_keeps_failing() -> None:
    child = Child("甲", [sys.executable, "-c", "raise SystemExit(3)"])
    said: list[str] = []
    for _ in range(7):
        child.start()
        assert child.process is not None
        child.process.wait()
        child.look_after(said.append)
    assert [line.split("，")[1] for line in said] == [
        f"{pause} 秒后重新启动。" for pause in (1, 2, 4, 8, 16, 30, 30)
    ]


def test_a_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    stubborn = "import signal, time, pathlib, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    child = Child(
        "甲", [sys.executable, "-c", f"{stubborn} pathlib.Path({str(ready)!r}).touch(); time.sleep(600)"]
    )
    child.start()
    while not ready.exists():
        time.sleep(0.01)
    child.end()
    child.wait(0.2)
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    if sys.platform != "linux":
        return
    script = (
        "import sys; from config.supervisor import Child, Supervisor\n"
        f"child = Child('甲', {SLEEP!r})\n"
        f"started = lambda: open({str(tmp_path / 'pid')!r}, 'w').write(str(child.process.pid))\n"
        "Supervisor([child], watch=lambda: None, say=print).run(started)\n"
    )
    supervisor = Child("监督", [sys.executable, "-c", script])
    supervisor.start()
    note = tmp_path / "pid"
    while not (note.exists() and note.read_text()):
        time.sleep(0.01)
    orphan = psutil.Process(int(note.read_text()))
    assert supervisor.process is not None
    supervisor.process.kill()
    supervisor.process.wait()
    deadline = time.monotonic() + 10
    while orphan.is_running() and orphan.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE
