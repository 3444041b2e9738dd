"""The download of Pwned Passwords, ordered by hash: some forty gigabytes that are searched where they lie.

A line is the SHA-1 of a password and how often it was seen, `00000000…:52`. About forty reads of a few hundred bytes
find a hash or that it is not there; nothing is indexed and nothing is kept in memory.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from backoffice.errors import Unavailable

LINE = re.compile(rb"([0-9A-Fa-f]{40}):[0-9]{1,12}\r?")
LONGEST_LINE = 64
SAMPLES = 2_000
FEW_SAMPLES = 50
"""For what somebody waits for, a start or a page: a disk that sleeps takes ten milliseconds for each."""
HASHES = 16**40
WIDEST_GAP = 50
"""Hashes fall evenly: a gap of so many average ones at either end is there once in e^50 whole files."""


class Damaged(Exception):
    """The file is not what it should be; the message says where."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: from which byte to which, and its hash in capitals."""

    start: int
    end: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class PwnedPasswords:
    """One such file."""

    path: Path

    def holds(self, password: str) -> bool:
        """Answer whether a password is in it, as it is.

        Raises Unavailable when the file cannot be read or is not in order where it was read.
        """
        wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
        try:
            with self.path.open("rb", buffering=0) as file:
                return _holds(file, wanted)
        except (OSError, Damaged) as error:
            raise Unavailable(
                "New passwords cannot be compared with those that were stolen elsewhere right now. Tell whoever runs "
                "this installation.",
                code="breached_passwords_unavailable",
            ) from error

    def fault(self, samples: int = SAMPLES) -> str:
        """Say what is wrong with the file, by looking at this many places of it; nothing when it is fine."""
        try:
            with self.path.open("rb", buffering=0) as file:
                _in_order(_sampled(file, samples))
                _whole(file)
        except OSError as error:
            return f"{self.path} cannot be read: {error.strerror}."
        except Damaged as error:
            return f"{self.path} is not the download of Pwned Passwords ordered by hash: {error}."
        return ""

    def estimate(self) -> int:
        """Say about how many passwords are in it, from its size and some of its lines."""
        with self.path.open("rb", buffering=0) as file:
            lengths = [line.end - line.start for line in _sampled(file, SAMPLES)]
        return round(self.path.stat().st_size * len(lengths) / sum(lengths))

    def count(self) -> int:
        """Read all of it and say how many there are.

        Raises Unavailable naming the line that is damaged or out of order.
        """
        try:
            with self.path.open("rb") as file:
                return _counted(file)
        except (OSError, Damaged) as error:
            raise Unavailable(f"{self.path} is damaged: {error}.", code="breached_passwords_unavailable") from error


def _counted(file: BinaryIO) -> int:
    number, first, before = 0, b"", b""
    for number, text in enumerate(file, 1):
        found = _hash(text.rstrip(b"\n"), f"line {number:,}")
        if found <= before:
            raise Damaged(f"line {number:,} is out of order")
        first, before = first or found, found
    _covers(first, before, number)
    return number


def _holds(file: BinaryIO, wanted: bytes) -> bool:
    low, high = 0, _whole(file)
    least, most = b"", b"G"
    while low < high:
        line = _line(file, (low + high) // 2)
        if not least < line.hash < most:
            raise Damaged(f"it is out of order at byte {line.start:,}")
        if line.hash == wanted:
            return True
        if line.hash < wanted:
            low, least = line.end, line.hash
        else:
            high, most = line.start, line.hash
    return False


def _sampled(file: BinaryIO, samples: int) -> Iterator[Line]:
    """Read lines at even distances, the first and the last one among them."""
    size = _size(file)
    if not size:
        raise Damaged("it is empty")
    seen = -1
    for number in range(samples):
        line = _line(file, (size - 1) * number // max(samples - 1, 1))
        if line.start > seen:
            seen = line.start
            yield line


def _whole(file: BinaryIO) -> int:
    """Answer its size; a file that was emptied, or whose copy broke off, would let every password in unseen.

    Raises Damaged when it is empty, or does not reach from the first hashes to the last ones.
    """
    size = _size(file)
    if not size:
        raise Damaged("it is empty")
    _covers(_line(file, 0).hash, _line(file, size - 1).hash, size // LONGEST_LINE)
    return size


def _covers(first: bytes, last: bytes, count: int) -> None:
    """Raise Damaged when so many lines cannot begin or end with these hashes."""
    if not count:
        return
    gaps = (("begins", int(first, 16)), ("ends", HASHES - int(last, 16)))
    for verb, gap in gaps:
        if gap * count >= WIDEST_GAP * HASHES:
            raise Damaged(f"it is not whole: it {verb} {gap * 100 / HASHES:.3g} % away from where all hashes do")


def _in_order(lines: Iterator[Line]) -> None:
    before = b""
    for line in lines:
        if line.hash <= before:
            raise Damaged(f"it is out of order at byte {line.start:,}")
        before = line.hash


def _size(file: BinaryIO) -> int:
    return file.seek(0, 2)


def _line(file: BinaryIO, at: int) -> Line:
    """Read the line that the byte `at` belongs to."""
    first = max(0, at - LONGEST_LINE)
    file.seek(first)
    window = file.read(2 * LONGEST_LINE)
    begins = window.rfind(b"\n", 0, at - first) + 1
    ends = window.find(b"\n", at - first)
    text = window[begins : ends if ends >= 0 else len(window)]
    return Line(first + begins, first + begins + len(text) + 1, _hash(text, f"byte {first + begins:,}"))


def _hash(text: bytes, where: str) -> bytes:
    found = LINE.fullmatch(text)
    if found is None:
        raise Damaged(f"{where} is no line of it")
    return found[1].upper()
