"""Counts of lists that all tabs of this process share: each is counted at most every two seconds while it changes."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from backoffice.adapters import live
from backoffice.db import transaction
from backoffice.services import document_picks
from backoffice.services.access import Actor, Permission
from backoffice.services.documents import Filter
from backoffice.state.live import Hub, hub

QUIET_SECONDS = 2.0
MAX_KEPT = 2_000
Key = tuple[UUID | None, frozenset[Permission], Filter]
"""Whose list, for who may do what, because a search finds names for some only, and what it holds."""


@dataclass(frozen=True, slots=True)
class _Kept:
    count: int
    at: float


def topic(partner_id: UUID) -> str:
    """Name what changes when the counts of a partner may be read again; it stays in this process."""
    return f"views:{partner_id}"


class ViewCounts:
    """What was counted a moment ago, by list."""

    def __init__(self, around: Hub, *, quiet_seconds: float = QUIET_SECONDS) -> None:
        self._hub = around
        self._quiet_seconds = quiet_seconds
        self._kept: dict[Key, _Kept] = {}
        self._changed: dict[str, float] = {}
        self._waking: set[UUID] = set()
        self._counting: defaultdict[tuple[UUID | None, frozenset[Permission]], asyncio.Lock] = defaultdict(asyncio.Lock)
        around.on_name(self._heard)

    async def read(self, actor: Actor, lists: Mapping[str, Filter]) -> dict[str, int]:
        """Answer what nothing has changed since, or what was counted a moment ago, and count the rest again.

        Who gets a count that a change has overtaken is woken when it may be counted again.
        """
        moment, changed_at = time.monotonic(), self._changed.get(f"partner:{actor.partner_id}", 0.0)
        keys: dict[str, Key] = {name: (actor.partner_id, actor.permissions, by) for name, by in lists.items()}
        known = {name: kept for name, key in keys.items() if (kept := self._usable(key, moment, changed_at))}
        if len(known) < len(lists):
            async with self._counting[
                actor.partner_id, actor.permissions
            ]:  # who waits finds what was counted meanwhile
                known |= await self._count(actor, {name: (keys[name], by) for name, by in lists.items()})
        if any(kept.at <= changed_at for kept in known.values()):
            self._wake_later(actor.partner_id)
        return {name: known[name].count for name in lists}

    async def _count(self, actor: Actor, lists: Mapping[str, tuple[Key, Filter]]) -> dict[str, _Kept]:
        moment, changed_at = time.monotonic(), self._changed.get(f"partner:{actor.partner_id}", 0.0)
        known = {name: kept for name, (key, _) in lists.items() if (kept := self._usable(key, moment, changed_at))}
        missing = {name: by for name, (_, by) in lists.items() if name not in known}
        if not missing:
            return known
        async with transaction(actor.tenancy) as session:
            counted = await document_picks.counts(session, actor, missing)
        if len(self._kept) > MAX_KEPT:
            self._kept.clear()
        fresh = {name: _Kept(count, moment) for name, count in counted.items()}
        self._kept |= {lists[name][0]: kept for name, kept in fresh.items()}
        return known | fresh

    def _usable(self, key: Key, moment: float, changed_at: float) -> _Kept | None:
        kept = self._kept.get(key)
        if kept is None or self._hub.app is None:
            return None
        return kept if kept.at > changed_at or moment - kept.at < self._quiet_seconds else None

    def _heard(self, name: str) -> None:
        if name == live.RESYNC:
            self._kept.clear()
        elif name.startswith("partner:"):
            self._changed[name] = time.monotonic()

    def _wake_later(self, partner_id: UUID | None) -> None:
        if partner_id is not None and partner_id not in self._waking:
            self._waking.add(partner_id)
            self._hub.spawn(self._wake(partner_id))

    async def _wake(self, partner_id: UUID) -> None:
        await asyncio.sleep(self._quiet_seconds)
        self._waking.discard(partner_id)
        self._hub.heard(topic(partner_id))


view_counts = ViewCounts(hub)
