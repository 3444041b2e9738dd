"""Wakes the open streams of this process: one subscription, whoever holds it, however many streams there are."""

import asyncio
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

from backoffice.adapters import live, stops
from backoffice.services.events import LIVE


class Wakes:
    """Joins what the process hears with the streams that wait for it."""

    def __init__(self) -> None:
        self.is_stopping = False
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._knows_of_stops = False

    def heard(self, name: str) -> None:
        """Wake who waits for this name; after a gap, everybody."""
        for event in self._waiting.get(name, ()):
            event.set()
        if name == live.RESYNC:
            self._wake_all()

    @contextmanager
    def of(self, partner_id: UUID) -> Generator[asyncio.Event]:
        """Give an event that is set whenever this partner has news, and when the process is to stop."""
        if not self._knows_of_stops:
            self._knows_of_stops = True
            stops.on_stop(self.stop)
        name, event = f"{LIVE}{partner_id}", asyncio.Event()
        self._waiting[name].add(event)
        try:
            yield event
        finally:
            self._waiting[name].discard(event)
            if not self._waiting[name]:
                del self._waiting[name]

    def stop(self) -> None:
        """Let every stream end itself."""
        self.is_stopping = True
        self._wake_all()

    def _wake_all(self) -> None:
        for events in self._waiting.values():
            for event in events:
                event.set()


wakes = Wakes()
"""Of this process. Whoever listens to `adapters.live` calls `wakes.heard`; without it streams look by themselves."""
