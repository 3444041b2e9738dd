"""How many event streams a key has open at once: counted in Redis, and in this process while Redis is away."""

from collections import defaultdict

import anyio

from backoffice.adapters import leases, live
from backoffice.settings import settings

LEASE_SECONDS = 12.0
"""What a killed process held is free again after this."""
RENEW_SECONDS = 4.0
GIVE_BACK_SECONDS = 1.0


class Slots:
    """Takes, keeps and gives back a key's places."""

    def __init__(self) -> None:
        self._here: defaultdict[str, set[str]] = defaultdict(set)

    async def take(self, key_id: str, stream_id: str, most: int) -> bool:
        """Take a place, or keep the one that this stream has; answers whether there was room."""
        try:
            has_room = await leases.take(f"stream:{key_id}", stream_id, most=most, seconds=LEASE_SECONDS)
        except live.Away:
            here = self._here.get(key_id, set[str]())
            has_room = stream_id in here or len(here) < max(1, most // settings().web_workers)
        if has_room:
            self._here[key_id].add(stream_id)
        return has_room

    async def give_back(self, key_id: str, stream_id: str) -> None:
        """Free the place at once, also when the stream's task was canceled."""
        self._here[key_id].discard(stream_id)
        if not self._here[key_id]:
            del self._here[key_id]
        with anyio.move_on_after(GIVE_BACK_SECONDS, shield=True):
            try:
                await leases.give_back(f"stream:{key_id}", stream_id)
            except live.Away:
                return


slots = Slots()
"""Of this process."""
