"""Hashes of any part of the sealed log, from a few hundred rows at most: leaves, and every eighth floor above them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters.merkle import Place, consistency_ranges, cover, folded, inclusion_ranges, node_hash
from backoffice.db import execute
from backoffice.errors import Unavailable
from backoffice.services.audit_seals import STEP

LEAVES = """
select kept.index, kept.leaf from unnest(%s::bigint[], %s::bigint[]) part (first, after)
join audit_leaves kept on kept.index >= part.first and kept.index < part.after"""
NODES = """
select kept.index, kept.hash from unnest(%s::bigint[], %s::bigint[]) part (first, after)
join audit_nodes kept on kept.height = %s and kept.index >= part.first and kept.index < part.after"""


class Torn(Unavailable):
    """A part of the sealed log is gone from the database; `index` is the first leaf that cannot be proved any more."""

    def __init__(self, index: int) -> None:
        super().__init__(f"The sealed log has a hole at entry {index + 1:,}.", code="audit_torn")
        self.index = index


async def hashes(session: AsyncSession, places: Iterable[Place]) -> dict[Place, bytes]:
    """Answer the hashes of whole subtrees of the sealed log."""
    by_floor: dict[int, list[Place]] = defaultdict(list)
    for height, index in set(places):
        by_floor[height - height % STEP].append((height, index))
    found: dict[Place, bytes] = {}
    for floor, wanted in by_floor.items():
        known = await _floor(session, floor, wanted)
        found |= {place: _joined(known, floor, *place) for place in wanted}
    return found


async def inclusion(session: AsyncSession, index: int, size: int) -> list[bytes]:
    """Prove that a leaf is in the log as it was at a size (RFC 6962 §2.1.1)."""
    return await _ranges(session, inclusion_ranges(index, size))


async def consistency(session: AsyncSession, first: int, second: int) -> list[bytes]:
    """Prove that the log at a size goes on from what it was at a smaller one (RFC 6962 §2.1.2)."""
    return await _ranges(session, consistency_ranges(first, second))


async def _ranges(session: AsyncSession, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    parts = [cover(start, end) for start, end in ranges]
    known = await hashes(session, (place for part in parts for place in part))
    return [folded([known[place] for place in part]) for part in parts]


async def _floor(session: AsyncSession, floor: int, wanted: Sequence[Place]) -> Mapping[int, bytes]:
    """Read what of one floor lies below some subtrees."""
    first = [index << (height - floor) for height, index in wanted]
    after = [(index + 1) << (height - floor) for height, index in wanted]
    if floor:
        return dict(await execute(session, NODES, (first, after, floor)))
    return dict(await execute(session, LEAVES, (first, after)))


def _joined(known: Mapping[int, bytes], floor: int, height: int, index: int) -> bytes:
    if height == floor:
        if index not in known:
            raise Torn(index << floor)
        return known[index]
    left, right = (_joined(known, floor, height - 1, 2 * index + side) for side in (0, 1))
    return node_hash(left, right)
