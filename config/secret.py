"""The demonstration's own secret key, made once and kept in the data directory."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from pathlib import Path

from config.environment import SettingsError


def stored_secret(data: Path) -> str:
    """The key kept under the data directory, made at the first call; two first callers agree on one key."""
    path = data / "secret.key"
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            with tempfile.NamedTemporaryFile("w", dir=data, prefix="secret.", encoding="ascii") as draft:
                draft.write(secrets.token_urlsafe(64))
                draft.flush()
                with contextlib.suppress(FileExistsError):  # somebody was faster: theirs is the key
                    path.hardlink_to(draft.name)
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise SettingsError(
            f"数据目录 {data} 不可读写：请改用原来的账号运行，或用 DATA_DIR 另指定一个目录。"
        ) from error
