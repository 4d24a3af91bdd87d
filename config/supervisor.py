"""Runs the product's processes together: starts them, restarts those that die, ends them in order."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType

POLL_SECONDS = 0.5
WATCH_SECONDS = 5.0
STEADY_SECONDS = 60.0
LONGEST_PAUSE = 30.0
END_SECONDS = 30.0
PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """In the child: get SIGTERM when the supervisor is killed, so that no orphan keeps the port (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One process to keep running; `title` is what the operator reads."""

    title: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started_at: float = 0.0
    restart_at: float = 0.0

    def start(self) -> None:
        """Start the process in its own session: Ctrl-C reaches the supervisor, which ends it in order."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 -- our own commands
            self.command,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # safe: the supervisor has one thread
        )

    def look_after(self, say: Callable[[str], None]) -> None:
        """Notice a death, and start again after a pause that doubles with each failure in a row."""
        now = time.monotonic()
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            self.process = None
            self.failures = 1 if now - self.started_at > STEADY_SECONDS else self.failures + 1
            pause = min(2.0 ** (self.failures - 1), LONGEST_PAUSE)
            self.restart_at = now + pause
            say(f"{self.title}意外退出（代码 {code}），{pause:.0f} 秒后重新启动。")
        elif now >= self.restart_at:
            self.start()

    def end(self) -> None:
        """Ask the process to finish what it is doing."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, seconds: float) -> None:
        """Wait for the process to end; kill it when it takes longer."""
        if self.process is None:
            return
        try:
            self.process.wait(max(seconds, 0.1))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Supervisor:
    """Keeps children running until SIGTERM or Ctrl-C; `watch` is called every few seconds besides."""

    def __init__(
        self, children: Sequence[Child], *, watch: Callable[[], None], say: Callable[[str], None]
    ) -> None:
        self.children = children
        self.watch = watch
        self.say = say
        self.ending = False

    def run(self, when_started: Callable[[], None]) -> None:
        """Start everything, look after it, and return when everything has ended."""
        previous = {number: signal.signal(number, self._end) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            for child in self.children:
                child.start()
            when_started()
            self._look_after()
        finally:
            self._end_all()
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _look_after(self) -> None:
        next_watch = time.monotonic() + WATCH_SECONDS
        while not self.ending:
            for child in self.children:
                child.look_after(self.say)
            if time.monotonic() >= next_watch:
                self.watch()
                next_watch = time.monotonic() + WATCH_SECONDS
            time.sleep(POLL_SECONDS)

    def _end(self, number: int, frame: FrameType | None) -> None:
        self.ending = True

    def _end_all(self) -> None:
        deadline = time.monotonic() + END_SECONDS
        for child in self.children:
            child.end()
        for child in self.children:
            child.wait(deadline - time.monotonic())
