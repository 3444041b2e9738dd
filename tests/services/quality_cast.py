"""Decided documents, and people who look at them again."""

from datetime import timedelta

from sqlalchemy import text, update

from backoffice import clock
from backoffice.db import transaction
from backoffice.models.documents import Document
from backoffice.models.members import Role
from backoffice.models.review_tasks import Decision, Outcome
from backoffice.models.samples import Sample, SampleSettings
from backoffice.services import decisions, review_claims, samples
from tests.services.policy_cast import EVERYONE
from tests.services.review_cast import SYSTEM, Cast, in_review, member

ALL = {"low": 100, "medium": 100, "high": 100, "gold": 0}


async def shares(**percents: int) -> None:
    """Set the percentages for this test; the next test sets its own."""
    async with transaction(EVERYONE) as session:
        await session.execute(update(SampleSettings).values(**(ALL | percents)))


async def only_mine() -> None:
    """Take what other tests left out of the pool."""
    async with transaction(EVERYONE) as session:
        await session.execute(text("delete from samples where answered_at is null"))
        await session.execute(text("update gold_documents set retired_at = now() where retired_at is null"))
        await samples.draw(session, SYSTEM, batch=10_000)
        await session.execute(text("delete from samples where answered_at is null"))


async def decided(cast: Cast, reviewer, outcome=Outcome.APPROVED, *reasons, took=10.0, risk=0.0, **fields) -> Decision:
    """Take one document through review to its decision."""
    task = await in_review(cast, **fields)
    async with transaction(EVERYONE) as session:
        await session.execute(update(Document).where(Document.id == task.document_id).values(risk_score=risk))
        started = await review_claims.start(session, reviewer, task.id)
    moment = started.first_seen_at + timedelta(seconds=took)
    with clock.at(moment):
        async with transaction(EVERYONE) as session:
            await review_claims.claim(session, reviewer, task.id)
            verdict = await decisions.sign(
                session, reviewer, task.id, outcome=outcome, reasons=reasons, version=started.version
            )
    with clock.at(moment + timedelta(seconds=20)):
        async with transaction(EVERYONE) as session:
            return await decisions.finalize(session, SYSTEM, task.id, verdict.id)


async def drawn() -> int:
    async with transaction(EVERYONE) as session:
        return await samples.draw(session, SYSTEM)


async def taken(actor) -> Sample | None:
    async with transaction(EVERYONE) as session:
        return await samples.take(session, actor)


async def answered(actor, sample, outcome=Outcome.APPROVED, *reasons, note=None) -> Sample:
    async with transaction(EVERYONE) as session:
        return await samples.answer(session, actor, sample.id, outcome=outcome, reasons=reasons, note=note)


async def three(cast: Cast):
    """Two reviewers and their lead."""
    return (
        await member(cast, Role.REVIEWER, "Kim Berg"),
        await member(cast, Role.REVIEWER, "Joe Park"),
        await member(cast, Role.REVIEW_LEAD, "Lena Hoffmann"),
    )
