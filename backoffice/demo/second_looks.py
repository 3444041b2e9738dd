"""The demo's second looks and tallies: drawn from a fixed seed, written by the product's own services."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice import clock
from backoffice.db import transaction
from backoffice.demo.plan import SEED
from backoffice.errors import Conflict, Invalid
from backoffice.models.documents import Document
from backoffice.models.members import Member, Role
from backoffice.models.review_tasks import Decision, Outcome
from backoffice.models.samples import Cause, Sample
from backoffice.services import gold_documents, review_metrics, sample_settings, samples
from backoffice.services.access import Actor

SYSTEM = Actor.system(name="demo")
EVERY = {"low": 100, "medium": 100, "high": 100, "gold": 50}
"""The demo's month is short: all of it is looked at, so that there is something to count."""
USUAL = {"low": 10, "medium": 25, "high": 50, "gold": 10}
GOLD = 24
BATCH = 30
LEFT = 8
"""Samples that wait for the stranger."""
AGREES = 0.93
SAME_REASONS = 0.9
PAUSE = timedelta(hours=5)
OTHERWISE = {
    Outcome.APPROVED: (Outcome.REJECTED, ("tampering_suspected",)),
    Outcome.REJECTED: (Outcome.RESUBMISSION_REQUESTED, ("data_not_readable",)),
    Outcome.RESUBMISSION_REQUESTED: (Outcome.APPROVED, ()),
}
CAUSES = (Cause.IMAGE, Cause.IMAGE, Cause.GUIDELINE, Cause.ATTENTION)


async def tally(session: AsyncSession, reviewer: Actor, verdict_id: UUID, seed: int, looked: timedelta) -> None:
    """Tell what a browser would have counted for a verdict of the history."""
    dice = random.Random(SEED + seed)  # noqa: S311 a story, not a secret
    seconds = looked.total_seconds()
    counts = {
        "first_input_ms": int(dice.uniform(600, 2_500)),
        "active_ms": int(seconds * 1000 * dice.uniform(0.7, 1)),
        "keys": dice.choice((1, 1, 1, 3, 3, 4, 6)),
        "clicks": dice.choice((0, 0, 0, 1, 2)),
        "images_opened": dice.choice((1, 1, 2)),
        "zoom_used": int(dice.random() < 0.3),  # noqa: PLR2004 three of ten look closer
        "checks_opened": dice.randrange(3),
        "connection_lost_ms": 0,
    }
    await review_metrics.note(session, reviewer, verdict_id, counts)


async def replay(history: timedelta) -> None:
    """Draw and answer the history's second looks once; a load that is interrupted goes on where it stopped.

    The lead's change to the usual percentages is the last step, and the sign that all of it is there.
    """
    async with transaction(SYSTEM.tenancy) as session:
        team = await _team(session)
        version = (await sample_settings.read(session, SYSTEM)).version
    lead = team[-1]
    if version == 1:
        async with transaction(lead.tenancy) as session:
            await sample_settings.change(session, lead, shares=EVERY, version=1)
    if version > 2:  # noqa: PLR2004 it was changed back: all of it is there
        return
    async with transaction(lead.tenancy) as session:
        await _settle_gold(session, lead)
    async with transaction(SYSTEM.tenancy) as session:
        while await samples.draw(session, SYSTEM, since=clock.now() - history, batch=BATCH):
            pass  # small batches, so that gold documents are handed out more than once
    for place, actor in enumerate(team):
        await _answer(actor, leave=LEFT if place == len(team) - 1 else LEFT * 2)
    async with transaction(lead.tenancy) as session:
        await sample_settings.change(session, lead, shares=USUAL, version=2)


async def _team(session: AsyncSession) -> list[Actor]:
    """Find the reviewers, and their lead last."""
    roles = (Role.REVIEWER, Role.REVIEW_LEAD)
    rows = await session.execute(select(Member).where(col(Member.role).in_(roles)).order_by(col(Member.id)))
    people = sorted(rows.scalars(), key=lambda one: roles.index(Role(one.role)))
    return [Actor.of(one) for one in people]


async def _settle_gold(session: AsyncSession, lead: Actor) -> None:
    """Let a share of the decided documents be gold, as they were decided."""
    statement = select(Decision).where(col(Decision.member_id).is_not(None)).order_by(col(Decision.id))
    for decision in list((await session.execute(statement)).scalars())[::3][:GOLD]:
        if await gold_documents.of(session, lead, decision.document_id) is None:
            await _gold(session, lead, decision)


async def _gold(session: AsyncSession, lead: Actor, decision: Decision) -> None:
    try:
        async with session.begin_nested():
            outcome = Outcome(decision.outcome)
            await gold_documents.mark(session, lead, decision.document_id, outcome=outcome, codes=decision.reasons)
    except (Conflict, Invalid):
        return


async def _answer(actor: Actor, *, leave: int) -> None:
    """Judge what waits for one person, but for the last few."""
    async with transaction(actor.tenancy) as session:
        waiting = await samples.waiting(session, actor)
    for _ in range(waiting - leave):
        async with transaction(actor.tenancy) as session:
            sample = await samples.take(session, actor)
            if sample is None:
                return
            wanted, reasons, decided_at, number = await _first(session, sample)
        dice = random.Random(f"{SEED}{number}{actor.name}")  # noqa: S311 a story, not a secret
        with clock.at(min(decided_at + PAUSE * dice.uniform(0.2, 3), clock.now())):
            await _judge(actor, sample, wanted, reasons, dice)


async def _first(session: AsyncSession, sample: Sample) -> tuple[Outcome, Sequence[str], datetime, str]:
    statement = (
        select(Decision, col(Document.external_id).label("number"))
        .join(Document, col(Document.id) == col(Decision.document_id))
        .where(col(Decision.id) == sample.decision_id)
    )
    row = (await session.execute(statement)).one()
    truth = Outcome(await samples.truth(session, sample))
    return truth, row.Decision.reasons, row.Decision.created_at, row.number or ""


async def _judge(actor: Actor, sample: Sample, first: Outcome, reasons: Sequence[str], dice: random.Random) -> None:
    agrees = dice.random() < AGREES
    outcome, others = (first, tuple(reasons)) if agrees else OTHERWISE[first]
    if agrees and others and dice.random() > SAME_REASONS:
        others = ("data_not_readable",)
    given = [code for code in others if code != "resubmission_limit_exceeded"]
    async with transaction(actor.tenancy) as session:
        answered = await samples.answer(session, actor, sample.id, outcome=outcome, reasons=given)
        if answered.outcome != first and dice.random() < SAME_REASONS:
            await samples.mark(session, actor, sample.id, dice.choice(CAUSES))
