"""Screenings that a crash lost: put into the queue again, or given to a person when nothing helps."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Text, cast, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue
from backoffice.models.documents import IN_PROGRESS, Document
from backoffice.models.partners import Partner
from backoffice.models.review_tasks import ReviewTask
from backoffice.services import screenings, test_clocks
from backoffice.services.access import Actor, Permission

LATE = timedelta(minutes=1)
GIVE_UP_AFTER = timedelta(minutes=30)
SWEEP_LIMIT = 100
MANY_FAILED = 1_000


async def enqueue_unscreened(session: AsyncSession, actor: Actor) -> list[UUID]:
    """Put lost work into the queue again, unless it waits there; answers the documents that failed for long enough."""
    actor.require(Permission.SYSTEM)
    hopeless = await _hopeless(session)
    statement = (
        select(col(Document.id))
        .join(Partner, col(Partner.id) == col(Document.partner_id))
        .where(col(Document.status).in_(IN_PROGRESS))
        .where(col(Document.submitted_at) < test_clocks.now_for(col(Document.livemode)) - LATE)
        .where(job_queue.not_waiting(literal(f"{screenings.SCREEN_JOB}:") + cast(col(Document.id), Text)))
        .order_by(col(Document.submitted_at))
        .limit(SWEEP_LIMIT)
    )
    for lost in (await session.execute(statement)).scalars():
        if lost not in hopeless:
            await job_queue.enqueue(
                session, "document.screen", {"document_id": str(lost)}, dedupe_key=screenings.dedupe_key(lost)
            )
    return hopeless


async def _hopeless(session: AsyncSession) -> list[UUID]:
    failed = [UUID(document_id) for document_id in await _failed(session)]
    statement = (
        select(col(Document.id))
        .join(Partner, col(Partner.id) == col(Document.partner_id))
        .where(col(Document.status).in_(IN_PROGRESS), col(Document.id).in_(failed))
        .where(col(Document.submitted_at) < test_clocks.now_for(col(Document.livemode)) - GIVE_UP_AFTER)
    )
    return list((await session.execute(statement)).scalars())


async def _failed(session: AsyncSession) -> set[str]:
    """Read whose screening used up its attempts: what only waits, as after a night without workers, is not hopeless."""
    jobs = await job_queue.failed_jobs(session, limit=MANY_FAILED)
    return {str(job.arguments["document_id"]) for job in jobs if job.name == screenings.SCREEN_JOB}


async def give_up(session: AsyncSession, actor: Actor, document_id: UUID) -> ReviewTask | None:
    """Send a document that could not be screened to a person, with every check in error."""
    assignment = await screenings.begin(session, actor, document_id)
    if assignment is None:
        return None
    return await screenings.complete(
        session, actor, assignment, screenings.failed("The checks could not run within half an hour.")
    )
