"""Several people at the same moment: real threads, real connections, one starting gun."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

Command = Callable[[], Any]


def race(commands: Sequence[Command]) -> list[Any]:
    """Run all commands at once; return their results, an exception in the place of what it prevented."""
    barrier = threading.Barrier(len(commands))
    results: list[Any] = [None] * len(commands)

    def run(place: int, command: Command) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(20)
            results[place] = command()
        except Exception as error:  # noqa: BLE001  (whatever it is, it is this command's result)
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(commands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs: is there a deadlock?"
    return results


def failures(results: Sequence[Any]) -> list[Exception]:
    """The commands that failed."""
    return [result for result in results if isinstance(result, Exception)]
