"""The demonstration's own secret key, made once and kept in the data directory."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from config.environment import SettingsError


def stored_secret(data: Path) -> str:
    """The key kept under the data directory, made at the first call; two first callers agree on one key."""
    path = data / "secret.key"
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            draft = data / f"secret.key.{os.getpid()}"
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(64), encoding="ascii")
            try:
                path.hardlink_to(draft)  # fails when somebody was faster; then theirs is the key
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise SettingsError(
            f"数据目录 {data} 不可读写：请改用原来的账号运行，或用 DATA_DIR 另指定一个目录。"
        ) from error
