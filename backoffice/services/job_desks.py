"""Jobs as operators see them: how each kind stands, what failed and why, another try, or none."""

from collections.abc import Callable, Coroutine
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import beats, job_queue, live
from backoffice.adapters.job_queue import Depth, FailedJob
from backoffice.errors import Conflict
from backoffice.services import audit
from backoffice.services.access import Actor, Permission, found

MOST = 200
"""Failed jobs that a list shows, the newest."""


async def queues(session: AsyncSession, actor: Actor) -> list[Depth]:
    """Say by name what waits, runs and failed."""
    actor.require(Permission.JOBS_READ)
    return await job_queue.depths(session)


async def failed(session: AsyncSession, actor: Actor) -> list[FailedJob]:
    """List what used up its attempts and waits for a person, newest first."""
    actor.require(Permission.JOBS_READ)
    return await job_queue.failed_jobs(session, MOST)


async def retry(session: AsyncSession, actor: Actor, job_id: int) -> str:
    """Let a failed job run again with fresh attempts; answers its name.

    Raises NotFound, Conflict when it has not failed any more, or when the same job waits already.
    """
    return await _act(session, actor, job_id, "job.retried", job_queue.retry_failed)


async def discard(session: AsyncSession, actor: Actor, job_id: int) -> str:
    """Take a failed job out of the queue for good; answers its name.

    Raises NotFound, Conflict when it has not failed any more.
    """
    return await _act(session, actor, job_id, "job.discarded", job_queue.discard_failed)


async def _act(
    session: AsyncSession,
    actor: Actor,
    job_id: int,
    action: str,
    change: Callable[[AsyncSession, int], Coroutine[Any, Any, bool]],
) -> str:
    actor.require(Permission.JOBS_WRITE)
    name = found(await job_queue.name_of(session, job_id), "job")
    try:
        is_done = await change(session, job_id)
    except IntegrityError:
        raise Conflict("The same job waits already. Discard this one.", code="job_waits") from None
    if not is_done:
        raise Conflict(f"The job {name} has not failed any more. Look again.", code="stale_version")
    await audit.record(session, actor, action, subject_type="job", changes={"job": name, "number": job_id})
    live.announce(session, beats.TOPIC)
    return name
