"""The past as a policy would see it again: facts of screened documents, and what machines and people did with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.models.base import floor_id
from backoffice.models.documents import Check, Document
from backoffice.models.partners import Partner
from backoffice.models.policy_counts import Past
from backoffice.models.review_tasks import DeciderType, Decision, ReviewTask
from backoffice.screening.policy_rulings import POLICY_CHECK, Facts, Shown
from backoffice.services.partners import HUMAN_REVIEW

LONGEST_LOOK = 1_800
"""Seconds; whoever looked longer went to lunch."""


@dataclass(frozen=True, slots=True)
class PastRuling:
    """One document as a policy would see it again, and what was done with it."""

    facts: Facts
    past: Past


async def of(session: AsyncSession, documents: Sequence[Document]) -> list[PastRuling]:
    """Read the past of several documents with four queries, in their order."""
    ids = [document.id for document in documents]
    if not ids:
        return []
    shown, decided, looked = await _shown(session, ids), await _decided(session, ids), await _looked(session, ids)
    wanting = await _wanting_a_person(session, {document.partner_id for document in documents})
    return [
        PastRuling(
            Facts(
                checks=shown.get(one.id, {}),
                type=one.type,
                issuing_country=one.issuing_country,
                risk_score=one.risk_score or 0.0,
                attempt=one.attempt,
                is_last_attempt=one.attempt >= one.max_attempts,
                livemode=one.livemode,
                is_person_wanted=one.partner_id in wanting,
            ),
            Past(
                document_id=one.id,
                was=decided.get((one.id, DeciderType.POLICY), "review"),
                human=decided.get((one.id, DeciderType.REVIEWER)),
                seconds=looked.get(one.id),
            ),
        )
        for one in documents
    ]


async def _shown(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, dict[str, Shown]]:
    """Read the newest run of checks of each; the policy's own line is no fact."""
    columns = (col(Check.document_id), col(Check.run), col(Check.name), col(Check.status), col(Check.score))
    statement = (
        select(*columns, col(Check.reasons))
        .where(col(Check.document_id).in_(ids), col(Check.name) != POLICY_CHECK)
        .order_by(col(Check.document_id), col(Check.run).desc())
    )
    newest: dict[UUID, int] = {}
    shown: dict[UUID, dict[str, Shown]] = {}
    for document_id, run, name, status, score, reasons in await session.execute(statement):
        if newest.setdefault(document_id, run) == run:
            shown.setdefault(document_id, {})[name] = Shown(status, score, tuple(reasons))
    return shown


async def _decided(session: AsyncSession, ids: Sequence[UUID]) -> dict[tuple[UUID, str], str]:
    """Read the first decision of a policy and the last of a person."""
    statement = (
        select(col(Decision.document_id), col(Decision.decided_by_type), col(Decision.outcome))
        .where(col(Decision.document_id).in_(ids))
        .order_by(col(Decision.id))
    )
    decided: dict[tuple[UUID, str], str] = {}
    for document_id, by, outcome in await session.execute(statement):
        if by == DeciderType.POLICY:
            decided.setdefault((document_id, by), outcome)
        else:
            decided[document_id, by] = outcome
    return decided


async def _looked(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, float]:
    statement = (
        select(col(ReviewTask.document_id), func.sum(_seconds()))
        .where(col(ReviewTask.document_id).in_(ids), _is_measured())
        .group_by(col(ReviewTask.document_id))
    )
    return {document_id: float(seconds) for document_id, seconds in await session.execute(statement)}


def _seconds() -> ColumnElement[float]:
    between = func.extract("epoch", col(ReviewTask.verdict_at) - col(ReviewTask.first_seen_at))
    return func.least(func.greatest(between, 0), LONGEST_LOOK)


def _is_measured() -> ColumnElement[bool]:
    return col(ReviewTask.first_seen_at).is_not(None) & col(ReviewTask.verdict_at).is_not(None)


async def _wanting_a_person(session: AsyncSession, partner_ids: set[UUID]) -> set[UUID]:
    statement = select(col(Partner.id), col(Partner.settings)).where(col(Partner.id).in_(partner_ids))
    return {partner_id for partner_id, settings in await session.execute(statement) if settings.get(HUMAN_REVIEW)}


async def typical_seconds(
    session: AsyncSession, *, since: datetime, until: datetime, partner_id: UUID | None
) -> float | None:
    """Answer the median time that a person looked at a document of a span; None when nobody was measured."""
    statement = (
        select(func.percentile_cont(0.5).within_group(_seconds()))
        .join(Document, col(Document.id) == col(ReviewTask.document_id))
        .where(col(Document.id) >= floor_id(since), col(Document.id) < floor_id(until))
        .where(col(Document.livemode), _is_measured())
    )
    if partner_id:
        statement = statement.where(col(Document.partner_id) == partner_id)
    return (await session.execute(statement)).scalar_one()
