"""Stored bytes: once, complete before they are named, durable before they are acknowledged."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from audit import blobs
from audit.models import Blob
from tests.workflows.racing import failures, race

pytestmark = pytest.mark.django_db
BYTES = "证明材料".encode()
DIGEST = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> Path:
    """A store of this test's own."""
    settings.BLOB_DIR = tmp_path / "blobs"
    return tmp_path / "blobs"


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_bytes_are_kept_under_their_hash(store: Path) -> None:
    blob = blobs.store([BYTES[:3], b"", BYTES[3:]])
    assert (blob.digest, blob.size) == (DIGEST, len(BYTES))
    assert files(store) == [f"{DIGEST[:2]}/{DIGEST}"]
    assert blobs.read(DIGEST) == BYTES
    with blobs.open_blob(DIGEST) as file:
        assert file.read() == BYTES


def test_the_same_bytes_are_one_blob(store: Path) -> None:
    assert blobs.store([BYTES]).pk == blobs.store([BYTES]).pk
    assert Blob.objects.count() == 1
    assert files(store) == [f"{DIGEST[:2]}/{DIGEST}"]


@pytest.mark.django_db(transaction=True)
def test_the_same_bytes_from_many_at_once_are_one_blob(store: Path) -> None:
    made = race([lambda: blobs.store([BYTES]).pk] * 6)
    assert failures(made) == []
    assert set(made) == {DIGEST}
    assert files(store) == [f"{DIGEST[:2]}/{DIGEST}"]
    assert blobs.read(DIGEST) == BYTES


def test_a_broken_upload_leaves_no_file(store: Path) -> None:
    def breaks() -> Iterator[bytes]:
        yield BYTES
        raise ConnectionResetError("the line went dead")

    with pytest.raises(ConnectionResetError):
        blobs.store(breaks())
    assert files(store) == []
    assert not Blob.objects.exists()


def test_a_crash_between_file_and_row_is_harmless(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is an orphan nobody sees; the next upload of the same bytes adopts it."""

    def crash(*args: object, **kwargs: object) -> None:
        raise SystemExit("power cut")

    with monkeypatch.context() as broken:
        broken.setattr(Blob.objects, "get_or_create", crash)
        with pytest.raises(SystemExit), transaction.atomic():
            blobs.store([BYTES])
    assert files(store) == [f"{DIGEST[:2]}/{DIGEST}"]
    assert not Blob.objects.exists()
    assert blobs.store([BYTES]).size == len(BYTES)
    assert blobs.read(DIGEST) == BYTES


def test_the_file_and_its_name_are_on_disk_before_the_row(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First the bytes, then the move to the final name, then the entries of both folders, then the row."""
    store.mkdir()
    happened: list[str] = []
    fsync, replace, create = os.fsync, os.replace, Blob.objects.get_or_create

    def watch_fsync(descriptor: int) -> None:
        target = os.readlink(f"/proc/self/fd/{descriptor}")
        happened.append(f"fsync {Path(target).relative_to(store)}" if Path(target).is_dir() else "fsync file")
        fsync(descriptor)

    def watch_replace(source: Path, target: Path) -> None:
        happened.append("rename")
        replace(source, target)

    def watch_create(**values: Any) -> Any:
        happened.append("row")
        return create(**values)

    monkeypatch.setattr(os, "fsync", watch_fsync)
    monkeypatch.setattr(os, "replace", watch_replace)
    monkeypatch.setattr(Blob.objects, "get_or_create", watch_create)
    blobs.store([BYTES])
    assert happened == ["fsync file", "rename", f"fsync {DIGEST[:2]}", "fsync .", "row"]


def test_lost_bytes_are_noticed(store: Path) -> None:
    blobs.store([BYTES])
    (store / DIGEST[:2] / DIGEST).unlink()
    with pytest.raises(FileNotFoundError):
        blobs.open_blob(DIGEST)
