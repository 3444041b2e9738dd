"""A real limited child that tries what a decoder taken over by its file would try, and tells what worked."""

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from backoffice.screening import frames, sandbox


def main() -> None:
    message, _ = frames.receive(sys.stdin.fileno())
    sandbox.die_with_parent()
    sandbox.confine(memory=512)
    sandbox.allow_seconds(1)
    attempts: dict[str, Callable[[], object]] = {
        "allocate": lambda: bytearray(1 << 30),
        "read": lambda: Path(str(message["secret"])).read_bytes(),
        "read_system": lambda: Path("/etc/passwd").read_bytes(),
        "write": lambda: _write(str(message["path"])),
        "open_many": lambda: [os.open(os.devnull, os.O_RDONLY) for _ in range(100)],
        "connect": lambda: socket.create_connection(("127.0.0.1", int(message["port"])), timeout=2),
    }
    frames.send(sys.stdout.fileno(), {name: _works(attempt) for name, attempt in attempts.items()}, [])
    while True:
        pass


def _works(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (OSError, MemoryError):
        return False
    return True


def _write(path: str) -> None:
    Path(path).write_bytes(b"something")
