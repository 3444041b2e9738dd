"""Sending webhooks: a loop beside the job queue, because its truth is the `deliveries` rows themselves."""

import asyncio
import contextlib
from logging import getLogger

from backoffice.adapters import live, outbound
from backoffice.db import transaction
from backoffice.services import delivery_claims
from backoffice.services.access import Actor
from backoffice.services.delivery_claims import Claim

log = getLogger(__name__)
ACTOR = Actor.system(name="webhooks")
DUE = "deliveries:due"
AT_ONCE = 32
POLL_SECONDS = 1.0
GRACE_SECONDS = 16.0
"""A try that has begun ends within its deadline."""


class Dispatcher:
    """Keeps up to `at_once` deliveries on their way; any number of these on any number of hosts share the work."""

    def __init__(self, *, at_once: int = AT_ONCE, poll_seconds: float = POLL_SECONDS) -> None:
        self._at_once = at_once
        self._poll_seconds = poll_seconds
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._is_stopping = False

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what is on its way has arrived or failed."""
        self._is_stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Send until stopped, over restarts of the database and of Redis."""
        ear = asyncio.create_task(self._listen())
        try:
            while not self._is_stopping:
                self._wake.clear()
                if not await self._fill():
                    await self._rest()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=GRACE_SECONDS)
        finally:
            for task in (ear, *self._tasks):
                task.cancel()
            await asyncio.gather(ear, *self._tasks, return_exceptions=True)
            await outbound.close()

    async def _fill(self) -> int:
        """Claim as many as there is room for; the database being away is a pause, not an end."""
        room = self._at_once - len(self._tasks)
        if room <= 0:
            return 0
        try:
            async with transaction(ACTOR.tenancy) as session:
                claims = await delivery_claims.claim(session, ACTOR, room)
        except Exception:
            log.exception("webhook_claim_failed")
            return 0
        for claim in claims:
            task = asyncio.create_task(self._deliver(claim))
            self._tasks.add(task)
            task.add_done_callback(self._done)
        return len(claims)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._wake.set()

    async def _deliver(self, claim: Claim) -> None:
        """Try once and settle; when settling fails the lease ends by itself and the delivery is tried again."""
        try:
            tried = await delivery_claims.attempt(claim)
            async with transaction(ACTOR.tenancy) as session:
                state = await delivery_claims.settle(session, ACTOR, tried)
        except Exception:
            log.exception("webhook_settle_failed", extra={"delivery_id": str(claim.delivery_id)})
            return
        status = tried.answer.status or tried.answer.error_class
        log.info("webhook_tried", extra={"event": claim.event_id, "state": state or "lease_lost", "status": status})

    async def _rest(self) -> None:
        """Wait for news, for a finished delivery, or for the next look at what became due by time."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), self._poll_seconds)

    async def _listen(self) -> None:
        async for name in live.listen():
            if name in (DUE, live.RESYNC):
                self._wake.set()
