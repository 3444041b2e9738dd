"""Replays the demo's history through the product's own services, each step at the time it happened."""

import asyncio
import signal
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from io import BytesIO
from multiprocessing import get_context
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backoffice import clock
from backoffice.adapters import lifeline
from backoffice.db import transaction
from backoffice.demo import second_looks, specimen
from backoffice.demo.plan import EXPIRES_AFTER, Planned, history
from backoffice.demo.recorded import Recorded
from backoffice.models.documents import Document, DocumentStatus, DocumentType, Side
from backoffice.models.review_tasks import Outcome, ReviewTask
from backoffice.services import (
    decisions,
    documents,
    fingerprints,
    intake,
    partners,
    quotas,
    review_claims,
    screenings,
    search_tokens,
    vault,
    withdrawals,
)
from backoffice.services.access import Actor, ActorType
from backoffice.services.permissions import SCOPES
from backoffice.specimens import SpecimenFile

S = DocumentStatus
SYSTEM = Actor.system(name="demo")
AT_ONCE = 6
RENDERERS = 2
LEFT_TO_THE_WORKER = 3
"""The newest ones stay submitted: the worker screens them while the stranger looks."""
SCREENING = timedelta(seconds=2)
LONGEST_LOOK = timedelta(seconds=70)
DECIDED = {
    S.APPROVED: Outcome.APPROVED,
    S.REJECTED: Outcome.REJECTED,
    S.RESUBMISSION_REQUESTED: Outcome.RESUBMISSION_REQUESTED,
}
FIRST = {S.EXPIRED: S.RESUBMISSION_REQUESTED, S.REDACTED: S.APPROVED}
"""What an ending is decided as before it comes to its end."""


async def replay(partners: dict[str, UUID], keys: dict[tuple[str, bool], UUID], reviewers: list[Actor]) -> None:
    """Write what is missing of the history, several documents at once."""
    until = clock.now()
    async with transaction(SYSTEM.tenancy) as session:
        external_id = col(Document.external_id)
        there = set((await session.execute(select(external_id).where(external_id.is_not(None)))).scalars())
    planned = [row for row in history() if _external_id(row) not in there]
    newest = {row.number for row in sorted(planned, key=lambda row: row.age)[:LEFT_TO_THE_WORKER]}
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(row: Planned, pool: ProcessPoolExecutor) -> None:
        async with gate:
            pages = await _render(row, pool)
            actor = _application(partners[row.partner], keys[row.partner, row.livemode], livemode=row.livemode)
            reviewer = reviewers[row.number % len(reviewers)]
            await _one(row, actor, reviewer, until - row.age, pages, is_left=row.number in newest)

    if planned:
        with ProcessPoolExecutor(
            RENDERERS,
            mp_context=get_context("spawn"),
            initializer=lifeline.die_with_parent,
            initargs=(signal.SIGKILL,),
        ) as pool:
            await asyncio.gather(*(one(row, pool) for row in planned))


async def _render(row: Planned, pool: ProcessPoolExecutor) -> list[SpecimenFile]:
    """Draw in another process: drawing is half of the work and holds this one's lock."""
    if row.ending == S.AWAITING_UPLOAD:
        return []
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(pool, specimen.files, row.kind, row.seed, row.condition)


def _external_id(row: Planned) -> str:
    return f"user-{8000 + row.number}"


def _application(partner_id: UUID, key_id: UUID, *, livemode: bool) -> Actor:
    return Actor(
        type=ActorType.API_KEY,
        id=key_id,
        name="backend" if livemode else "sandbox",
        permissions=SCOPES,
        partner_id=partner_id,
        livemode=livemode,
        request_id=f"req_demo{key_id.hex[-8:]}",
    )


async def _one(  # noqa: PLR0913 a document's whole story
    row: Planned, actor: Actor, reviewer: Actor, began: datetime, pages: list[SpecimenFile], *, is_left: bool
) -> None:
    with clock.at(began):
        document_id = await _submit(row, actor, pages)
    if is_left or not pages:
        return
    if row.ending == S.CANCELED:
        with clock.at(began + SCREENING / 2):
            await _cancel(actor, document_id)
        return
    with clock.at(began + SCREENING):
        task = await _screen(row, document_id)
    first = FIRST.get(row.ending, row.ending)
    if task and first in DECIDED:
        await _decide(row, task, reviewer, DECIDED[first], began + SCREENING)
    with clock.at(min(began + EXPIRES_AFTER, clock.now())):
        await _end(row, document_id)


