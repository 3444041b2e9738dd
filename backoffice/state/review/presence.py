"""Who has which task on the screen: renewed as long as the tab is there, forgotten by itself when it is not."""

import asyncio
from dataclasses import dataclass

import reflex as rx

from backoffice.adapters import presence
from backoffice.services.access import Actor
from backoffice.state.live import Hub, hub

BEAT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Looking:
    """One tab with one task before it."""

    place: str
    person: str
    path: str


class Looks:
    """The tasks that tabs of this process show."""

    def __init__(self, around: Hub, *, beat_seconds: float = BEAT_SECONDS) -> None:
        self._hub = around
        self._beat_seconds = beat_seconds
        self._tabs: dict[str, Looking] = {}
        self._is_running = False

    async def at(self, state: rx.State, actor: Actor, place: str) -> None:
        """Note that this tab shows a task, instead of the one before."""
        router = state.router
        token, now = router.session.client_token, Looking(place, f"{actor.id}:{actor.name}", router.url.path)
        before = self._tabs.get(token)
        self._tabs[token] = now
        if before == now:
            return
        if before is not None:
            await presence.gone(before.place, before.person)
        await presence.seen((now.place, now.person))
        await presence.announce()
        if not self._is_running and self._hub.app is not None:
            self._is_running = True
            self._hub.spawn(self._beat())

    async def left(self, state: rx.State) -> None:
        """Note that this tab shows no task any more."""
        before = self._tabs.pop(state.router.session.client_token, None)
        if before is not None:
            await presence.gone(before.place, before.person)
            await presence.announce()

    async def _beat(self) -> None:
        while self._tabs:
            await asyncio.sleep(self._beat_seconds)
            await self.beat()
        self._is_running = False

    async def beat(self) -> None:
        """Renew who is still there, and say goodbye for who is not."""
        left = {token: one for token, one in self._tabs.items() if not self._is_there(token, one)}
        for token, one in left.items():
            del self._tabs[token]
            await presence.gone(one.place, one.person)
        await presence.seen(*((one.place, one.person) for one in self._tabs.values()))
        if left:
            await presence.announce()

    def _is_there(self, token: str, one: Looking) -> bool:
        tab = self._hub.tabs.get(token)
        return self._hub.is_connected(token) and (tab is None or tab.path == one.path)


looks = Looks(hub)


async def others(actor: Actor) -> dict[str, str]:
    """Say who else looks at each task, by name."""
    mine = f"{actor.id}:"
    return {
        place: ", ".join(sorted({name.partition(":")[2] for name in people if not name.startswith(mine)}))
        for place, people in (await presence.viewers()).items()
    }
