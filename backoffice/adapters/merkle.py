"""Merkle trees as logs use them: hashes, proofs and their checks (RFC 6962 §2.1, RFC 9162 §2.1).

Nothing here reads a setting or a database: an auditor's laptop runs the same lines. A subtree is named by its height
and its place among those of that height; (0, 5) is the sixth leaf.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce

HASH_BYTES = 32
EMPTY = hashlib.sha256(b"").digest()
Place = tuple[int, int]
"""A subtree: its height and its number among those of that height."""


def leaf_hash(data: bytes) -> bytes:
    """Hash what a leaf holds; the byte before it keeps leaves and nodes apart."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into one."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Frontier:
    """What is needed to go on with a tree: the roots of its whole subtrees, the highest first."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def append(self, hashed: bytes, height: int = 0) -> list[tuple[Place, bytes]]:
        """Add a leaf, or a whole subtree where one of that height may begin; answers what became whole by it.

        Raises ValueError for a subtree in the wrong place.
        """
        if self.size % (1 << height):
            message = f"no subtree of height {height} begins at {self.size}"
            raise ValueError(message)
        whole = [((height, self.size >> height), hashed)]
        index, size = self.size >> height, self.size + (1 << height)
        while index & 1:
            hashed = node_hash(self.peaks.pop(), hashed)
            index, height = index >> 1, height + 1
            whole.append(((height, index), hashed))
        self.peaks.append(hashed)
        self.size = size
        return whole

    def extend(self, leaves: Iterable[bytes]) -> list[tuple[int, int, list[bytes]]]:
        """Add many leaves, one height after the other; answers each height, its first new place, and its new nodes."""
        nodes, start, height = list(leaves), self.size, 0
        whole: list[tuple[int, int, list[bytes]]] = []
        peaks: list[bytes] = []
        self.size += len(nodes)
        while nodes:
            whole.append((height, start, list(nodes)))
            if start & 1:
                nodes.insert(0, self.peaks.pop())
            if len(nodes) & 1:
                peaks.append(nodes.pop())
            nodes = [node_hash(left, right) for left, right in zip(nodes[::2], nodes[1::2], strict=True)]
            start, height = start >> 1, height + 1
        self.peaks += reversed(peaks)
        return whole

    def root(self) -> bytes:
        """Answer the hash of the whole tree."""
        return folded(self.peaks)


def folded(peaks: Sequence[bytes]) -> bytes:
    """Join whole subtrees, the highest first, into one tree."""
    return reduce(lambda right, left: node_hash(left, right), reversed(peaks)) if peaks else EMPTY


def cover(start: int, end: int) -> list[Place]:
    """Name the fewest whole subtrees that make up the leaves from `start` to before `end`, in order."""
    places: list[Place] = []
    while start < end:
        fits = (end - start).bit_length() - 1
        height = min(fits, (start & -start).bit_length() - 1) if start else fits
        places.append((height, start >> height))
        start += 1 << height
    return places


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """Name the ranges of leaves whose hashes prove that a leaf is in a tree, nearest first (RFC 9162 §2.1.3.1)."""
    return _path(index, 0, size)


def _path(index: int, start: int, end: int) -> list[tuple[int, int]]:
    if end - start <= 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(index, start, middle), (middle, end)]
    return [*_path(index, middle, end), (start, middle)]


def consistency_ranges(first: int, second: int) -> list[tuple[int, int]]:
    """Name the ranges whose hashes prove that a tree goes on from a smaller one (RFC 9162 §2.1.4.1)."""
    return _extension(first, 0, second, is_known=True) if 0 < first < second else []


def _extension(first: int, start: int, end: int, *, is_known: bool) -> list[tuple[int, int]]:
    if first == end:
        return [] if is_known else [(start, end)]
    middle = start + _split(end - start)
    if first <= middle:
        return [*_extension(first, start, middle, is_known=is_known), (middle, end)]
    return [*_extension(first, middle, end, is_known=False), (start, middle)]


def _split(size: int) -> int:
    """Answer the largest power of two below a size."""
    return 1 << ((size - 1).bit_length() - 1)


def is_included(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Check that a leaf stands at a place of a tree (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, hashed = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            hashed = node_hash(other, hashed)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            hashed = node_hash(hashed, other)
        place, last = place >> 1, last >> 1
    return last == 0 and hashed == root


def is_extended(*, first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Check that a tree begins with all of a smaller one (RFC 9162 §2.1.4.2)."""
    if first == second:
        return not proof and first_root == second_root
    if not 0 < first < second:
        return first == 0 and not proof
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    return _both(path, place, last, first_root, second_root)


def _both(path: Sequence[bytes], place: int, last: int, first_root: bytes, second_root: bytes) -> bool:
    before = after = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(other, before), node_hash(other, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, other)
        place, last = place >> 1, last >> 1
    return last == 0 and before == first_root and after == second_root


def tree(leaves: Iterable[bytes]) -> Frontier:
    """Build a tree from hashed leaves."""
    made = Frontier()
    for leaf in leaves:
        made.append(leaf)
    return made
