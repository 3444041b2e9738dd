"""Intake: a submitted document becomes durable in one go. Files first, then every row in one transaction.

A crash in between leaves ciphertext that no row names, which is garbage; never a row without its file.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import IO, Any
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient_to_detached
from sqlmodel import col

from backoffice.adapters import job_queue
from backoffice.adapters.storage import storage_for
from backoffice.clock import now
from backoffice.db import insert, transaction
from backoffice.errors import BackofficeError, Conflict, Invalid, NotFound
from backoffice.models.base import new_id
from backoffice.models.documents import Document, DocumentStatus, DocumentType, File, Side
from backoffice.models.partners import Plan
from backoffice.models.plans import PLANS
from backoffice.models.review_tasks import ReviewTask, TaskStatus
from backoffice.models.verifications import Verification, VerificationStatus
from backoffice.screening.admission import Admission, Admitted
from backoffice.services import applicants, documents, events, files, partners, vault, verifications
from backoffice.services.access import Actor, Permission, found

SCREEN_JOB = "document.screen"
MAX_FILES = 6


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


@dataclass(slots=True)
class _Case:
    """What the submission belongs to, as found before the files were stored."""

    applicant_id: UUID
    key: bytes
    draft: applicants.Draft | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """A submission whose files are safe; `keep` makes the rows of it."""

    submission: Submission
    document: Document
    files: Sequence[File]
    draft: applicants.Draft | None


@lru_cache(1)
def admission() -> Admission:
    """Open the gate on first use, one per process: web workers fork."""
    return Admission()


async def store(actor: Actor, submission: Submission) -> Stored:
    """Admit every file, then seal and store it; opens its own short transaction to find what it belongs to.

    Raises Invalid, TooLarge, Unsupported for a file that is not accepted, NotFound for a foreign reference.
    """
    actor.require(Permission.DOCUMENTS_WRITE)
    case = await _open_case(actor, submission)
    admitted = [await _admit(index, upload) for index, upload in enumerate(submission.uploads)]
    document = Document(
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
    rows = [
        _row(document, index, upload, facts)
        for index, (upload, facts) in enumerate(zip(submission.uploads, admitted, strict=True))
    ]
    for row, upload in zip(rows, submission.uploads, strict=True):
        await _seal(case.key, row, upload)
    return Stored(submission, document, rows, case.draft)


async def _open_case(actor: Actor, submission: Submission) -> _Case:
    """Find the applicant of an earlier document, verification or call, or make a new one."""
    if not (submission.applicant_id or submission.verification_id or submission.replaces_id):
        draft = await applicants.draft(actor, submission.personal, submission.applicant_external_id)
        return _Case(draft.applicant.id, draft.key, draft)
    async with transaction(actor.tenancy) as session:
        applicant_id = await _settle_references(session, actor, submission)
        return _Case(applicant_id, await vault.data_key(session, applicant_id))


async def _settle_references(session: AsyncSession, actor: Actor, submission: Submission) -> UUID:
    """Answer the one applicant that all references of a submission agree on.

    Raises Invalid when they disagree, NotFound for one that the actor cannot see.
    """
    named: list[tuple[str, UUID]] = []
    if submission.applicant_id:
        named.append(("/applicant_id", (await _applicant(session, actor, submission.applicant_id)).id))
    if submission.verification_id:
        named.append(
            ("/verification_id", (await _verification(session, actor, submission.verification_id)).applicant_id)
        )
    if submission.replaces_id:
        named.append(("/replaces", (await _replaced(session, actor, submission)).applicant_id))
    for pointer, applicant_id in named[1:]:
        if applicant_id != named[0][1]:
            raise Invalid(
                "This belongs to another applicant than the other ids do.", code="applicant_conflict", pointer=pointer
            )
    if submission.has_applicant:
        raise Invalid(
            "Send either applicant data or an id that names the applicant already.",
            code="applicant_conflict",
            pointer="/applicant",
        )
    return named[0][1]


async def _applicant(session: AsyncSession, actor: Actor, applicant_id: UUID) -> applicants.Applicant:
    try:
        applicant = await applicants.find(session, actor, applicant_id)
    except NotFound as error:
        raise _at(error, "/applicant_id") from None
    if applicant.erased_at is not None:
        raise Conflict("This applicant has been erased.", code="applicant_erased", pointer="/applicant_id")
    return applicant


async def _verification(session: AsyncSession, actor: Actor, verification_id: UUID) -> Verification:
    statement = select(Verification).where(
        col(Verification.id) == verification_id,
        col(Verification.partner_id) == actor.partner_id,
        col(Verification.livemode) == bool(actor.livemode),
    )
    try:
        verification = found((await session.execute(statement)).scalar_one_or_none(), "verification")
    except NotFound as error:
        raise _at(error, "/verification_id") from None
    if verification.status in {VerificationStatus.CANCELED, VerificationStatus.REDACTED}:
        raise Conflict(
            f"This verification is {verification.status}; start another one.",
            code="verification_closed",
            pointer="/verification_id",
        )
    return verification


async def _replaced(session: AsyncSession, actor: Actor, submission: Submission, *, lock: bool = False) -> Document:
    """Find the document that is to be replaced, and check that it waits for it."""
    statement = _own(actor, submission.replaces_id)
    if lock:
        statement = statement.with_for_update()
    try:
        previous = found((await session.execute(statement)).scalar_one_or_none(), "document")
    except NotFound as error:
        raise _at(error, "/replaces") from None
    if submission.verification_id not in (None, previous.verification_id):
        raise Invalid(
            "The replaced document belongs to another verification.",
            code="verification_conflict",
            pointer="/verification_id",
        )
    if previous.status != DocumentStatus.RESUBMISSION_REQUESTED:
        raise Conflict(
            f"The document to replace is {previous.status}; only one that waits for a resubmission can be replaced.",
            code="not_replaceable",
            pointer="/replaces",
        )
    if previous.attempt >= previous.max_attempts:
        raise Invalid(
            f"All {previous.max_attempts} attempts are used up.",
            code="resubmission_limit_exceeded",
            pointer="/replaces",
        )
    return previous


def _own(actor: Actor, document_id: UUID | None) -> Select[Document]:
    return select(Document).where(
        col(Document.id) == document_id,
        col(Document.partner_id) == actor.partner_id,
        col(Document.livemode) == bool(actor.livemode),
    )


def _at(error: BackofficeError, pointer: str) -> BackofficeError:
    """Say where in the body the refused thing stands."""
    error.pointer = pointer
    return error


async def _admit(index: int, upload: Upload) -> Admitted:
    """Ask the gate about one file; its refusal names which one."""
    data = await asyncio.to_thread(upload.read)
    try:
        return await admission().admit(data)
    except BackofficeError as error:
        raise _at(error, f"/files/{index}") from None


def _row(document: Document, index: int, upload: Upload, facts: Admitted) -> File:
    row_id = new_id()
    return File(
        id=row_id,
        partner_id=document.partner_id,
        document_id=document.id,
        position=index,
        side=upload.side,
        mime_type=facts.mime_type,
        bytes=facts.bytes,
        sha256=facts.sha256,
        width=facts.width,
        height=facts.height,
        pages=facts.pages,
        storage_key=files.storage_key(document, row_id),
    )


async def _seal(key: bytes, row: File, upload: Upload) -> None:
    """Seal in a thread: fifteen megabytes would hold the loop for everybody else."""
    box = await asyncio.to_thread(lambda: files.seal_file(key, row.id, upload.read()))
    await storage_for().put(row.storage_key, box)


async def discard(stored: Stored) -> None:
    """Remove stored files whose rows did not come to be."""
    for row in stored.files:
        await storage_for().delete(row.storage_key)


async def keep(session: AsyncSession, actor: Actor, stored: Stored, *, plan: Plan | None = None) -> Document:
    """Write every row of a stored submission, its events, its audit entries and its job, in the caller's transaction.

    Who knows the partner's plan already says it. Raises Conflict or Invalid when what it belongs to has changed since.
    """
    actor.require(Permission.DOCUMENTS_WRITE)
    document, submission = stored.document, stored.submission
    if not stored.draft:
        await _settle_references(session, actor, submission)
    previous = None
    if submission.replaces_id:
        previous = await _replaced(session, actor, submission, lock=True)
        _follow(document, previous)
    document.submitted_at = now()
    document.due_at = (
        document.submitted_at + PLANS[plan or await partners.plan_of(session, document.partner_id)].review_within
    )
    await _write(session, actor, stored)
    if previous:
        await documents.change_status(session, actor, previous, DocumentStatus.SUPERSEDED)
    key = f"{SCREEN_JOB}:{document.id}"
    await job_queue.enqueue(session, SCREEN_JOB, {"document_id": str(document.id)}, dedupe_key=key)
    return document


async def _write(session: AsyncSession, actor: Actor, stored: Stored) -> None:
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


async def cancel(session: AsyncSession, actor: Actor, document_id: UUID) -> Document:
    """Withdraw a document that is not decided yet, and take it off the reviewers' queue.

    Raises NotFound, and Conflict when it is decided already.
    """
    actor.require(Permission.DOCUMENTS_WRITE)
    document = found(
        (await session.execute(_own(actor, document_id).with_for_update())).scalar_one_or_none(), "document"
    )
    await documents.change_status(session, actor, document, DocumentStatus.CANCELED)
    await session.execute(
        update(ReviewTask)
        .where(col(ReviewTask.document_id) == document.id, col(ReviewTask.status) != TaskStatus.COMPLETED)
        .values(
            status=TaskStatus.COMPLETED,
            version=col(ReviewTask.version) + 1,
            completed_at=now(),
            verdict_id=None,
            verdict_by=None,
            verdict_final_at=None,
            claimed_by=None,
            claim_expires_at=None,
        )
    )
    return document
