"""What this process tells of how we do: measured at most every few seconds however many ask, and kept every minute."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from logging import getLogger

from backoffice.clock import present
from backoffice.db import transaction
from backoffice.models.status_samples import ServiceStatus
from backoffice.services import status_samples, status_words
from backoffice.services.access import Actor
from backoffice.services.status_samples import History, Known

log = getLogger(__name__)
ACTOR = Actor.system(name="status")
FRESH_SECONDS = 10.0
HISTORY_SECONDS = 60.0
KEEP_SECONDS = 60.0
BUDGET_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Report:
    """What is told until somebody looks again."""

    checked_at: datetime
    known: Known
    history: History | None
    """None while it cannot be read."""

    @property
    def worst(self) -> ServiceStatus:
        """How all of it does."""
        return status_words.worst(self.known)


class Board:
    """One look for all who ask at the same moment."""

    def __init__(self) -> None:
        self._alone = asyncio.Lock()
        self._report: Report | None = None
        self._looked_at = self._read_at = float("-inf")

    async def report(self) -> Report:
        """Answer the last look, or take one."""
        async with self._alone:
            if self._report is None or time.monotonic() - self._looked_at > FRESH_SECONDS:
                self._report = await self._look()
                self._looked_at = time.monotonic()
            return self._report

    async def _look(self) -> Report:
        known = await status_samples.look(ACTOR)
        return Report(present(), known, await self._history())

    async def _history(self) -> History | None:
        """Read it now and then; what cannot be read is said, and never filled with what was."""
        if self._report and self._report.history and time.monotonic() - self._read_at < HISTORY_SECONDS:
            return self._report.history
        try:
            async with asyncio.timeout(BUDGET_SECONDS), transaction(ACTOR.tenancy) as session:
                found = await status_samples.history(session, ACTOR)
        except Exception as error:  # noqa: BLE001 whatever a vendor raises, the present is told
            log.warning("status_unread", extra={"error": type(error).__name__})
            return None
        self._read_at = time.monotonic()
        return found

    async def run(self) -> None:
        """Keep a look every minute, so that there is a history also where nobody asks."""
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            try:
                report = await self.report()
                async with asyncio.timeout(BUDGET_SECONDS), transaction(ACTOR.tenancy) as session:
                    await status_samples.keep(session, ACTOR, report.known)
            except Exception as error:  # noqa: BLE001 while the database is away nothing is kept, and that is shown
                log.warning("status_unkept", extra={"error": type(error).__name__})


board = Board()
