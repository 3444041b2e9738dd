"""What policies did: who decided how much, what a shadow would have done, and how far people agreed with it."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Date, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now
from backoffice.models.base import floor_id
from backoffice.models.documents import Document
from backoffice.models.members import Member
from backoffice.models.partners import Partner
from backoffice.models.policies import PolicyTrial, PolicyVersion, VersionStatus
from backoffice.models.policy_counts import Day, PartnerRuling, TrialPair
from backoffice.models.review_tasks import DeciderType, Decision
from backoffice.services.access import Actor, Permission
from backoffice.services.partners import HUMAN_REVIEW

COUNTED = (DeciderType.POLICY, DeciderType.REVIEWER)


async def days(session: AsyncSession, actor: Actor, *, back: int) -> list[Day]:
    """Count the decisions of the last days, oldest first; a day without any is there with zeros."""
    actor.require(Permission.POLICIES_READ)
    today = now().date()
    first = today - timedelta(days=back - 1)
    day = cast(func.timezone("UTC", col(Decision.created_at)), Date)
    statement = (
        select(day, col(Decision.decided_by_type), func.count())
        .join(Document, col(Document.id) == col(Decision.document_id))
        .where(col(Decision.created_at) >= now() - timedelta(days=back), col(Document.livemode))
        .where(col(Decision.decided_by_type).in_(COUNTED))
        .group_by(day, col(Decision.decided_by_type))
    )
    counted = {(on, by): count for on, by, count in await session.execute(statement)}
    every = [first + timedelta(days=number) for number in range(back)]
    return [
        Day(on, counted.get((on, DeciderType.POLICY), 0), counted.get((on, DeciderType.REVIEWER), 0)) for on in every
    ]


async def partners(session: AsyncSession, actor: Actor, *, back: int) -> list[PartnerRuling]:
    """List the partners by name with what rules their documents."""
    actor.require(Permission.POLICIES_READ)
    own = select(PolicyVersion).where(
        col(PolicyVersion.partner_id).is_not(None), col(PolicyVersion.status) == VersionStatus.PUBLISHED
    )
    ruling = {row.partner_id: row for row in (await session.execute(own)).scalars()}
    statement = (
        select(col(Decision.partner_id), col(Decision.decided_by_type), func.count())
        .join(Document, col(Document.id) == col(Decision.document_id))
        .where(col(Decision.created_at) >= now() - timedelta(days=back), col(Document.livemode))
        .where(col(Decision.decided_by_type).in_(COUNTED))
        .group_by(col(Decision.partner_id), col(Decision.decided_by_type))
    )
    counted = {(partner_id, by): count for partner_id, by, count in await session.execute(statement)}
    rows = (await session.execute(select(Partner).order_by(col(Partner.name)))).scalars()
    return [
        PartnerRuling(
            partner_id=row.id,
            name=row.name,
            own=ruling.get(row.id),
            wants_person=bool(row.settings.get(HUMAN_REVIEW)),
            by_policy=counted.get((row.id, DeciderType.POLICY), 0),
            decided=sum(counted.get((row.id, by), 0) for by in COUNTED),
        )
        for row in rows
    ]


async def trials(session: AsyncSession, actor: Actor, version: PolicyVersion) -> list[TrialPair]:
    """Count what a version did in shadow beside what really happened, most frequent first."""
    actor.require(Permission.POLICIES_READ)
    since = version.shadow_since or version.created_at
    human = (
        select(col(Decision.outcome))
        .where(col(Decision.document_id) == col(PolicyTrial.document_id))
        .where(col(Decision.decided_by_type) == DeciderType.REVIEWER)
        .order_by(col(Decision.id).desc())
        .limit(1)
        .correlate(PolicyTrial)
        .scalar_subquery()
    )
    seen = (
        select(col(PolicyTrial.actual), col(PolicyTrial.outcome))
        .add_columns(human.label("human"))
        .join(Document, col(Document.id) == col(PolicyTrial.document_id))
        .where(col(PolicyTrial.version_id) == version.id, col(Document.livemode))
        .where(col(PolicyTrial.id) >= floor_id(since))
        .subquery()
    )
    statement = select(seen.c.actual, seen.c.outcome, seen.c.human, func.count().label("documents")).group_by(
        seen.c.actual, seen.c.outcome, seen.c.human
    )
    rows = [TrialPair(row.actual, row.outcome, row.documents, row.human) for row in await session.execute(statement)]
    return sorted(rows, key=lambda row: -row.documents)


async def names(session: AsyncSession, actor: Actor, versions: Sequence[PolicyVersion]) -> dict[UUID, str]:
    """Read what the people who wrote and published versions are called."""
    actor.require(Permission.POLICIES_READ)
    wanted = {one for version in versions for one in (*version.authors, version.published_by) if one}
    rows = await session.execute(select(col(Member.id), col(Member.name)).where(col(Member.id).in_(wanted)))
    return {row.id: row.name for row in rows}
