"""The sealed log as items that anybody can check: `adapters/audit_proofs.py` reads what is written here.

Whoever belongs to a partner gets the partner's entries; those of our people stay with us and are there by their hash
only, as on every screen of a partner.
"""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice import clock
from backoffice.adapters import signing
from backoffice.adapters.audit_proofs import FORMAT, packed, signed_end
from backoffice.adapters.canonical import canonical
from backoffice.adapters.merkle import Place, cover
from backoffice.adapters.signed_notes import Checkpoint
from backoffice.db import execute
from backoffice.errors import Invalid, NotFound
from backoffice.models.audit_entries import AuditEntry, Shown
from backoffice.models.audit_log import AuditCheckpoint, AuditLeaf
from backoffice.models.base import Prefix, public_id
from backoffice.services import audit, audit_entries, audit_leaves, audit_nodes, audit_seals
from backoffice.services.access import Actor, Permission
from backoffice.services.pages import created_within

WINDOW = 1_000
"""Leaves that are looked at together."""
WAYMARKS = 100
"""Checkpoints along an export, so that what is wrong can be found between two of them."""
MARKS = """
select distinct (select min(size) from audit_checkpoints where size >= wanted) from unnest(%s::bigint[]) wanted"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What of the log is asked for; `since` is the size of a checkpoint that the asker kept."""

    start: datetime | None = None
    end: datetime | None = None
    since: int | None = None


@dataclass(slots=True)
class Walk:
    """Where a walk along the log is."""

    head: AuditCheckpoint
    marks: list[int]
    place: int = 0
    parts: list[tuple[Any, ...]] = field(default_factory=list)

    def reach(self, index: int) -> None:
        """Fill what lies before a leaf with gaps, and set the checkpoints on the way."""
        while self.marks and self.marks[0] <= index:
            mark = self.marks.pop(0)
            self._fill(mark)
            self.parts.append(("checkpoint", mark))
        self._fill(index)

    def _fill(self, end: int) -> None:
        if self.place < end:
            self.parts.append(("gap", self.place, end))
            self.place = end

    def add(self, *part: object) -> None:
        """Add the item of the next leaf."""
        self.parts.append(part)
        self.place += 1


async def begin(session: AsyncSession, actor: Actor, scope: Scope, *, why: str = "audit.exported") -> AuditCheckpoint:
    """Ask for the log: this is written down, and answers the head that everything is proved against.

    Raises NotFound as long as nothing is sealed, and Invalid for a checkpoint of another log.
    """
    actor.require(Permission.AUDIT_READ)
    head = await audit_seals.newest(session)
    if head is None:
        raise NotFound("Nothing is sealed yet. Try again in a second.")
    if scope.since is not None and not 0 < scope.since <= head.size:
        raise Invalid(f"The log has {head.size:,} entries; a checkpoint of more is not its own.", code="out_of_range")
    await audit.record(session, actor, why, changes={"size": head.size} | _asked(scope))
    return head


async def items(
    session: AsyncSession, actor: Actor, scope: Scope, head: AuditCheckpoint
) -> AsyncGenerator[Mapping[str, Any]]:
    """Walk the log up to a head; read only, in a transaction of its own, since one that writes holds up the sealer."""
    actor.require(Permission.AUDIT_READ)
    yield await _manifest(session, actor, scope, head)
    walk = Walk(head, await _marks(session, scope, head))
    start, end = await _bounds(session, actor, scope, head)
    for first in range(start, end, WINDOW):
        await _look(session, actor, scope, walk, (first, min(first + WINDOW, end)))
        async for item in _written(session, walk):
            yield item
    walk.reach(head.size)
    async for item in _written(session, walk):
        yield item


async def lines(session: AsyncSession, actor: Actor, scope: Scope, head: AuditCheckpoint) -> AsyncGenerator[bytes]:
    """Write the log as lines of JSON, the last of which signs all the others."""
    digest, counts = hashlib.sha256(), {"entry": 0, "withheld": 0}
    async for item in items(session, actor, scope, head):
        line = canonical(item) + b"\n"
        digest.update(line)
        if item["type"] in counts:
            counts[item["type"]] += 1
        yield line
    text = signed_end(signing.log_key().name, digest.hexdigest(), counts["entry"], counts["withheld"])
    last = {"type": "end", "entries": counts["entry"], "withheld": counts["withheld"], "sha256": digest.hexdigest()}
    yield canonical(last | {"note": signing.sign_note(text)}) + b"\n"


async def _manifest(session: AsyncSession, actor: Actor, scope: Scope, head: AuditCheckpoint) -> dict[str, Any]:
    before = await _before(session, scope, head)
    proof = {
        "since": before.size,
        "checkpoint": before.note,
        "proof": [packed(one) for one in await audit_nodes.consistency(session, before.size, head.size)],
    }
    with clock.shifted(timedelta()):
        moment = clock.now()
    return {
        "type": "manifest",
        "format": FORMAT,
        "origin": signing.log_key().name,
        "public_key": str(signing.log_key()),
        "made_at": audit_leaves.moment(moment),
        "partner": None if actor.is_staff else public_id(Prefix.PARTNER, actor.partner_id),
        "from": audit_leaves.moment(scope.start) if scope.start else None,
        "to": audit_leaves.moment(scope.end) if scope.end else None,
        "checkpoint": head.note,
        "consistency": proof if before.size < head.size else None,
    }


