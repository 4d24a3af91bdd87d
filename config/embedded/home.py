"""Where embedded services live, and the account they run as.

PostgreSQL refuses to run as root. Started by root, the services therefore run as the owner of the data
directory, or as `nobody` when root owns it too, and only the execute bit of the directories above is added.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import stat
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.embedded.errors import EmbeddedError

SOCKET_PATH_LIMIT = 100
LONGEST_SOCKET_NAME = ".s.PGSQL.5432.lock"


@dataclass(frozen=True)
class Account:
    """The operating system account that owns the services' files and processes."""

    uid: int
    gid: int

    def may(self, right: int, path: Path) -> bool:
        """Whether the account has a right (os.R_OK, os.X_OK) on a file or directory."""
        found = path.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode >> 6 & right)
        if found.st_gid == self.gid:
            return bool(found.st_mode >> 3 & right)
        return bool(found.st_mode & right)


def service_account(directory: Path) -> Account:
    """Who the services run as: the caller, or for root the directory's owner, or for root's own `nobody`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    owner = directory.stat()
    if owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


class Home:
    """The data directory as the services see it."""

    def __init__(self, data: Path) -> None:
        self.data = data.absolute()

    @property
    def account(self) -> Account:
        """The account the services run as."""
        return service_account(self.data)

    @property
    def sockets(self) -> Path:
        """The directory of the unix sockets: in the data directory, or a short one when its path is too long.

        A unix socket's path may have about 107 bytes.
        """
        usual = self.data / "run"
        if len(os.fsencode(usual / LONGEST_SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
            return usual
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        return Path("/tmp") / f"jixiao-{digest}"  # noqa: S108 -- ownership is checked in `own`

    def prepare(self) -> None:
        """Make the directories exist with the right owner and reachable; raises EmbeddedError."""
        try:
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.own(self.sockets)
        except PermissionError as error:
            raise EmbeddedError(
                f"目录 {error.filename} 不属于当前账号：请改用原来的账号运行，或用 DATA_DIR 另指定一个目录。"
            ) from error

    def own(self, directory: Path) -> None:
        """Create a private directory of the service account; refuse one that somebody else prepared."""
        directory.mkdir(mode=0o700, exist_ok=True)
        found = directory.lstat()
        account = self.account
        if found.st_uid == 0 and os.geteuid() == 0:
            self.give(directory)
        elif found.st_uid != account.uid or not stat.S_ISDIR(found.st_mode):
            raise EmbeddedError(f"目录 {directory} 属于其他账号，不能使用：请删除它，或改用原来的账号运行。")
        self.open_way_to(directory)

    def give(self, file: Path) -> None:
        """Leave a file that root wrote to the account that will need it next time."""
        if os.geteuid() == 0:
            account = self.account
            os.chown(file, account.uid, account.gid)

    def open_way_to(self, path: Path) -> None:
        """Let the service account pass through the directories above a path (only root can and needs to)."""
        if os.geteuid() != 0:
            return
        account = self.account
        for directory in path.resolve().parents:
            if not account.may(os.X_OK, directory):
                directory.chmod(stat.S_IMODE(directory.stat().st_mode) | os.X_OK)

    def open_tree(self, tree: Path) -> None:
        """Let the service account use programs that root installed under a strict umask."""
        if os.geteuid() != 0 or not tree.exists():
            return
        self.open_way_to(tree)
        if self.account.may(os.R_OK, tree):
            return
        for path in (*tree.rglob("*"), tree):  # the tree itself last: its right says that all is done
            if not path.is_symlink():
                mode = stat.S_IMODE(path.stat().st_mode)
                path.chmod(mode | mode >> 6 & (os.R_OK | os.X_OK))

    def run(self, command: Sequence[str | Path], *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program as the service account; raises EmbeddedError with its last words when it fails."""
        account = self.account
        root = os.geteuid() == 0
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_"))}
        done = subprocess.run(  # noqa: S603 -- the programs are ours, the arguments are lists
            [os.fspath(part) for part in command],
            cwd="/",
            env=environment | {"LC_ALL": "C"},
            umask=0o077,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            user=account.uid if root else None,
            group=account.gid if root else None,
            extra_groups=[] if root else None,
        )
        if check and done.returncode != 0:
            words = (done.stderr or done.stdout).strip()[-600:]
            raise EmbeddedError(f"内置服务程序 {Path(command[0]).name} 运行失败，请按提示处理后重试：{words}")
        return done

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock under which services are started and stopped; it ends with the process."""
        self.prepare()
        lock = self.data / "services.lock"
        with lock.open("a") as handle:
            self.give(lock)
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
