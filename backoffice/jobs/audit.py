"""Sealing the audit trail: a loop beside the job queue, because an entry that waits to be sealed is not yet safe."""

import asyncio
import contextlib
from logging import getLogger

from backoffice.db import transaction
from backoffice.services import audit_checkpoints, audit_seals
from backoffice.services.access import Actor

log = getLogger(__name__)
ACTOR = Actor.system(name="audit sealer")
PAUSE_SECONDS = 0.5


class Sealer:
    """Seals while there is something to seal; of any number of these one at a time is at it."""

    def __init__(self, *, pause_seconds: float = PAUSE_SECONDS, at_once: int = audit_seals.AT_ONCE) -> None:
        self._pause_seconds = pause_seconds
        self._at_once = at_once
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Begin no further batch; `run` returns when the one that runs is written."""
        self._stopping.set()

    async def run(self) -> None:
        """Seal until stopped, over restarts of the database."""
        while not self._stopping.is_set():
            if await self._seal() < self._at_once:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), self._pause_seconds)

    async def _seal(self) -> int:
        try:
            async with transaction(ACTOR.tenancy) as session:
                return await audit_seals.seal(session, ACTOR, at_most=self._at_once)
        except Exception:  # the next look finds the same entries
            log.exception("audit_seal_failed")
            return 0


async def publish() -> None:
    """Keep a copy of the newest head in the object storage; the next round tries again what failed."""
    async with transaction(ACTOR.tenancy) as session:
        checkpoint = await audit_checkpoints.to_store(session, ACTOR)
    if checkpoint:
        await audit_checkpoints.store(checkpoint)