async def _end(row: Planned, document_id: UUID) -> None:
    """Bring a decided document to its planned end, if what was decided, perhaps by the policy, allows it."""
    async with transaction(SYSTEM.tenancy) as session:
        status = (await documents.get(session, SYSTEM, document_id)).status
    if row.ending == S.EXPIRED and status == S.RESUBMISSION_REQUESTED:
        await _move(document_id, S.EXPIRED)
    if row.ending == S.REDACTED and status in {S.APPROVED, S.REJECTED}:
        await _redact(document_id)


async def _submit(row: Planned, actor: Actor, pages: list[SpecimenFile]) -> UUID:
    submission = intake.Submission(
        uploads=[intake.Upload(Side(page.side), BytesIO(page.data)) for page in pages],
        type=DocumentType(row.kind),
        personal=specimen.applicant(row.kind, row.seed),
        has_applicant=True,
        external_id=_external_id(row),
        metadata=specimen.metadata(row.seed),
    )
    stored = await intake.store(actor, submission)
    async with transaction(actor.tenancy) as session:
        if not pages:
            stored.document.status = S.AWAITING_UPLOAD
        document = await intake.keep(session, actor, stored)
        document.submitted_at = document.submitted_at if pages else None
        await quotas.count(session, actor, await partners.terms_for(session, document.partner_id))
        return document.id


async def _screen(row: Planned, document_id: UUID) -> ReviewTask | None:
    async with transaction(SYSTEM.tenancy) as session:
        assignment = await screenings.begin(session, SYSTEM, document_id)
    if assignment is None:
        return None
    screening = await screenings.run(assignment, Recorded(row.number), timeout=30)
    pictures = await screenings.store_pictures(assignment, screening)
    async with transaction(SYSTEM.tenancy) as session:
        return await screenings.complete(session, SYSTEM, assignment, screening, pictures)


async def _decide(row: Planned, task: ReviewTask, reviewer: Actor, outcome: Outcome, queued: datetime) -> None:
    looked = min(row.wait * 0.7, LONGEST_LOOK)
    with clock.at(queued + row.wait - looked):
        async with transaction(reviewer.tenancy) as session:
            claimed = await review_claims.start(session, reviewer, task.id)
    with clock.at(queued + row.wait):
        async with transaction(reviewer.tenancy) as session:
            verdict = await decisions.sign(
                session, reviewer, task.id, outcome=outcome, reasons=_reasons(row, outcome), version=claimed.version
            )
            await second_looks.tally(session, reviewer, verdict.id, row.seed, looked)
    with clock.at(verdict.final_at + timedelta(milliseconds=200)):
        async with transaction(SYSTEM.tenancy) as session:
            await decisions.finalize(session, SYSTEM, task.id, verdict.id)


def _reasons(row: Planned, outcome: Outcome) -> tuple[str, ...]:
    return () if outcome == Outcome.APPROVED else (row.reasons or ("image_blurred",))


async def _cancel(actor: Actor, document_id: UUID) -> None:
    async with transaction(actor.tenancy) as session:
        await withdrawals.cancel_document(session, actor, document_id)


async def _move(document_id: UUID, status: DocumentStatus) -> None:
    async with transaction(SYSTEM.tenancy) as session:
        document = await documents.get(session, SYSTEM, document_id, lock=True)
        await documents.change_status(session, SYSTEM, document, status)


async def _redact(document_id: UUID) -> None:
    """Take the applicant's key away: what was read of this document can never be read again."""
    async with transaction(SYSTEM.tenancy) as session:
        document = await documents.get(session, SYSTEM, document_id, lock=True)
        document.extracted_box = None
        await fingerprints.forget(session, [document.id])
        await search_tokens.forget(session, [document.id])
        await documents.change_status(session, SYSTEM, document, S.REDACTED)
        await vault.lose(session, document.applicant_id)
