"""Rulings: the published policy's word on one screened document, and what a version in shadow would have said."""

import time
from dataclasses import dataclass, replace
from functools import lru_cache
from logging import getLogger
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now
from backoffice.models.base import new_id
from backoffice.models.documents import Check, Document
from backoffice.models.partners import Partner
from backoffice.models.policies import PolicyTrial, PolicyVersion
from backoffice.screening import policy_language, policy_rulings
from backoffice.screening.policy_rulings import POLICY_CHECK, Facts, Ruling, RulingOutcome, Shown
from backoffice.screening.risks import joined
from backoffice.screening.types import Finding, Screening, Status
from backoffice.services import policies
from backoffice.services.partners import HUMAN_REVIEW

log = getLogger(__name__)
_STATUS: dict[RulingOutcome, Status] = {
    "approved": "passed",
    "rejected": "failed",
    "resubmission_requested": "failed",
    "review": "warning",
}
NO_POLICY = Ruling("review", "", "No policy is published, so a person decides.")
BROKEN = Ruling("review", "", "The policy could not be applied, so a person decides.")


@dataclass(frozen=True, slots=True)
class Ruled:
    """What is to be done with a document, by which version (empty without one)."""

    ruling: Ruling
    version: str
    screening: Screening
    """With the policy's own line among its findings."""


async def rule(session: AsyncSession, document: Document, screening: Screening) -> Ruled:
    """Ask the policies in force about a document; a version in shadow is asked as well, and only noted down."""
    started = time.perf_counter()
    rows = await policies.in_force(session, document.partner_id)
    facts = await _facts(session, document, screening)
    ruling = _ruled(rows.published, facts) if rows.published else NO_POLICY
    if rows.shadow:
        await _note(session, document, rows.shadow, _ruled(rows.shadow, facts), ruling)
    version = rows.published.label if rows.published else ""
    finding = Finding(
        POLICY_CHECK,
        _STATUS[ruling.outcome] if rows.published else "not_applicable",
        model=version or "none@0",
        reasons=ruling.reasons,
        summary=ruling.summary,
        duration_ms=round((time.perf_counter() - started) * 1000),
    )
    whole = replace(joined(screening, finding), risk_score=screening.risk_score)
    return Ruled(ruling, version, whole)


async def _facts(session: AsyncSession, document: Document, screening: Screening) -> Facts:
    statement = select(col(Partner.settings)).where(col(Partner.id) == document.partner_id)
    settings = (await session.execute(statement)).scalar_one()
    return Facts(
        checks={one.name: Shown(one.status, one.score, one.reasons) for one in screening.findings},
        type=document.type or screening.type_guess,
        issuing_country=document.issuing_country or screening.country_guess,
        risk_score=screening.risk_score,
        attempt=document.attempt,
        is_last_attempt=document.attempt >= document.max_attempts,
        livemode=document.livemode,
        is_person_wanted=bool(settings.get(HUMAN_REVIEW)),
    )


def _ruled(version: PolicyVersion, facts: Facts) -> Ruling:
    """Apply one version; whatever is wrong with it costs a person's look, never a document."""
    try:
        return policy_rulings.rule(wording(version.source), facts)
    except Exception:  # whatever breaks, a person decides and nothing is approved
        log.exception("policy_failed", extra={"policy_version": version.label})
        return BROKEN


@lru_cache(32)
def wording(source: str) -> policy_language.Policy:
    """Read a wording once per process."""
    return policy_language.parse(source)


async def _note(
    session: AsyncSession, document: Document, version: PolicyVersion, would: Ruling, actual: Ruling
) -> None:
    """Write what the version in shadow would have done; a run that is repeated writes it once."""
    values = {
        "id": new_id(),
        "created_at": now(),
        "partner_id": document.partner_id,
        "version_id": version.id,
        "document_id": document.id,
        "outcome": would.outcome,
        "actual": actual.outcome,
        "rule": would.rule,
        "reasons": list(would.reasons),
    }
    await session.execute(insert(PolicyTrial).values(values).on_conflict_do_nothing())


async def sender_of(session: AsyncSession, document_id: UUID) -> str:
    """Name the version that sent a document to a person; empty when none was published."""
    statement = (
        select(col(Check.model), col(Check.status))
        .where(col(Check.document_id) == document_id, col(Check.name) == POLICY_CHECK)
        .order_by(col(Check.run).desc())
        .limit(1)
    )
    row = (await session.execute(statement)).one_or_none()
    return row.model if row and row.status != "not_applicable" else ""
