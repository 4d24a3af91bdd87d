"""The demonstration's own secret key."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from config.environment import SettingsError
from config.secret import stored_secret


def test_the_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    first = stored_secret(tmp_path / "data")
    assert stored_secret(tmp_path / "data") == first
    assert len(first) >= 64
    assert stat.S_IMODE((tmp_path / "data" / "secret.key").stat().st_mode) == 0o600


def test_first_callers_at_once_agree(tmp_path: Path) -> None:
    found: list[str] = []
    barrier = threading.Barrier(8)

    def call() -> None:
        barrier.wait()
        found.append(stored_secret(tmp_path))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_a_data_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="数据目录"):
        stored_secret(tmp_path / "file" / "data")
