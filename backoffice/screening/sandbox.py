"""What a child gives up before it touches a hostile file: memory, files, CPU, network, and outliving its parent."""

import contextlib
import ctypes
import os
import resource
import signal
from pathlib import Path

from backoffice.screening import landlock

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_OWN = Path(__file__).resolve().parents[1]
_MEGABYTE = 1024 * 1024


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends, however the parent ends (Linux only)."""
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() == 1:
            os._exit(1)


def confine(*, memory: int) -> None:
    """Give up what decoding does not need; `memory` is the address space in MiB.

    Cutting the network and the files is best effort: containers may forbid new namespaces, old kernels know no
    Landlock; the other limits always hold.
    """
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
            libc.unshare(_CLONE_NEWNET)
    landlock.leave_files(_OWN)
    for limit, value in (
        (resource.RLIMIT_AS, memory * _MEGABYTE),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def allow_seconds(seconds: int) -> None:
    """Renew the CPU allowance for one file; the kernel kills the process when it is spent."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    wanted = spent + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
