"""Purges: what is past its time goes, document by document, unless a hold keeps it; runs count what went.

The work on one document has the three parts of an erasure: redact and commit, delete the objects, empty the rest and
count. A document keeps its `delete_after` until the last of them, so that a worker may die anywhere and another one
finds it again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.adapters.storage import Object
from backoffice.clock import now, present, wall
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.documents import Document, DocumentStatus
from backoffice.models.erasure_requests import ErasureRequest
from backoffice.models.partners import Partner
from backoffice.models.retention_rules import RetentionRule, end_of, rule_for
from backoffice.models.retention_runs import RetentionRun
from backoffice.models.verifications import Verification, VerificationStatus
from backoffice.services import (
    applicants,
    audit,
    documents,
    erasures,
    legal_holds,
    person_exports,
    redactions,
    retention_dates,
    test_clocks,
    verifications,
)
from backoffice.services.access import Actor, Permission
from backoffice.services.retention_rules import TOPIC

BATCH = 100
MOST_COUNTED = 10_000
MOST_RUNS = 50
STILL_OPEN = (
    VerificationStatus.CREATED,
    VerificationStatus.PENDING,
    VerificationStatus.PROCESSING,
    VerificationStatus.IN_REVIEW,
    VerificationStatus.RESUBMISSION_REQUESTED,
)


@dataclass(frozen=True, slots=True)
class Due:
    """A document whose time is over, and how far its partner's data lives ahead of the present."""

    document_id: UUID
    ahead: timedelta
    region: str


def _past(columns: Select[*tuple[Any, ...]]) -> list[Select[*tuple[Any, ...]]]:
    """Narrow to what is past its time, by the present and by test clocks."""
    columns = columns.join(Partner, col(Partner.id) == col(Document.partner_id))
    by_clock = wall() + func.make_interval(0, 0, 0, 0, 0, 0, col(Partner.test_clock_seconds))
    return [
        columns.where(col(Document.delete_after) <= wall()),
        columns.where(
            col(Partner.test_clock_seconds) > 0,
            col(Document.livemode).is_(False),
            col(Document.delete_after) > wall(),
            col(Document.delete_after) <= by_clock,
        ),
    ]


async def due(session: AsyncSession, actor: Actor, *, limit: int = BATCH, without: Collection[str] = ()) -> list[Due]:
    """Find a batch of documents whose time is over, and what an earlier run left half done; none that a hold keeps.

    Leaves those of some regions out: their stores are away.
    """
    actor.require(Permission.SYSTEM)
    columns = select(
        col(Document.id), col(Document.livemode), col(Partner.test_clock_seconds), col(Partner.region)
    ).where(col(Partner.region).not_in(without))
    free = or_(
        col(Document.status) == DocumentStatus.REDACTED,
        ~legal_holds.keeps(Document, test_clocks.now_for(col(Document.livemode))),
    )
    rows = [
        row
        for statement in _past(columns)
        for row in await session.execute(statement.where(free).order_by(col(Document.delete_after)).limit(limit))
    ]
    return [Due(key, timedelta(seconds=0 if livemode else ahead), region) for key, livemode, ahead, region in rows]


async def held(session: AsyncSession, actor: Actor) -> int:
    """Count the documents whose time is over and that a hold keeps, up to a bound."""
    actor.require(Permission.RETENTION_READ)
    columns = select(col(Document.id), col(Document.livemode), col(Partner.test_clock_seconds))
    kept = legal_holds.keeps(Document, test_clocks.now_for(col(Document.livemode)))
    total = 0
    for statement in _past(columns):
        some = statement.where(kept, col(Document.status) != DocumentStatus.REDACTED).limit(MOST_COUNTED).subquery()
        total += (await session.execute(select(func.count()).select_from(some))).scalar_one()
    return total


async def begin(session: AsyncSession, actor: Actor, document_id: UUID) -> list[Object] | None:
    """Redact one document whose time is over; answers its objects, None when it stays.

    The rules are asked again: one that was changed a moment ago counts. The caller lives by the partner's clock.
    """
    actor.require(Permission.SYSTEM)
    document = await _locked(session, actor, document_id)
    if document.delete_after is None or document.delete_after > now():
        return None
    if document.status == DocumentStatus.REDACTED:
        return await redactions.objects(session, [document.id])
    if await legal_holds.held(session, [document]):
        return None
    rule = rule_for(await retention_dates.in_force(session), document)
    document.delete_after = moment = end_of(rule, document)
    if rule is None or moment is None or moment > now():
        return None
    await _record(session, actor, document, rule)
    await redactions.redact(session, actor, document.partner_id, [document])
    document.delete_after = moment
    if await _is_emptied(session, document.verification_id):
        await verifications.refresh(session, actor, document.verification_id)
    return await redactions.objects(session, [document.id])


