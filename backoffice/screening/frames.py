"""One message on a pipe: a JSON object and raw bytes beside it, so that no side ever unpickles the other's data."""

import json
import os
import select
import time
from typing import Any

_HEADER_BYTES = 4
_MOST_HEADER = 8 * 1024 * 1024
_MOST_BLOBS = 256 * 1024 * 1024
_TICK_SECONDS = 0.2

Message = dict[str, Any]


class ClosedError(Exception):
    """The other side of the pipe is gone or speaks nonsense."""


class LateError(Exception):
    """The other side did not answer in time."""


def send(pipe: int, message: Message, blobs: list[bytes]) -> None:
    """Write one message; a closed pipe raises `ClosedError`."""
    head = json.dumps(message | {"blobs": [len(blob) for blob in blobs]}).encode()
    try:
        for part in (len(head).to_bytes(_HEADER_BYTES, "big"), head, *blobs):
            view = memoryview(part)
            while view:
                view = view[os.write(pipe, view) :]
    except OSError as broken:
        raise ClosedError from broken


def receive(pipe: int, *, deadline: float | None = None) -> tuple[Message, list[bytes]]:
    """Read one message; `deadline` is a `time.monotonic()` value, after it `LateError` is raised."""
    size = int.from_bytes(_exactly(pipe, _HEADER_BYTES, deadline), "big")
    if size > _MOST_HEADER:
        raise ClosedError
    try:
        message: Message = json.loads(_exactly(pipe, size, deadline))
        sizes = [int(length) for length in message.pop("blobs")]
    except (ValueError, KeyError, TypeError, AttributeError) as nonsense:
        raise ClosedError from nonsense
    if min(sizes, default=0) < 0 or sum(sizes) > _MOST_BLOBS:
        raise ClosedError
    return message, [_exactly(pipe, length, deadline) for length in sizes]


def _exactly(pipe: int, size: int, deadline: float | None) -> bytes:
    data = bytearray()
    while len(data) < size:
        if deadline is not None:
            _wait(pipe, deadline)
        part = os.read(pipe, min(size - len(data), 1 << 20))
        if not part:
            raise ClosedError
        data += part
    return bytes(data)


def _wait(pipe: int, deadline: float) -> None:
    while not select.select([pipe], [], [], _TICK_SECONDS)[0]:
        if time.monotonic() > deadline:
            raise LateError
