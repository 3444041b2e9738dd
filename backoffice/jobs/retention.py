"""Deleting what is past its time, and counting again when rules change."""

from datetime import timedelta
from logging import getLogger
from uuid import UUID

from backoffice import clock
from backoffice.adapters import job_queue
from backoffice.db import transaction
from backoffice.errors import Unavailable
from backoffice.models.retention_runs import RetentionRun
from backoffice.services import purges, redactions, retention_dates, stale_records
from backoffice.services.access import Actor

log = getLogger(__name__)
ACTOR = Actor.system(name="retention")
MOST_BATCHES = 10
"""Then another job goes on, so that one run never holds a worker for long."""


async def purge() -> None:
    """Delete a batch of what is past its time."""
    await run()


async def run() -> RetentionRun | None:
    """Delete a batch of what is past its time; answers what it counted, None when there was nothing to do."""
    async with transaction(ACTOR.tenancy) as session:
        batch = await purges.due(session, ACTOR)
    if not batch:
        return None
    async with transaction(ACTOR.tenancy) as session:
        run_id = await purges.start(session, ACTOR)
    away = set[str]()
    while failed := await _delete_each(batch, run_id) - away:
        away |= failed
        async with transaction(ACTOR.tenancy) as session:
            batch = await purges.due(session, ACTOR, without=away)
    async with transaction(ACTOR.tenancy) as session:
        done = await purges.finish(session, ACTOR, run_id)
        if len(batch) >= purges.BATCH and done.documents:
            await job_queue.enqueue(session, "retention.purge", {})
    return done


async def _delete_each(batch: list[purges.Due], run_id: UUID) -> set[str]:
    """Delete documents; answers the regions whose store is away, of which the rest of the batch is left alone."""
    away = set[str]()
    for one in batch:
        if one.region in away:
            continue
        try:
            await _delete(one, run_id)
        except Unavailable:
            log.warning("region_away", extra={"region": one.region})
            away.add(one.region)
        except Exception:  # one that cannot go must not keep the others; the next run tries it again
            log.exception("document_not_deleted", extra={"document_id": str(one.document_id)})
    return away


async def _delete(one: purges.Due, run_id: UUID) -> None:
    with clock.shifted(one.ahead):
        async with transaction(ACTOR.tenancy) as session:
            objects = await purges.begin(session, ACTOR, one.document_id)
        if objects is None:
            return
        await redactions.delete_objects(objects)
        async with transaction(ACTOR.tenancy) as session:
            await purges.complete(session, ACTOR, one.document_id, run_id=run_id, objects=len(objects))


async def recompute(after: str = "") -> None:
    """Count dates again, some batches from a key on; another job goes on from there, so that dying loses little."""
    last = UUID(after) if after else None
    for _ in range(MOST_BATCHES):
        with clock.shifted(timedelta()):
            async with transaction(ACTOR.tenancy) as session:
                last = await retention_dates.recompute(session, ACTOR, last)
        if last is None:
            return
    async with transaction(ACTOR.tenancy) as session:
        await job_queue.enqueue(session, "retention.recompute", {"after": str(last)})


async def forget() -> None:
    """Forget what is stale of our own people."""
    await tidy()


async def tidy() -> dict[str, int]:
    """Forget ended sessions, invitations and links of our own people; answers how many of each."""
    counts = dict.fromkeys(stale_records.KINDS, 0)
    for kind in counts:
        gone = 1
        while gone:
            async with transaction(ACTOR.tenancy) as session:
                gone = await stale_records.forget(session, ACTOR, kind)
            counts[kind] += gone
    return counts
