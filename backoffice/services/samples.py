"""Samples: some decisions are judged again by a person who did not make them and does not know them.

A look changes nothing of its document. Gold documents, whose right answer is known, wait among the samples and look
the same.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import ColumnElement, Select, all_, and_, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import now
from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import floor_id, new_id
from backoffice.models.documents import Document
from backoffice.models.review_tasks import DeciderType, Decision, Outcome, ReviewTask
from backoffice.models.samples import Cause, GoldDocument, Sample, SampleDraw, SampleSettings
from backoffice.services import audit, conflicts, decisions, sample_settings, vault
from backoffice.services.access import Actor, Permission, found
from backoffice.services.review_tasks import reviewer

TOPIC = "samples"
NOTE_COLUMN = "note_box"
BATCH = 500
LOOKS_BACK = timedelta(days=3)
"""A worker that stood still for longer leaves older decisions out."""
LEASE = timedelta(minutes=30)
PARTS = 10_000


@dataclass(frozen=True, slots=True)
class _Due:
    """One decision that nobody has considered yet."""

    decision: Decision
    risk_score: float | None


async def draw(session: AsyncSession, actor: Actor, *, since: datetime | None = None, batch: int = BATCH) -> int:
    """Consider decisions that nobody considered yet, and draw some of them; answers how many were considered.

    Which ones depends on their ids alone, and the database takes each once, however many workers draw.
    """
    actor.require(Permission.SYSTEM)
    shares = await sample_settings.read(session, actor)
    found_rows = await session.execute(_unconsidered(since or now() - LOOKS_BACK, batch))
    due = {row.Decision.id: _Due(row.Decision, row.risk_score) for row in found_rows}
    values = [_considered(one, shares) for one in due.values()]
    if not values:
        return 0
    statement = insert(SampleDraw).values(values).on_conflict_do_nothing(index_elements=["decision_id"])
    mine = await session.execute(statement.returning(SampleDraw))
    drawn = [row for row in mine.scalars() if row.is_drawn]
    await _queue(session, [(due[row.decision_id].decision, row.band) for row in drawn])
    await _add_gold(session, [row.decision_id for row in drawn], shares.gold)
    if drawn:
        live.announce(session, TOPIC)
    return len(values)


def _unconsidered(since: datetime, batch: int) -> Select[Decision, float | None]:
    return (
        select(Decision, col(Document.risk_score))
        .join(Document, col(Document.id) == col(Decision.document_id))
        .where(col(Decision.id) >= floor_id(since), col(Decision.decided_by_type) == DeciderType.REVIEWER)
        .where(col(Document.livemode), col(Document.redacted_at).is_(None))
        .where(~exists().where(col(SampleDraw.decision_id) == col(Decision.id)))
        .order_by(col(Decision.id))
        .limit(batch)
    )


def _considered(due: _Due, shares: SampleSettings) -> dict[str, object]:
    band = sample_settings.band_of(due.risk_score)
    percent: int = getattr(shares, band)
    return {
        "id": new_id(),
        "created_at": now(),
        "partner_id": due.decision.partner_id,
        "decision_id": due.decision.id,
        "band": band,
        "percent": percent,
        "is_drawn": is_drawn(due.decision.id, percent),
    }


def is_drawn(decision_id: UUID, percent: int, *, salt: bytes = b"") -> bool:
    """Answer the same for the same decision and percentage, everywhere and always."""
    part = int.from_bytes(sha256(salt + decision_id.bytes).digest()) % PARTS
    return part < percent * PARTS // 100


async def _queue(session: AsyncSession, drawn: Sequence[tuple[Decision, str]]) -> None:
    signers = await signers_of(session, [decision.document_id for decision, _ in drawn])
    for decision, band in drawn:
        session.add(
            Sample(
                partner_id=decision.partner_id,
                document_id=decision.document_id,
                decision_id=decision.id,
                signers=signers[decision.document_id],
                band=band,
            )
        )
    await session.flush()


async def signers_of(session: AsyncSession, document_ids: Collection[UUID]) -> Mapping[UUID, list[UUID]]:
    """Find everybody who signed anything on these documents, first signatures and disputes too."""
    people: dict[UUID, dict[UUID, None]] = {document_id: {} for document_id in document_ids}
    decided = (col(Decision.member_id), col(Decision.second_member_id))
    worked = (col(ReviewTask.first_by), col(ReviewTask.second_by), col(ReviewTask.verdict_by))
    for key, signatures in ((col(Decision.document_id), decided), (col(ReviewTask.document_id), worked)):
        for document_id, *signed in await session.execute(select(key, *signatures).where(key.in_(people))):
            people[document_id] |= dict.fromkeys(one for one in signed if one is not None)
    return {document_id: list(signed) for document_id, signed in people.items()}


async def _add_gold(session: AsyncSession, drawn: Sequence[UUID], percent: int) -> None:
    """Let gold documents wait among the samples, those that were handed out least first, each once at a time."""
    wanted = sum(is_drawn(decision_id, percent, salt=b"gold") for decision_id in drawn)
    if not wanted:
        return
    times = select(func.count()).where(col(Sample.gold_id) == col(GoldDocument.id)).scalar_subquery()
    waits = exists().where(col(Sample.gold_id) == col(GoldDocument.id), col(Sample.answered_at).is_(None))
    statement = (
        select(GoldDocument, col(Document.risk_score))
        .join(Document, col(Document.id) == col(GoldDocument.document_id))
        .where(col(GoldDocument.retired_at).is_(None), col(Document.redacted_at).is_(None), ~waits)
        .order_by(times, col(GoldDocument.id))
        .limit(wanted)
    )
    rows = (await session.execute(statement)).all()
    signers = await signers_of(session, [row.GoldDocument.document_id for row in rows])
    for gold, risk_score in rows:
        session.add(
            Sample(
                partner_id=gold.partner_id,
                document_id=gold.document_id,
                decision_id=gold.decision_id,
                gold_id=gold.id,
                signers=list(dict.fromkeys((*signers[gold.document_id], gold.marked_by))),
                band=sample_settings.band_of(risk_score),
            )
        )
    await session.flush()


async def take(session: AsyncSession, actor: Actor) -> Sample | None:
    """Give the actor a sample that is not of their making: the one they hold, else the one that waits longest.

    None when nothing waits for them.
    """
    member_id = reviewer(actor)
    mine = and_(col(Sample.taken_by) == member_id, col(Sample.taken_until) > now())
    for condition in (mine, _is_free()):
        statement = (
            select(Sample)
            .join(Document, col(Document.id) == col(Sample.document_id))
            .where(_is_for(member_id), conflicts.clear_of(actor, col(Sample.partner_id)), condition)
            .order_by(col(Sample.created_at), col(Sample.id))
            .limit(1)
            .with_for_update(of=Sample, skip_locked=True)
        )
        sample = (await session.execute(statement)).scalar_one_or_none()
        if sample is not None:
            sample.taken_by, sample.taken_until = member_id, now() + LEASE
            await session.flush()
            live.announce(session, TOPIC)
            return sample
    return None


async def waiting(session: AsyncSession, actor: Actor) -> int:
    """Count the samples that this reviewer could take now."""
    member_id = reviewer(actor)
    statement = (
        select(func.count())
        .select_from(Sample)
        .join(Document, col(Document.id) == col(Sample.document_id))
        .where(_is_for(member_id), conflicts.clear_of(actor, col(Sample.partner_id)))
        .where(or_(_is_free(), col(Sample.taken_by) == member_id))
    )
    return (await session.execute(statement)).scalar_one()


def _is_free() -> ColumnElement[bool]:
    return or_(col(Sample.taken_by).is_(None), col(Sample.taken_until) <= now())


def _is_for(member_id: UUID) -> ColumnElement[bool]:
    """Leave out what the person signed or opened, since the draw too, and what they judged in another sample."""
    earlier = aliased(Sample)
    judged = exists().where(
        col(earlier.document_id) == col(Sample.document_id),
        col(earlier.taken_by) == member_id,
        col(earlier.answered_at).is_not(None),
    )
    signed = exists().where(
        col(Decision.document_id) == col(Sample.document_id),
        or_(col(Decision.member_id) == member_id, col(Decision.second_member_id) == member_id),
    )
    opened = exists().where(
        col(AuditEntry.subject_id) == col(Sample.document_id), col(AuditEntry.actor_id) == member_id
    )
    at_desk = exists().where(
        col(ReviewTask.document_id) == col(Sample.document_id),
        col(AuditEntry.subject_id) == col(ReviewTask.id),
        col(AuditEntry.action) == "review.opened",
        col(AuditEntry.actor_id) == member_id,
    )
    unanswered = and_(col(Sample.answered_at).is_(None), col(Document.redacted_at).is_(None))
    return and_(unanswered, literal(member_id) != all_(col(Sample.signers)), ~signed, ~judged, ~opened, ~at_desk)


async def held(session: AsyncSession, actor: Actor, sample_id: UUID, *, lock: bool = False) -> Sample:
    """Find a sample that the actor has taken and not answered yet.

    Raises NotFound, NotAllowed for somebody else's, and Conflict for one that is answered.
    """
    member_id = reviewer(actor)
    statement = select(Sample).where(col(Sample.id) == sample_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    sample = found((await session.execute(statement)).scalar_one_or_none(), "sample")
    await conflicts.refuse(session, member_id, sample.partner_id, "sample")
    if sample.taken_by != member_id:
        raise NotAllowed("This sample is not yours. Take the next one.", code="not_your_sample")
    if sample.answered_at is not None:
        raise Conflict("You have judged this sample already.", code="already_answered")
    return sample


async def answer(  # noqa: PLR0913 a verdict is an outcome with its reasons
    session: AsyncSession,
    actor: Actor,
    sample_id: UUID,
    *,
    outcome: Outcome,
    reasons: Sequence[str] = (),
    note: str | None = None,
) -> Sample:
    """Judge a sample; the document stays as it is, and the answer never changes.

    Raises what `held` raises, and Invalid for missing or unknown reasons.
    """
    sample = await held(session, actor, sample_id, lock=True)
    document = found(await session.get(Document, sample.document_id), "document")
    settled, codes = await decisions.settled(session, document, outcome, reasons, note)
    if (note or "").strip():
        key = await vault.data_key(session, document.applicant_id)
        sample.note_box = vault.seal_json(key, note, row=sample.id, column=NOTE_COLUMN)
    sample.answered_at, sample.outcome, sample.reasons, sample.taken_until = now(), settled, codes, None
    await session.flush()
    await _record(session, actor, sample, "answered", outcome=settled, reasons=codes)
    return sample


async def mark(session: AsyncSession, actor: Actor, sample_id: UUID, cause: Cause) -> Sample:
    """Say why two people differed: whoever looked, or a lead.

    Raises NotFound, NotAllowed for others, Invalid where nobody differed.
    """
    member_id = reviewer(actor)
    statement = select(Sample).where(col(Sample.id) == sample_id).with_for_update()
    sample = found((await session.execute(statement)).scalar_one_or_none(), "sample")
    await conflicts.refuse(session, member_id, sample.partner_id, "sample")
    if sample.taken_by != member_id and not actor.can(Permission.QUEUE_MANAGE):
        raise NotAllowed("Only who looked, or a lead, can say why.", code="not_your_sample")
    if sample.answered_at is None or sample.outcome == await truth(session, sample):
        raise Invalid("There is no disagreement to explain.", code="no_disagreement")
    sample.cause = cause
    await session.flush()
    await _record(session, actor, sample, "explained", cause=cause)
    return sample


async def truth(session: AsyncSession, sample: Sample) -> str:
    """Read the outcome that a look is compared with: the decision's, or the right one of a gold document."""
    model, key = (GoldDocument, sample.gold_id) if sample.gold_id else (Decision, sample.decision_id)
    return (await session.execute(select(col(model.outcome)).where(col(model.id) == key))).scalar_one()


async def _record(session: AsyncSession, actor: Actor, sample: Sample, what: str, **changes: object) -> None:
    """Write an audit entry that no partner sees: how we check ourselves is not theirs."""
    await audit.record(
        session, actor, f"sample.{what}", subject_type="sample", subject_id=sample.id, changes=dict(changes)
    )
    live.announce(session, TOPIC)
