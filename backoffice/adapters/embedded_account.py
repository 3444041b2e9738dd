"""The system account that embedded servers run under: PostgreSQL refuses root, so root drops to one of its own."""

import contextlib
import os
import pwd
import shutil
import stat
import struct
import subprocess
from dataclasses import dataclass
from logging import getLogger
from pathlib import Path

from backoffice.errors import Unavailable

log = getLogger(__name__)
ACCOUNT_NAME = "pgserver"
"""The name that the PostgreSQL wheel uses, too."""
ACL = "system.posix_acl_access"
ACL_VERSION = 2
ACL_ENTRY = struct.Struct("<HHI")
ACL_USER_OBJ, ACL_USER, ACL_GROUP_OBJ, ACL_MASK, ACL_OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
ACL_NOBODY = 0xFFFFFFFF
SEARCH = 1
OTHERS_MAY_RUN = stat.S_IROTH | stat.S_IXOTH


class CannotStart(Unavailable):
    """An embedded server cannot start here; the sentence says what to change."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who a server process runs as."""

    name: str
    uid: int
    gid: int

    @property
    def ids(self) -> tuple[int, int]:
        """Answer (uid, gid)."""
        return self.uid, self.gid


def server_account(folder: Path) -> Account | None:
    """Answer the account to drop to, or None for an ordinary user, who runs servers as themselves.

    An existing folder keeps its owner, so that data made by one account never changes hands.
    """
    owner = folder.stat().st_uid if folder.exists() else None
    if os.geteuid() != 0:
        if owner not in {None, os.geteuid()}:
            message = f"{folder} belongs to another user. Start as its owner, or set BACKOFFICE_DATA_DIR."
            raise CannotStart(message)
        return None
    entry = pwd.getpwuid(owner) if owner else _dedicated()
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _dedicated() -> pwd.struct_passwd:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(ACCOUNT_NAME)
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    command = [useradd, "--system", "--no-create-home", "--shell", "/bin/false", ACCOUNT_NAME]
    with contextlib.suppress(OSError, subprocess.CalledProcessError, KeyError):
        subprocess.run(command, check=True, capture_output=True, timeout=20)  # noqa: S603 fixed arguments
        return pwd.getpwnam(ACCOUNT_NAME)
    message = (
        f"PostgreSQL does not run as root and the system user {ACCOUNT_NAME} could not be created. "
        "Start as an ordinary user, or set BACKOFFICE_DATABASE_URL to a PostgreSQL of your own."
    )
    raise CannotStart(message)


def may_search(folder: Path, account: Account) -> bool:
    """Tell whether the account may pass through a folder, by its mode bits."""
    facts = folder.stat()
    if facts.st_uid == account.uid:
        return bool(facts.st_mode & stat.S_IXUSR)
    if facts.st_gid == account.gid:
        return bool(facts.st_mode & stat.S_IXGRP)
    return bool(facts.st_mode & stat.S_IXOTH)


def let_through(path: Path, account: Account) -> None:
    """Let one account, and nobody else, pass through the folders above `path` (a POSIX ACL entry with search only).

    A home folder is often 0700; opening it to everybody would be worse than refusing to start.
    """
    for folder in reversed(path.resolve().parents):
        if may_search(folder, account):
            continue
        try:
            os.setxattr(folder, ACL, _with_search(folder, account.uid))
        except (AttributeError, OSError):
            message = (
                f"PostgreSQL does not run as root, and its system user {account.name} may not enter {folder}. "
                f"Start as an ordinary user, or allow it with: chmod o+x {folder}"
            )
            raise CannotStart(message) from None
        log.info("%s may now be passed through by the system user %s", folder, account.name)


def _with_search(folder: Path, uid: int) -> bytes:
    """Add search for one user to a folder's ACL (acl(5), the kernel's xattr form)."""
    entries = _entries(folder)
    entries[ACL_USER, uid] = entries.get((ACL_USER, uid), 0) | SEARCH
    mask = entries.get((ACL_MASK, ACL_NOBODY), entries[ACL_GROUP_OBJ, ACL_NOBODY])
    entries[ACL_MASK, ACL_NOBODY] = mask | SEARCH
    packed = (ACL_ENTRY.pack(tag, permissions, who) for (tag, who), permissions in sorted(entries.items()))
    return struct.pack("<I", ACL_VERSION) + b"".join(packed)


def _entries(folder: Path) -> dict[tuple[int, int], int]:
    try:
        raw = os.getxattr(folder, ACL)[4:]
    except OSError:
        mode = folder.stat().st_mode
        bits = {ACL_USER_OBJ: mode >> 6, ACL_GROUP_OBJ: mode >> 3, ACL_OTHER: mode}
        return {(tag, ACL_NOBODY): value & 7 for tag, value in bits.items()}
    return {(tag, who): permissions for tag, permissions, who in ACL_ENTRY.iter_unpack(raw)}


def let_run(program: Path, library_folders: tuple[Path, ...]) -> None:
    """Make installed programs readable for the account where a strict umask left them to root alone."""
    if program.stat().st_mode & OTHERS_MAY_RUN == OTHERS_MAY_RUN:
        return
    for root in library_folders:
        for path in (root, *root.rglob("*")):
            if path.is_symlink():
                continue
            mode = path.stat().st_mode
            runs = stat.S_IXOTH if mode & stat.S_IXUSR else 0
            path.chmod(mode | stat.S_IROTH | runs)
