"""Counts of the queue that all tabs of this process share: counted at most once a second while it changes."""

import asyncio
import time
from dataclasses import dataclass

from backoffice.adapters import live
from backoffice.db import transaction
from backoffice.models.review_counts import Choices, Counted
from backoffice.services import queue_counts, review_tasks
from backoffice.services.access import Actor
from backoffice.services.review_queue import Filter
from backoffice.state.live import Hub, hub

QUIET_SECONDS = 1.0
OLD_SECONDS = 10.0
"""What is due soon changes without any change."""
CHOICES_SECONDS = 30.0
MAX_KEPT = 100


@dataclass(frozen=True, slots=True)
class _Kept:
    counted: Counted
    at: float


class Counts:
    """What was counted a moment ago, by filter."""

    def __init__(self, around: Hub, *, quiet_seconds: float = QUIET_SECONDS) -> None:
        self._hub = around
        self._quiet_seconds = quiet_seconds
        self._kept: dict[Filter, _Kept] = {}
        self._choices: tuple[float, Choices] = (0.0, Choices())
        self._changed_at = 0.0
        self._is_waiting = False
        self._lock = asyncio.Lock()
        around.on_name(self._heard)

    async def read(self, actor: Actor, by: Filter) -> Counted:
        """Answer what was counted within the last second or since the last change, else count again.

        Who gets a count that a change has overtaken is woken when it may be counted again.
        """
        async with self._lock:
            kept, moment = self._kept.get(by), time.monotonic()
            if kept and moment - kept.at < (OLD_SECONDS if self._is_current(kept) else self._quiet_seconds):
                self._wake_later(kept, moment)
                return kept.counted
            async with transaction(actor.tenancy) as session:
                counted = await queue_counts.count(session, actor, by=by)
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            self._kept[by] = _Kept(counted, moment)
            return counted

    async def choices(self, actor: Actor) -> Choices:
        """Answer what the queue can be narrowed by, read again every now and then."""
        read_at, known = self._choices
        if not known.partners or time.monotonic() - read_at > CHOICES_SECONDS:
            async with transaction(actor.tenancy) as session:
                known = await queue_counts.choices(session, actor)
            self._choices = time.monotonic(), known
        return known

    def forget(self) -> None:
        """Count again with the next question."""
        self._kept.clear()
        self._choices = (0.0, Choices())

    def _is_current(self, kept: _Kept) -> bool:
        return self._hub.app is not None and kept.at > self._changed_at

    def _heard(self, name: str) -> None:
        if name in {review_tasks.QUEUE, live.RESYNC}:
            self._changed_at = time.monotonic()

    def _wake_later(self, kept: _Kept, moment: float) -> None:
        if kept.at <= self._changed_at and not self._is_waiting:
            self._is_waiting = True
            self._hub.spawn(self._wake(kept.at + self._quiet_seconds - moment))

    async def _wake(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0.0))
        self._is_waiting = False
        self._hub.heard(review_tasks.QUEUE)


counts = Counts(hub)
