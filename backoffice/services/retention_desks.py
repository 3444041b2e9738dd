"""What the page of retention shows in one look, with the names of who did it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import case, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.models.erasure_requests import ErasureRequest, ErasureStatus
from backoffice.models.legal_holds import LegalHold
from backoffice.models.retention_rules import RetentionRule
from backoffice.models.retention_runs import RetentionRun
from backoffice.services import legal_holds, members, partners, purges, retention_rules
from backoffice.services.access import Actor, Permission

MOST_ERASURES = 50


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that stands, and what went."""

    rules: Sequence[RetentionRule]
    holds: Sequence[LegalHold]
    erasures: Sequence[ErasureRequest]
    runs: Sequence[RetentionRun]
    held: int
    """Documents past their time that a hold keeps."""
    partners: dict[UUID, str]
    people: dict[UUID, str]


async def read(session: AsyncSession, actor: Actor) -> Desk:
    """Read the page."""
    actor.require(Permission.RETENTION_READ)
    rules = await retention_rules.listed(session, actor)
    holds = await legal_holds.listed(session, actor)
    people = {key for row in rules if (key := row.created_by)} | {key for row in holds if (key := row.placed_by)}
    return Desk(
        rules=rules,
        holds=holds,
        erasures=await erasures(session, actor),
        runs=await purges.runs(session, actor),
        held=await purges.held(session, actor),
        partners=dict(await partners.names(session, actor)),
        people=await members.names(session, people),
    )


async def erasures(session: AsyncSession, actor: Actor) -> Sequence[ErasureRequest]:
    """List erasures of every partner: those that are not done first, the oldest of them at the top."""
    actor.require(Permission.RETENTION_READ)
    is_done = col(ErasureRequest.status) == ErasureStatus.COMPLETED
    statement = select(ErasureRequest).order_by(
        is_done, case((is_done, None), else_=col(ErasureRequest.id)), col(ErasureRequest.id).desc()
    )
    return (await session.execute(statement.limit(MOST_ERASURES))).scalars().all()