async def _before(session: AsyncSession, scope: Scope, head: AuditCheckpoint) -> AuditCheckpoint:
    """Find the checkpoint that the export is shown to go on from: the asker's own, or the log's first."""
    statement = select(AuditCheckpoint).where(col(AuditCheckpoint.size) >= (scope.since or 0))
    found = await session.execute(statement.order_by(col(AuditCheckpoint.size)).limit(1))
    return found.scalar_one_or_none() or head


async def _marks(session: AsyncSession, scope: Scope, head: AuditCheckpoint) -> list[int]:
    """Say where checkpoints stand along the way; a gap ends at the asker's own, even if we do not know it."""
    wanted = {head.size * number // WAYMARKS for number in range(1, WAYMARKS + 1)} - {0}
    found = {size for (size,) in await execute(session, MARKS, (sorted(wanted),))}
    return sorted(size for size in found | {scope.since} if size and size <= head.size)


async def _bounds(session: AsyncSession, actor: Actor, scope: Scope, head: AuditCheckpoint) -> tuple[int, int]:
    """Say between which leaves everything lies that is asked for."""
    if scope.start is None and scope.end is None and actor.is_staff:
        return 0, head.size
    place = col(AuditLeaf.index)
    statement = select(func.min(place), func.max(place)).join(AuditEntry, col(AuditEntry.id) == col(AuditLeaf.entry_id))
    statement = statement.where(*_conditions(actor, scope), place < head.size)
    found: Any = (await session.execute(statement)).one()
    return (0, 0) if found[0] is None else (found[0], found[1] + 1)


def _conditions(actor: Actor, scope: Scope) -> list[Any]:
    own = [] if actor.is_staff else [col(AuditEntry.partner_id) == actor.require_partner()]
    return [*own, *created_within(AuditEntry, scope.start, scope.end)]


async def _look(session: AsyncSession, actor: Actor, scope: Scope, walk: Walk, window: tuple[int, int]) -> None:
    """Add the items of some leaves to a walk."""
    place = col(AuditLeaf.index)
    statement = (
        select(place, col(AuditLeaf.leaf), AuditEntry).order_by(place).where(place >= window[0], place < window[1])
    )
    joined = col(AuditEntry.id) == col(AuditLeaf.entry_id)
    if actor.is_staff:
        statement = statement.outerjoin(AuditEntry, joined)
    else:
        statement = statement.join(AuditEntry, joined).where(*_conditions(actor, scope))
    rows: Sequence[Any] = (await session.execute(statement)).all()
    shown = iter(await audit_entries.shown(session, actor, [entry for _, _, entry in rows if entry]))
    for index, leaf, entry in rows:
        if entry is None:
            walk.reach(index)
            walk.add("missing", index, leaf)
            continue
        told = next(shown)
        if _is_within(scope, told.entry.created_at):
            walk.reach(index)
            walk.add("entry" if _is_theirs(told) else "withheld", index, leaf, told)


def _asked(scope: Scope) -> dict[str, object]:
    named = {
        "from": scope.start and audit_leaves.moment(scope.start),
        "to": scope.end and audit_leaves.moment(scope.end),
    }
    return {name: value for name, value in named.items() if value}


def _is_within(scope: Scope, moment: datetime) -> bool:
    return (scope.start is None or moment >= scope.start) and (scope.end is None or moment < scope.end)


def _is_theirs(told: Shown) -> bool:
    return told.actor_type == told.entry.actor_type and told.changes == told.entry.changes


async def _written(session: AsyncSession, walk: Walk) -> AsyncIterator[Mapping[str, Any]]:
    """Write the parts that a walk has gathered, with the hashes of its gaps."""
    parts, walk.parts = walk.parts, []
    places = {(part[1], part[2]): cover(part[1], part[2]) for part in parts if part[0] == "gap"}
    known = await audit_nodes.hashes(session, (place for each in places.values() for place in each))
    notes = await _notes(session, [part[1] for part in parts if part[0] == "checkpoint"])
    for kind, *rest in parts:
        if kind == "gap":
            yield _gap(rest[0], rest[1], known, places[rest[0], rest[1]])
        elif kind == "checkpoint":
            if rest[0] in notes:
                yield {"type": kind, "note": notes[rest[0]]}
        else:
            yield _item(kind, *rest)


def _gap(start: int, end: int, known: Mapping[Place, bytes], places: Sequence[Place]) -> dict[str, Any]:
    return {"type": "gap", "from": start, "to": end, "nodes": [packed(known[place]) for place in places]}


def _item(kind: str, index: int, leaf: bytes, told: Shown | None = None) -> dict[str, Any]:
    item: dict[str, Any] = {"type": kind, "index": index, "leaf": packed(leaf)}
    if told is None:
        return item
    form = audit_leaves.sealed_form({name: getattr(told.entry, name) for name in audit_leaves.FIELDS})
    if kind == "entry":
        return item | {"entry": form}
    said = {"actor_type": told.actor_type, "actor_id": None, "actor_name": None, "ip": None, "session_id": None}
    return item | {"shown": form | said | {"changes": dict(told.changes)}}


async def _notes(session: AsyncSession, sizes: Sequence[int]) -> dict[int, str]:
    if not sizes:
        return {}
    statement = select(AuditCheckpoint).where(col(AuditCheckpoint.size).in_(sizes))
    return {one.size: one.note for one in (await session.execute(statement)).scalars()}


def signed(head: AuditCheckpoint) -> Checkpoint:
    """Read a head of ours as a checkpoint that its signature vouches for."""
    return signing.log_key().checkpoint(head.note)
