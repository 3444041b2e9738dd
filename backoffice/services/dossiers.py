"""One document with everything that belongs to it, as its partner sees it; personal data only for who may read it."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models.applicants import Applicant
from backoffice.models.documents import Check, Document, File, Rendition
from backoffice.models.events import Event
from backoffice.models.reveals import TOGETHER
from backoffice.models.review_tasks import Decision
from backoffice.services import applicants, audit, blindness, conflicts, documents, reasons, reveals, vault
from backoffice.services.access import Actor, Permission
from backoffice.services.screenings import EXTRACTED_COLUMN, SUMMARY_COLUMN


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is known of one document; without `personal:read` given, extracted, summaries and pictures are empty."""

    document: Document
    decision: Decision | None
    files: list[File]
    checks: list[tuple[Check, str]] = field(repr=False)
    """Each with its sentence, which may quote the document."""
    history: list[Event]
    labels: dict[str, str]
    """What people call the reason codes."""
    given: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    extracted: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]], repr=False)
    renditions: list[Rendition] = field(default_factory=list[Rendition])
    is_erased: bool = False
    is_hidden: bool = False
    """The reader may see personal data and has not said what for: given and extracted are masked."""
    shown_until: datetime | None = None
    """When what was shown for a purpose is hidden again."""
    shown_fields: dict[str, datetime] = field(default_factory=dict[str, datetime])
    """Which values alone were shown for a purpose, and until when; the rest is hidden."""


async def read(
    session: AsyncSession, actor: Actor, document_id: UUID, *, is_opening: bool = False, is_agreed: bool = False
) -> Dossier:
    """Read one document in full; opening it with personal data is audited, each live refresh is not.

    `is_agreed` is for what a second person agreed to, when what the first had shown is hidden again by then.
    Raises NotFound for a document that the actor may not see.
    """
    document = await documents.get(session, actor, document_id)
    if actor.can(Permission.DOCUMENTS_DECIDE):
        await conflicts.refuse(session, actor.id, document.partner_id, "document")
        await blindness.refuse(session, actor.id, document.id)
    checks = (await documents.checks_of(session, [document.id])).get(document.id, [])
    dossier = Dossier(
        document=document,
        decision=(await documents.decisions_of(session, [document.id])).get(document.id),
        files=(await documents.files_of(session, [document.id])).get(document.id, []),
        checks=[(check, "") for check in checks],
        history=await documents.history(session, actor, document.id),
        labels=await reasons.labels(session),
        is_erased=document.redacted_at is not None,
    )
    if not actor.can(Permission.PERSONAL_READ):
        return dossier
    shown_until = await reveals.until(session, actor, document.id) if reveals.is_asked(actor) else None
    if reveals.is_asked(actor) and shown_until is None and not is_agreed:
        alone = await reveals.fields(session, actor, document.id)
        return replace(_hidden(dossier, await _with_personal(session, dossier, document), alone), shown_fields=alone)
    if is_opening:
        await _write_down(session, actor, document)
    return replace(await _with_personal(session, dossier, document), shown_until=shown_until)


def _hidden(dossier: Dossier, whole: Dossier, alone: Collection[str]) -> Dossier:
    """Mask every value but those that are shown alone; sentences that quote the document and pictures are left out."""
    but = {*alone, *(part for name in alone for part in TOGETHER.get(name, ()))}
    extracted = {
        name: read if name in but else {**read, "value": reveals.mask(name, read.get("value"))}
        for name, read in whole.extracted.items()
    }
    return replace(
        dossier, given=reveals.masked(whole.given, but), extracted=extracted, is_erased=whole.is_erased, is_hidden=True
    )


async def _with_personal(session: AsyncSession, dossier: Dossier, document: Document) -> Dossier:
    key = (await vault.data_keys(session, {document.applicant_id})).get(document.applicant_id)
    applicant = await session.get(Applicant, document.applicant_id)
    box = applicant.personal_box if applicant else None
    given = vault.open_json(key, box, row=document.applicant_id, column=applicants.PERSONAL_COLUMN)
    extracted = vault.open_json(key, document.extracted_box, row=document.id, column=EXTRACTED_COLUMN)
    return Dossier(
        document=document,
        decision=dossier.decision,
        files=dossier.files,
        checks=[(check, _summary(key, check)) for check, _ in dossier.checks],
        history=dossier.history,
        labels=dossier.labels,
        given=given or {},
        extracted=extracted or {},
        renditions=await documents.renditions_of(session, document.id) if key else [],
        is_erased=key is None,
    )


def _summary(key: bytes | None, check: Check) -> str:
    return vault.open_json(key, check.summary_box, row=check.id, column=SUMMARY_COLUMN) or ""


async def _write_down(session: AsyncSession, actor: Actor, document: Document) -> None:
    await audit.record(
        session,
        actor,
        "document.opened",
        subject_type="document",
        subject_id=document.id,
        partner_id=document.partner_id,
    )
