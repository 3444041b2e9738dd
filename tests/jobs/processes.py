"""The processes below a worker, found by what the kernel says of them, and how to take them by surprise."""

import fcntl
import os
import signal
import struct
import time
from pathlib import Path

import psutil

_WITHIN = 60.0
_FIONREAD = 0x541B
_MEGABYTE = 1024 * 1024


def decoder_of(worker: int) -> psutil.Process:
    """Wait for the limited child that belongs to the reading child of a worker."""
    end = time.monotonic() + _WITHIN
    while time.monotonic() < end:
        for process in psutil.Process(worker).children(recursive=True):
            if _runs(process, "backoffice.screening.child"):
                return process
        time.sleep(0.05)
    raise AssertionError("the worker has no decoder")


def asked(decoder: psutil.Process) -> None:
    """Wait until a question lies in the pipe of a decoder that was stopped."""
    end = time.monotonic() + _WITHIN
    while time.monotonic() < end:
        with Path(f"/proc/{decoder.pid}/fd/0").open("rb", buffering=0) as pipe:
            (waiting,) = struct.unpack("i", fcntl.ioctl(pipe, _FIONREAD, b"\0" * 4))
        if waiting:
            return
        time.sleep(0.01)
    raise AssertionError("nobody asked the decoder")


def stop(process: psutil.Process) -> None:
    os.kill(process.pid, signal.SIGSTOP)


def kill(process: psutil.Process) -> None:
    os.kill(process.pid, signal.SIGKILL)


def starve(process: psutil.Process) -> None:
    """Leave a process four megabytes more than it has."""
    room = process.memory_info().vms + 4 * _MEGABYTE
    process.rlimit(psutil.RLIMIT_AS, (room, room))
    os.kill(process.pid, signal.SIGCONT)


def _runs(process: psutil.Process, module: str) -> bool:
    try:
        return any(f"from {module} import" in part for part in process.cmdline())
    except psutil.Error:
        return False
