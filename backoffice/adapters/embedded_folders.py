"""Where embedded servers keep their sockets, locks and logs below the data folder."""

import fcntl
import hashlib
import os
import stat
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from backoffice.adapters.embedded_account import Account, CannotStart

LONGEST_SOCKET_NAME = ".s.PGSQL.5432.lock"
SOCKET_PATH_LIMIT = 100
"""Bytes; the kernel takes 107 on Linux and 103 on macOS (unix(7), sun_path)."""
PRIVATE = 0o700


def private_folder(folder: Path, account: Account | None) -> Path:
    """Make a folder that its owner alone enters, and refuse one that somebody else prepared for us."""
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    facts = folder.lstat()
    if account and facts.st_uid == 0:
        os.chown(folder, *account.ids)
        facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != (account.uid if account else os.geteuid()):
        message = f"{folder} belongs to another user. Remove it, or set BACKOFFICE_DATA_DIR to another folder."
        raise CannotStart(message)
    folder.chmod(PRIVATE)
    return folder


def socket_folder(data_dir: Path) -> Path:
    """Answer the folder for unix sockets: below the data folder, or a short temporary one when that path is too long.

    The short name is derived from the data folder, so every command finds the same one.
    """
    folder = data_dir.resolve() / "run"
    if len(os.fsencode(folder / LONGEST_SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
        return folder
    name = f"backoffice-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"
    short = Path(tempfile.gettempdir()) / name
    if len(os.fsencode(short / LONGEST_SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
        return short
    return Path("/tmp") / name  # noqa: S108 the last resort; private_folder refuses a prepared one


def log_file(data_dir: Path, name: str) -> Path:
    """Answer the log file of a server, readable by its owner alone."""
    folder = data_dir.resolve() / "logs"
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    path = folder / f"{name}.log"
    path.touch(mode=0o600)
    return path


def log_tail(data_dir: Path, name: str, lines: int = 5) -> str:
    """Answer the last lines of a server's log, for the sentence that explains why it did not start."""
    return "\n".join(log_file(data_dir, name).read_text(errors="replace").splitlines()[-lines:])


@contextmanager
def starting(data_dir: Path, name: str) -> Generator[None]:
    """Let one process at a time start or stop a server of this data folder."""
    data_dir.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    with (data_dir / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
