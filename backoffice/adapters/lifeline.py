"""Ties a child process to its parent, so that a killed parent leaves nothing running (Linux; elsewhere harmless).

Also runs as a script, before the child: it drops root if asked to, asks the kernel for a signal at the parent's
death (prctl(2) PR_SET_PDEATHSIG) and becomes the child. The kernel means the parent's *thread*, so start children
from a thread that stays.
"""

import ctypes
import os
import sys
from collections.abc import Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
KEEP_ACCOUNT = "-"


def tied(argv: Sequence[str], signal: int, *, account: tuple[int, int] | None = None) -> list[str]:
    """Wrap a command so that `signal` reaches it when this process dies; `account` is the (uid, gid) it drops to.

    Signal 0 ties nothing.
    """
    if not signal and not account:
        return list(argv)
    owner = f"{account[0]}:{account[1]}" if account else KEEP_ACCOUNT
    return [sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(int(signal)), str(os.getpid()), owner, *argv]


def die_with_parent(signal: int) -> None:
    """Ask the kernel for a signal to this process when its parent dies: for processes that a pool starts."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal), 0, 0, 0)


def _drop_to(owner: str) -> None:
    uid, gid = (int(part) for part in owner.split(":"))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _become(signal: int, parent: int, owner: str, argv: list[str]) -> None:
    if owner != KEEP_ACCOUNT:
        _drop_to(owner)
    die_with_parent(signal)
    if sys.platform == "linux" and os.getppid() != parent:
        sys.exit(0)
    try:
        os.execvp(argv[0], argv)  # noqa: S606 the whole purpose: this process becomes the child
    except OSError as error:
        sys.exit(f"{argv[0]} cannot be started: {error.strerror}")


if __name__ == "__main__":
    _become(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
