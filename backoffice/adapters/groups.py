"""Runs a command to its end in a process group of its own, so that whoever stops half-way leaves nothing running."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from backoffice.adapters import lifeline

STOP_SECONDS = 5.0

_running: "set[subprocess.Popen[str]]" = set()


def run(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str], output: "int | IO[str]" = subprocess.PIPE
) -> "subprocess.CompletedProcess[str]":
    """Run a command; both its outputs go where `output` says, into the answer by default.

    It ends with the calling thread, with an exception in it, and with the block of `ended`.
    """
    with subprocess.Popen(  # noqa: S603 our own commands
        lifeline.tied(command, signal.SIGTERM),
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        _running.add(process)
        try:
            said, _ = process.communicate()
        finally:
            _end(process)
            _running.discard(process)
    return subprocess.CompletedProcess(command, process.returncode, said)


@contextmanager
def ended() -> Generator[None]:
    """End what still runs, in other threads too, when the block is left."""
    try:
        yield
    finally:
        for process in list(_running):
            _end(process)


def _end(process: "subprocess.Popen[str]") -> None:
    """Ask the group, insist after a while; what a command left behind goes, too."""
    _signal(process, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    _signal(process, signal.SIGKILL)


def _signal(process: "subprocess.Popen[str]", number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
