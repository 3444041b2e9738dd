"""A real child process that dies on one kind of file, as a decoder with a memory error does."""

import os
import sys

from backoffice.screening import frames


def main() -> None:
    while True:
        try:
            _message, blobs = frames.receive(sys.stdin.fileno())
        except frames.ClosedError:
            return
        if b"crash" in blobs[0]:
            os.abort()
        frames.send(sys.stdout.fileno(), {"width": 640, "height": 400, "pages": 1}, [])
