"""Content-addressed storage: bytes are written once under their SHA-256 and never change.

Files rather than table rows, because evidence may be 100 MB a piece. The file is on disk (fsync) before
the row that names it commits, so an acknowledged upload survives a crash.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from audit.models import Blob


def _path(digest: str) -> Path:
    return Path(settings.BLOB_DIR) / digest[:2] / digest


def store(chunks: Iterable[bytes]) -> Blob:
    """Store a sequence of byte chunks and return its Blob; storing the same bytes twice is one Blob."""
    root = Path(settings.BLOB_DIR)
    root.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=root, prefix="incoming-", delete=False) as file:
        temporary = Path(file.name)
        try:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    name = digest.hexdigest()
    _settle(temporary, _path(name))
    blob, _ = Blob.objects.get_or_create(digest=name, defaults={"size": size})
    return blob


def _settle(temporary: Path, target: Path) -> None:
    """Move a complete file to its final name and make the name, and its folder's name, durable."""
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(temporary, target)
    for folder in (target.parent, target.parent.parent):
        directory = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def open_blob(digest: str) -> BinaryIO:
    """Open the stored bytes for reading; raises FileNotFoundError when the store has lost them."""
    return _path(digest).open("rb")


def read(digest: str) -> bytes:
    """Return the stored bytes of a small blob (documents, published tables)."""
    return _path(digest).read_bytes()
