"""Sending webhooks: a loop beside the job queue, because its truth is the `deliveries` rows themselves."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from logging import getLogger
from uuid import UUID

from sqlalchemy.exc import OperationalError

from backoffice.adapters import live, outbound, tallies
from backoffice.db import after_commit, transaction
from backoffice.models.webhooks import DeliveryState
from backoffice.services import delivery_attempts, delivery_claims, delivery_metrics, delivery_results
from backoffice.services.access import Actor
from backoffice.services.delivery_attempts import DEADLINE_SECONDS, Tried
from backoffice.services.delivery_claims import Claim

log = getLogger(__name__)
ACTOR = Actor.system(name="webhooks")
DUE = "deliveries:due"
AT_ONCE = 320
"""Forty receivers that hang, eight times each, do not hold up the others."""
POLL_SECONDS = 1.0
SETTLED_AT_ONCE = 256
GATHER_SECONDS = 0.01
"""What ends within so short a time is written together; it was delivered already."""
WORTHWHILE = 4
"""While results are written a claim waits until it may take this part of all: less, and its own cost is the largest."""
SETTLE_PAUSES = (0.1, 0.4, 1.0, 2.0, 4.0, 4.0)
MARGIN_SECONDS = 3.0
"""A lease ends so long after the deadline of the try that it is for."""


class Dispatcher:
    """Keeps up to `at_once` deliveries on their way; any number of these on any number of hosts share the work."""

    def __init__(
        self,
        *,
        at_once: int = AT_ONCE,
        poll_seconds: float = POLL_SECONDS,
        deadline_seconds: float = DEADLINE_SECONDS,
        client: outbound.Client | None = None,
    ) -> None:
        self._at_once = at_once
        self._poll_seconds = poll_seconds
        self._deadline_seconds = deadline_seconds
        self._client = client
        self._lease = timedelta(seconds=deadline_seconds + MARGIN_SECONDS)
        self._tasks: set[asyncio.Task[None]] = set()
        self._finished: list[Tried] = []
        self._writing = 0
        self._settling: asyncio.Task[None] | None = None
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
                pause = await self._fill()
                if pause:
                    await self._rest(pause)
            await self._finish()
        finally:
            rest = [ear, *self._tasks, *([self._settling] if self._settling else [])]
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)
            await outbound.close()

    async def _finish(self) -> None:
        """Wait for what is on its way: a try that has begun ends within its deadline."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._lease.total_seconds()):
                while self._tasks or self._settling:
                    self._wake.clear()
                    await self._wake.wait()

    async def _fill(self) -> float:
        """Claim as many as there is room for; answer how long to rest. The database being away is a pause only.

        With little room it waits for the results that are being written: one claim of many costs less than many. With
        more it does not, so that some are claimed while others are on their way and the results of others are written.
        """
        room = self._at_once - len(self._tasks) - len(self._finished) - self._writing
        if room <= 0 or (self._settling and room < self._at_once // WORTHWHILE):
            return self._poll_seconds
        try:
            async with transaction(ACTOR.tenancy) as session:
                taken = await delivery_claims.claim(session, ACTOR, room, lease=self._lease)
        except Exception:  # one failed look must not end the sending of everybody
            log.exception("webhook_claim_failed")
            return self._poll_seconds
        for claim in taken.claims:
            task = asyncio.create_task(self._deliver(claim))
            self._tasks.add(task)
            task.add_done_callback(self._done)
        if taken.claims:
            return 0.0
        return self._poll_seconds if taken.rest is None else min(taken.rest.total_seconds(), self._poll_seconds)

    def _done(self, task: asyncio.Task[None]) -> None:
        """Forget a task; where no result of it is being written, nothing else says that there is room."""
        self._tasks.discard(task)
        if self._settling is None:
            self._wake.set()

    async def _deliver(self, claim: Claim) -> None:
        """Try once; what came of it is settled together with what ends meanwhile."""
        try:
            tried = await delivery_attempts.attempt(claim, deadline_s=self._deadline_seconds, client=self._client)
        except Exception:  # its lease ends, and it is tried again
            log.exception("webhook_try_failed", extra={"delivery_id": str(claim.delivery_id)})
            return
        self._finished.append(tried)
        if self._settling is None:
            self._settling = asyncio.create_task(self._settle())

    async def _settle(self) -> None:
        """Write results until there are none; those that end during one transaction share the next."""
        while self._finished:
            if self._tasks:
                await asyncio.sleep(GATHER_SECONDS)
            batch, self._finished = self._finished[:SETTLED_AT_ONCE], self._finished[SETTLED_AT_ONCE:]
            self._writing = len(batch)
            await self._settle_batch(batch)
            await self._make_room(self._writing)
        self._settling = None

    async def _make_room(self, written: int) -> None:
        """Let a claim take the place of what is written: before that, endpoints still count it."""
        self._writing = max(0, self._writing - written)
        self._wake.set()

    async def _settle_batch(self, batch: Sequence[Tried]) -> None:
        """Settle in one transaction; a database that is away is asked again while leases last, then they end."""
        for pause in SETTLE_PAUSES:
            try:
                async with transaction(ACTOR.tenancy) as session:
                    after_commit(session, partial(self._make_room, len(batch)))
                    states = await delivery_results.settle(session, ACTOR, batch)
            except OperationalError:
                log.warning("webhook_settle_waits", extra={"deliveries": len(batch)})
                await asyncio.sleep(pause)
            except Exception:  # one bad result must not take the others of its batch along
                log.exception("webhook_settle_failed", extra=_named(batch))
                if len(batch) > 1:
                    await self._settle_apart(batch)
                return
            else:
                await _note(batch, states)
                return
        log.error("webhook_settle_failed", extra=_named(batch))

    async def _settle_apart(self, batch: Sequence[Tried]) -> None:
        """Find the one result that cannot be written, so that it does not take the others with it."""
        for one in batch:
            await self._settle_batch([one])

    async def _rest(self, seconds: float) -> None:
        """Wait for news, for a finished delivery, or for the next look at what became due by time."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)

    async def _listen(self) -> None:
        async for name in live.listen():
            if name in (DUE, live.RESYNC):
                self._wake.set()


def _named(batch: Sequence[Tried]) -> dict[str, object]:
    return {"deliveries": [str(one.claim.delivery_id) for one in batch]}


async def _note(batch: Sequence[Tried], states: Mapping[UUID, DeliveryState]) -> None:
    """Count what was settled, and log what did not arrive; what did is in the deliveries' own log."""
    for one in batch:
        state = states.get(one.claim.delivery_id, "lease_lost")
        if state != DeliveryState.DELIVERED:
            told = {"delivery_id": str(one.claim.delivery_id), "attempt": one.claim.number, "state": state}
            log.info("webhook_not_taken", extra={**told, "outcome": one.outcome, "ms": one.answer.ms})
    await tallies.add(delivery_metrics.counts(batch))
