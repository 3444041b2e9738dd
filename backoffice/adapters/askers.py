"""Asks a server that may hang: so many at once, and next to nobody while it does, for who asks holds other things."""

import asyncio
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from weakref import WeakKeyDictionary

TURN_SECONDS = 1.0
"""How long somebody waits for a turn; a failure that took longer is one of a server that hangs."""
REST_SECONDS = 2.0
NEARLY = 0.9
"""A loop's own clock counts whole milliseconds."""


class Askers:
    """Who asks one server, in this process."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
        self._answered_at = 0.0
        self._rests_until = 0.0
        """When somebody may try again; 0 while the server answers."""

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Wait for a turn and ask.

        Raises TimeoutError when none comes, and at once while the server hangs, but for one who tries every while.
        """
        self._let_in()
        turns = self._turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self._at_once))
        with self._judged():
            async with asyncio.timeout(TURN_SECONDS):
                await turns.acquire()
        try:
            with self._judged():
                yield
            self._answered_at, self._rests_until = time.monotonic(), 0.0
        finally:
            turns.release()

    def _let_in(self) -> None:
        moment = time.monotonic()
        if moment < self._rests_until:
            raise TimeoutError
        if self._rests_until:
            self._rests_until = moment + REST_SECONDS

    @contextmanager
    def _judged(self) -> Generator[None]:
        """Rest after a failure that took long, unless somebody was answered meanwhile: then it is not the server."""
        began = time.monotonic()
        try:
            yield
        except Exception:  # whatever it was goes on to who asked; here only its time is looked at
            moment = time.monotonic()
            if moment - began > TURN_SECONDS * NEARLY and self._answered_at < began:
                self._rests_until = moment + REST_SECONDS
            raise
