"""Remembers that a service does not answer, so that one caller waits for it and the next ones do not."""

import asyncio
from collections.abc import Awaitable, Callable

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0


class Breaker:
    """Open from a failure until the service answers again, which a task of its own finds out."""

    def __init__(self, ask: Callable[[], Awaitable[bool]], back: Callable[[], Awaitable[None]]) -> None:
        self._ask = ask
        self._back = back
        self._watching: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether asking now would be in vain."""
        return self._watching is not None and not self._watching.done()

    def trip(self) -> None:
        """Note that the service did not answer, and look after it until it does."""
        if not self.is_open:
            self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        await asyncio.sleep(pause)
        while not await self._ask():
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        await self._back()

    async def close(self) -> None:
        """Stop looking after the service."""
        if self._watching is not None and not self._watching.done():
            self._watching.cancel()
            await asyncio.wait([self._watching])
        self._watching = None
