"""Starts and stops the processes of embedded servers."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psutil

ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
"""Nothing of ours: a PGPORT or PGDATA set for another server must not lead this one astray."""
STOP_SECONDS = 20.0

_children: "dict[int, subprocess.Popen[bytes]]" = {}
"""Servers that this process started, so that they are reaped when they end."""


def spawn(command: Sequence[str], log: Path) -> "subprocess.Popen[bytes]":
    """Start a server in its own session, so that Ctrl-C reaches us alone and we stop it in order."""
    with log.open("ab") as output:
        child = subprocess.Popen(  # noqa: S603 our own programs and paths
            command,
            env=ENVIRONMENT,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    _children[child.pid] = child
    return child


def stop_process(process: psutil.Process, signals: Sequence[signal.Signals]) -> None:
    """Ask with the first signal, insist with the next ones, and return when the process is gone."""
    child = _children.pop(process.pid, None)
    for how in signals:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(how)
        with contextlib.suppress(psutil.TimeoutExpired, subprocess.TimeoutExpired, psutil.NoSuchProcess):
            (child or process).wait(STOP_SECONDS)
            return


def find_process(pid_file: Path, marker: str) -> psutil.Process | None:
    """Find the live process that a pid file names, if its command line carries `marker`.

    A stale file, or an id that another program got since, is nobody.
    """
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
        if pid in _children and _children[pid].poll() is not None:
            del _children[pid]
        process = psutil.Process(pid)
        is_ours = process.status() != psutil.STATUS_ZOMBIE and any(marker in word for word in process.cmdline())
    except (OSError, ValueError, psutil.Error):
        return None
    return process if is_ours else None