async def _is_emptied(session: AsyncSession, verification_id: UUID) -> bool:
    """Say whether nothing of a verification is left: before that its outcome stays what it was decided to be."""
    left = exists().where(
        col(Document.verification_id) == verification_id,
        col(Document.status).not_in([DocumentStatus.REDACTED, DocumentStatus.SUPERSEDED]),
    )
    await session.flush()
    return not (await session.execute(select(left))).scalar_one()


async def _locked(session: AsyncSession, actor: Actor, document_id: UUID) -> Document:
    """Lock as an erasure does: the applicant, the holds, then the document as it stands."""
    document = await documents.get(session, actor, document_id)
    await applicants.locked(session, actor, document.applicant_id)
    await legal_holds.fence(session, document.partner_id)
    await session.refresh(document, with_for_update=True)
    return document


async def _record(session: AsyncSession, actor: Actor, document: Document, rule: RetentionRule) -> None:
    changes: dict[str, object] = {
        "rule_id": public_id(Prefix.RETENTION_RULE, rule.id),
        "rule_version": rule.version,
        "basis": rule.basis,
        "days": rule.days,
        "delete_after": document.delete_after and document.delete_after.isoformat(),
    }
    await audit.record(
        session,
        actor,
        "document.retention_ended",
        subject_type="document",
        subject_id=document.id,
        partner_id=document.partner_id,
        changes=changes,
    )


async def start(session: AsyncSession, actor: Actor) -> UUID:
    """Begin to count a run."""
    actor.require(Permission.SYSTEM)
    run = RetentionRun(id=new_id(), created_at=present())
    session.add(run)
    await session.flush()
    return run.id


async def complete(session: AsyncSession, actor: Actor, document_id: UUID, *, run_id: UUID, objects: int) -> bool:
    """Empty what is left of one document and count it; False when somebody else was faster.

    With the last of an applicant's documents the applicant goes, too, by an erasure with its receipt.
    """
    actor.require(Permission.SYSTEM)
    document = await _locked(session, actor, document_id)
    if document.delete_after is None or document.status != DocumentStatus.REDACTED:
        return False
    await redactions.empty(session, [document.id])
    await person_exports.forget(
        session, actor, document.partner_id, {document.applicant_id}
    )  # asked for since it began
    await session.refresh(document)
    run = await session.get_one(RetentionRun, run_id, with_for_update=True)
    run.documents, run.objects = run.documents + 1, run.objects + objects
    name = public_id(Prefix.PARTNER, document.partner_id)
    run.by_partner = {**run.by_partner, name: int(str(run.by_partner.get(name, 0))) + 1}
    await session.flush()
    if await _is_last(session, document):
        system = Actor.system(document.partner_id, name=actor.name)
        await erasures.request(session, system, document.applicant_id)
    return True


async def _is_last(session: AsyncSession, document: Document) -> bool:
    """Say whether nothing is left of an applicant but their name, and nothing is waited for."""
    others = exists().where(
        col(Document.applicant_id) == document.applicant_id,
        or_(col(Document.status) != DocumentStatus.REDACTED, col(Document.delete_after).is_not(None)),
    )
    waiting = exists().where(
        col(Verification.applicant_id) == document.applicant_id, col(Verification.status).in_(STILL_OPEN)
    )
    asked = exists().where(col(ErasureRequest.applicant_id) == document.applicant_id)
    return (await session.execute(select(~others & ~waiting & ~asked))).scalar_one()


async def finish(session: AsyncSession, actor: Actor, run_id: UUID) -> RetentionRun:
    """End a run, with what holds kept from it."""
    actor.require(Permission.SYSTEM)
    kept = await held(session, actor)
    run = await session.get_one(RetentionRun, run_id, with_for_update=True)
    run.ended_at, run.held = present(), kept
    await session.flush()
    live.announce(session, TOPIC)
    return run


async def runs(session: AsyncSession, actor: Actor) -> Sequence[RetentionRun]:
    """List the newest runs that deleted something."""
    actor.require(Permission.RETENTION_READ)
    statement = (
        select(RetentionRun)
        .where(col(RetentionRun.documents) > 0)
        .order_by(col(RetentionRun.id).desc())
        .limit(MOST_RUNS)
    )
    return (await session.execute(statement)).scalars().all()
