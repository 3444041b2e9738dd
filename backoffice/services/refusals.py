"""Writes down what was refused to somebody whom we know: once a minute for each who and what, and all of it counted.

The first of a minute is an entry at once. The others wait in memory until their minute is over, when one entry says how
many there were and when the last one came; the task that keeps the log of requests looks for them, and at its end.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from logging import getLogger

from backoffice.clock import wall
from backoffice.db import Tenancy, gathered, transaction
from backoffice.services import audit
from backoffice.services.access import Actor

log = getLogger(__name__)
QUIET_SECONDS = 60.0
MOST_KNOWN = 5_000
BATCH = 200
LOOKING = "looking"
"""Marks in an entry that it was one of our people who looked at the company: no attack on it."""
Known = tuple[str, str, str, str]
"""Who, as kind and id, what was refused, and what else is told apart."""


@dataclass(slots=True)
class Waiting:
    """What was refused since the last entry: how often, and the last time of it."""

    actor: Actor
    changes: dict[str, object]
    at: datetime
    count: int = 1


@dataclass(slots=True)
class Refusals:
    """Of one process."""

    seconds: float = QUIET_SECONDS
    _written: dict[Known, float] = field(default_factory=dict[Known, float])
    _waiting: dict[Known, Waiting] = field(default_factory=dict[Known, Waiting])

    async def note(self, actor: Actor, action: str, changes: dict[str, object], *, apart: str = "") -> None:
        """Write a refusal down, or count it for the entry at the end of its minute; of each company apart."""
        if actor.is_looking:
            actor, changes = actor.witness, changes | {LOOKING: True}
        key = str(actor.type), str(actor.id), action, f"{actor.partner_id} {apart}"
        moment = time.monotonic()
        if not self._is_over(key, moment):
            self._wait(key, Waiting(actor, changes, wall()))
            return
        if len(self._written) >= MOST_KNOWN:
            await self._make_room()
        self._written[key], before = moment, self._waiting.pop(key, None)
        more: dict[str, object] = {"unwritten": before.count} if before else {}
        async with transaction(actor.tenancy) as session:
            await audit.record(session, actor, action, result="denied", changes=changes | more)

    async def flush(self, *, is_ending: bool = False) -> None:
        """Write what waits and has its minute behind it, or all; what fails waits on, and nobody hears of it."""
        moment = time.monotonic()
        due = [key for key in self._waiting if is_ending or self._is_over(key, moment)]
        for start in range(0, len(due), BATCH):
            taken = {key: self._waiting.pop(key) for key in due[start : start + BATCH] if key in self._waiting}
            self._written.update(dict.fromkeys(taken, moment))
            try:
                await _write(taken)
            except Exception:  # the next flush tries again
                log.exception("refusals_delayed", extra={"entries": len(taken)})
                for key, one in taken.items():
                    later = self._waiting.get(key)
                    self._waiting[key] = replace(later, count=later.count + one.count) if later else one
                return

    def _is_over(self, key: Known, moment: float) -> bool:
        return moment - self._written.get(key, -self.seconds) >= self.seconds

    def _wait(self, key: Known, newest: Waiting) -> None:
        before = self._waiting.get(key)
        self._waiting[key] = replace(newest, count=newest.count + before.count) if before else newest

    async def _make_room(self) -> None:
        """Forget who has nothing waiting; when everybody has, write that first."""
        self._written = {key: self._written[key] for key in self._waiting if key in self._written}
        if len(self._written) < MOST_KNOWN:
            return
        await self.flush(is_ending=True)
        self._written.clear()
        if len(self._waiting) >= MOST_KNOWN:
            log.error("refusals_lost", extra={"entries": len(self._waiting)})
            self._waiting.clear()


async def _write(taken: Mapping[Known, Waiting]) -> None:
    async with transaction(Tenancy.everyone()) as session, gathered(session):
        for (_, _, action, _), one in taken.items():
            more: dict[str, object] = {"last_at": one.at.isoformat()}
            if one.count > 1:
                more["unwritten"] = one.count - 1
            await audit.record(session, one.actor, action, result="denied", changes=one.changes | more)


refusals = Refusals()
"""This process's own."""
