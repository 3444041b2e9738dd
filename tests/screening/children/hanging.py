"""A real child process that never answers, as a decoder in an endless loop does."""

import sys
import time

from backoffice.screening import frames


def main() -> None:
    frames.receive(sys.stdin.fileno())
    while True:
        time.sleep(60)
