"""Intake: a submitted document becomes durable in one go. Files first, then every row in one transaction.

A crash in between leaves ciphertext that no row names, which is garbage; never a row without its file.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import IO, Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient_to_detached

from backoffice.adapters import job_queue
from backoffice.clock import now
from backoffice.db import insert, transaction
from backoffice.errors import BackofficeError, Invalid
from backoffice.models.base import new_id
from backoffice.models.documents import Document, DocumentStatus, DocumentType, File, Side
from backoffice.models.documents import Upload as Place
from backoffice.models.partners import Plan
from backoffice.screening.admission import Admission, Admitted
from backoffice.services import (
    applicants,
    documents,
    events,
    files,
    references,
    regions,
    sla_clocks,
    vault,
    verifications,
)
from backoffice.services.access import Actor, Permission
from backoffice.services.references import References

SCREEN_JOB = "document.screen"
MAX_FILES = 6
F = TypeVar("F", File, Place)


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it was received: spooled, not yet believed."""

    side: Side
    source: IO[bytes]

    def read(self) -> bytes:
        """Read the whole file, which is at most 15 MB."""
        self.source.seek(0)
        return self.source.read()


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a partner submits in one call, checked for form."""

    uploads: Sequence[Upload]
    type: DocumentType | None = None
    issuing_country: str | None = None
    personal: Mapping[str, Any] = field(default_factory=dict[str, Any])
    applicant_external_id: str | None = None
    has_applicant: bool = False
    applicant_id: UUID | None = None
    verification_id: UUID | None = None
    external_id: str | None = None
    replaces_id: UUID | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def references(self) -> References:
        """What it says it belongs to."""
        return References(
            applicant_id=self.applicant_id, verification_id=self.verification_id, replaces_id=self.replaces_id
        )


@dataclass(frozen=True, slots=True)
class Case:
    """What a submission belongs to, as found before anything of it is stored, and the key that seals it."""

    applicant_id: UUID
    key: bytes = field(repr=False)
    draft: applicants.Draft | None = None


@dataclass(frozen=True, slots=True)
class Stored(Generic[F]):
    """A submission whose files are safe, or have a place to come to; `keep` makes the rows of it."""

    submission: Submission
    document: Document
    files: Sequence[F]
    draft: applicants.Draft | None


@lru_cache(1)
def admission() -> Admission:
    """Open the gate on first use, one per process: web workers fork."""
    return Admission()


async def store(actor: Actor, submission: Submission) -> Stored[File]:
    """Admit every file, then seal and store it; opens its own short transaction to find what it belongs to.

    Raises Invalid, TooLarge, Unsupported for a file that is not accepted, NotFound for a foreign reference.
    """
    actor.require(Permission.DOCUMENTS_WRITE)
    earlier = None if submission.references.is_empty else await open_case(actor, submission)
    admitted = [
        await admit(index, await asyncio.to_thread(upload.read)) for index, upload in enumerate(submission.uploads)
    ]
    # A new applicant's key is durable, so that none is made for a file that is refused.
    case = earlier or await open_case(actor, submission)
    document = document_of(actor, submission, case)
    rows = [
        file_of(document, index, upload.side, facts)
        for index, (upload, facts) in enumerate(zip(submission.uploads, admitted, strict=True))
    ]
    for row, upload in zip(rows, submission.uploads, strict=True):
        await seal(case.key, row, upload.read)
    return Stored(submission, document, rows, case.draft)


async def open_case(actor: Actor, submission: Submission) -> Case:
    """Find the applicant of an earlier document, verification or call, or make a new one."""
    if submission.references.is_empty:
        draft = await applicants.draft(
            actor, submission.personal, submission.applicant_external_id, country=submission.issuing_country
        )
        return Case(draft.applicant.id, draft.key, draft)
    async with transaction(actor.tenancy) as session:
        applicant_id = (await references.settle(session, actor, submission.references)).applicant_id
        if submission.has_applicant:
            raise Invalid(
                "Send either applicant data or an id that names the applicant already.",
                code="applicant_conflict",
                pointer="/applicant",
            )
        return Case(applicant_id, await vault.data_key(session, applicant_id))


def document_of(actor: Actor, submission: Submission, case: Case) -> Document:
    """Write the row of a submission."""
    return Document(
        partner_id=actor.require_partner(),
        livemode=bool(actor.livemode),
        applicant_id=case.applicant_id,
        verification_id=submission.verification_id or new_id(),
        replaces_id=submission.replaces_id,
        external_id=submission.external_id,
        type=submission.type,
        issuing_country=submission.issuing_country,
        partner_metadata=dict(submission.metadata),
        request_id=actor.request_id,
    )


async def admit(index: int, data: bytes) -> Admitted:
    """Ask the gate about one file; its refusal names which one."""
    try:
        return await admission().admit(data)
    except BackofficeError as error:
        error.pointer = f"/files/{index}"
        raise


def file_of(document: Document, index: int, side: str, facts: Admitted, *, file_id: UUID | None = None) -> File:
    """Write the row of an admitted file; each try to store it has an object of its own."""
    row_id = new_id()
    return File(
        id=file_id or row_id,
        partner_id=document.partner_id,
        document_id=document.id,
        position=index,
        side=side,
        mime_type=facts.mime_type,
        bytes=facts.bytes,
        sha256=facts.sha256,
        width=facts.width,
        height=facts.height,
        pages=facts.pages,
        storage_key=files.storage_key(document, row_id),
    )


async def seal(key: bytes, row: File, read: Callable[[], bytes]) -> None:
    """Seal in a thread, because fifteen megabytes would hold the loop for everybody else, and store."""
    box = await asyncio.to_thread(lambda: files.seal_file(key, row.id, read()))
    await (await regions.storage_of(row.partner_id)).put(row.storage_key, box)


async def discard(rows: Sequence[File]) -> None:
    """Remove stored files whose rows did not come to be."""
    for row in rows:
        await (await regions.storage_of(row.partner_id)).delete(row.storage_key)


async def keep(session: AsyncSession, actor: Actor, stored: Stored[File], *, plan: Plan | None = None) -> Document:
    """Write every row of a stored submission, its events, its audit entries and its job, in the caller's transaction.

    Who knows the partner's plan already says it. Raises Conflict or Invalid when what it belongs to has changed since.
    """
    actor.require(Permission.DOCUMENTS_WRITE)
    document = stored.document
    previous = await follow(session, actor, stored)
    document.submitted_at = now()
    document.due_at = await sla_clocks.promised(session, document, plan)
    await write(session, actor, stored)
    await screen(session, actor, document, previous)
    return document


async def follow(session: AsyncSession, actor: Actor, stored: Stored[F]) -> Document | None:
    """Check again what a submission belongs to, lock it, and take over from the document that it replaces."""
    if stored.draft:
        return None
    previous = (await references.settle(session, actor, stored.submission.references, lock=True)).previous
    if previous:
        _follow(stored.document, previous)
    return previous


async def screen(session: AsyncSession, actor: Actor, document: Document, previous: Document | None) -> None:
    """Send a submitted document on its way; what it replaces is over."""
    if previous:
        await documents.change_status(session, actor, previous, DocumentStatus.SUPERSEDED)
    key = f"{SCREEN_JOB}:{document.id}"
    await job_queue.enqueue(session, SCREEN_JOB, {"document_id": str(document.id)}, dedupe_key=key)


async def write(session: AsyncSession, actor: Actor, stored: Stored[F]) -> None:
    """Write what is new together; what was there before is read again afterwards."""
    document, submission = stored.document, stored.submission
    is_alone = not (submission.verification_id or submission.replaces_id)
    async with events.together(session):
        if stored.draft:
            await applicants.add(session, actor, stored.draft)
        verification = await verifications.open_for(session, actor, document) if is_alone else None
        await insert(session, document, *stored.files)
        await documents.tell_created(session, actor, document)
        if verification:
            await verifications.settle(session, actor, verification, document)
    make_transient_to_detached(document)
    session.add(document)
    if not verification:
        await verifications.refresh(session, actor, document.verification_id)


def _follow(document: Document, previous: Document) -> None:
    """Take over from the replaced document what the new one does not say itself."""
    document.verification_id = previous.verification_id
    document.attempt = previous.attempt + 1
    document.max_attempts = previous.max_attempts
    document.type = document.type or previous.type
    document.issuing_country = document.issuing_country or previous.issuing_country
    document.external_id = document.external_id or previous.external_id
