"""Everything that is held about one applicant, as JSON and files: what a person may ask for (GDPR articles 15 and 20).

It is read whole and for the partner, not for one of its people: masks and purposes are for who looks at a screen. The
notes of our reviewers, and who of us looked, stay with us; that somebody did is said. docs/person-export.md has the
form.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import present
from backoffice.errors import NotFound
from backoffice.models.applicants import Applicant
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Check, Document, File
from backoffice.models.erasure_requests import ErasureRequest, ErasureStatus
from backoffice.models.events import Event
from backoffice.models.legal_holds import LegalHold
from backoffice.models.members import Member
from backoffice.models.partners import Partner
from backoffice.models.questions import Question
from backoffice.models.reasons import Reason
from backoffice.models.reopenings import Reopening
from backoffice.models.review_tasks import Decision
from backoffice.models.verifications import Verification
from backoffice.models.webhooks import Delivery, WebhookEndpoint
from backoffice.services import (
    applicants,
    decision_texts,
    document_tags,
    dossiers,
    files,
    legal_holds,
    questions,
    regions,
    reopenings,
    screenings,
    vault,
)
from backoffice.services.access import Actor, Permission
from backoffice.services.check_shapes import check_shape
from backoffice.services.dossiers import Dossier
from backoffice.services.files import Sealed

VERSION = 1
RIGHTS = frozenset({Permission.DOCUMENTS_READ, Permission.APPLICANTS_READ})
"""Without `personal:read`: what is sealed is opened here, under the one key that was unwrapped once."""
REVEALED = "personal.revealed"
LOOKS = (
    "document.opened",
    "document.personal_read",
    "applicant.personal_read",
    "file.original_read",
    REVEALED,
    "document.evidence_asked",
    "applicant.export_asked",
)
"""Audit entries that say that somebody saw something of the person."""
MOST_LOOKS = 20_000
BETWEEN = "; "
"""Stands between the bases that an erasure waits for."""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and the person's data key: unwrapping it may ask a distant KMS, and there are many boxes."""

    actor: Actor
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Record:
    """One person: the JSON, and where each file is and what it is to be called."""

    applicant_id: UUID
    data: Json = field(repr=False)
    files: list[tuple[str, Sealed]] = field(repr=False)


async def read(session: AsyncSession, partner_id: UUID, applicant_id: UUID, made_by: str) -> Record:
    """Read everything; the caller has asked for its own permission and writes the audit entry.

    Raises NotFound, with the code `erased` for who was erased, and Unavailable when the key service is away.
    """
    actor = replace(Actor.system(partner_id, name="person export"), permissions=RIGHTS)
    applicant = await applicants.get(session, actor, applicant_id)
    if applicant.erased_at is not None:
        raise NotFound("The data of this person has been erased.", code="erased")
    reader = Reader(actor, await vault.data_key(session, applicant.id))
    rows = select(Document).where(col(Document.applicant_id) == applicant.id).order_by(col(Document.id))
    papers = list((await session.execute(rows)).scalars())
    taken: list[tuple[str, Sealed]] = []
    told = [await _document(session, reader, paper, taken) for paper in papers]
    verifications = await _of(session, Verification, col(Verification.applicant_id) == applicant.id)
    subjects = [applicant.id, *(one.id for one in papers), *(one.id for one in verifications)]
    events = await _of(session, Event, col(Event.subject_id).in_(subjects))
    partner = await session.get_one(Partner, partner_id)
    data: Json = {
        "object": "person_export",
        "version": VERSION,
        "made_at": _time(present()),
        "made_by": made_by,
        "held_by": {"id": public_id(Prefix.PARTNER, partner.id), "name": partner.name, "region": partner.region},
        "applicant": _applicant(applicant, reader.key),
        "verifications": [_verification(one) for one in verifications],
        "documents": told,
        "timeline": [_event(one) for one in sorted(events, key=lambda one: (one.created_at, one.id))],
        "deliveries": await _deliveries(session, events),
        "looked_at": await _looks(session, subjects),
        **await _kept(session, applicant, [one.id for one in papers]),
    }  # fmt: skip
    return Record(applicant.id, data, taken)


async def _of(session: AsyncSession, model: Any, *conditions: Any) -> list[Any]:  # noqa: ANN401 rows of any table
    return list((await session.execute(select(model).where(*conditions).order_by(model.id))).scalars())


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _applicant(row: Applicant, key: bytes) -> Json:
    given = vault.open_json(key, row.personal_box, row=row.id, column=applicants.PERSONAL_COLUMN)
    return {
        "id": public_id(Prefix.APPLICANT, row.id),
        "external_id": row.external_id,
        "livemode": row.livemode,
        "language": row.language,
        "created_at": _time(row.created_at),
        "updated_at": _time(row.updated_at),
        "given": given or {},
    }


def _verification(row: Verification) -> Json:
    return {
        "id": public_id(Prefix.VERIFICATION, row.id),
        "external_id": row.external_id,
        "status": row.status,
        "required_types": row.required_types,
        "created_at": _time(row.created_at),
        "canceled_at": _time(row.canceled_at),
    }


def _event(row: Event) -> Json:
    return {
        "id": public_id(Prefix.EVENT, row.id),
        "type": row.type,
        "subject_type": row.subject_type,
        "sequence": row.sequence,
        "created_at": _time(row.created_at),
    }


async def _document(session: AsyncSession, reader: Reader, paper: Document, taken: list[tuple[str, Sealed]]) -> Json:
    dossier = await dossiers.read(session, reader.actor, paper.id)
    extracted = vault.open_json(reader.key, paper.extracted_box, row=paper.id, column=screenings.EXTRACTED_COLUMN)
    shown: list[Json] = []
    for file in dossier.files:
        is_read = file.masking is not None and files.is_clear(paper, file)
        name = _name(paper, file) if paper.redacted_at is None and is_read else None
        shown.append(_file(file, name))
        if name:
            at = await regions.object_of(session, file)
            taken.append((name, Sealed(at, reader.key, vault.aad(file.id, files.FILE_COLUMN), file.mime_type, name)))
    return {
        "id": public_id(Prefix.DOCUMENT, paper.id),
        "external_id": paper.external_id,
        "verification_id": public_id(Prefix.VERIFICATION, paper.verification_id),
        "type": paper.type,
        "issuing_country": paper.issuing_country,
        "status": paper.status,
        "attempt": paper.attempt,
        "risk_score": paper.risk_score,
        "metadata": paper.partner_metadata,
        "tags": (await document_tags.of_documents(session, [paper.id])).get(paper.id, []),
        "created_at": _time(paper.created_at),
        "submitted_at": _time(paper.submitted_at),
        "completed_at": _time(paper.completed_at),
        "delete_after": _time(paper.delete_after),
        "erased_at": _time(paper.redacted_at),
        "files": shown,
        "extracted": extracted or {},
        "checks": [check_shape(check) | {"summary": _summary(reader, check)} for check, _ in dossier.checks],
        "decisions": await _decisions(session, reader, paper, dossier),
        "questions": await _questions(session, reader, paper),
        "reopened": [
            {"at": _time(one.created_at), "why": _opened(reader, one.why_box, one.id, reopenings.WHY_COLUMN) or ""}
            for one in reversed(await _of(session, Reopening, col(Reopening.document_id) == paper.id))
        ],
    }


def _opened(reader: Reader, box: bytes | None, row: UUID, column: str) -> str | None:
    return vault.open_json(reader.key, box, row=row, column=column) or None


def _summary(reader: Reader, check: Check) -> str | None:
    return _opened(reader, check.summary_box, check.id, screenings.SUMMARY_COLUMN)


async def _questions(session: AsyncSession, reader: Reader, paper: Document) -> list[Json]:
    return [
        {
            "asked_at": _time(one.created_at),
            "question": _opened(reader, one.text_box, one.id, questions.TEXT_COLUMN) or "",
            "answer": _opened(reader, one.answer_box, one.id, questions.ANSWER_COLUMN),
        }
        for one in await _of(session, Question, col(Question.document_id) == paper.id)
    ]


async def _kept(session: AsyncSession, applicant: Applicant, document_ids: Sequence[UUID]) -> Json:
    """Say what an erasure that was asked for waits for.

    A hold that nobody's wish has met is not told, nor one on the whole partner: both may be about somebody else, or
    warn who is looked into.
    """
    asked = await _of(session, ErasureRequest, col(ErasureRequest.applicant_id) == applicant.id)
    is_waiting = any(one.status == ErasureStatus.ON_HOLD for one in asked)
    own = await legal_holds.over(session, [applicant.id, *document_ids] if is_waiting else [])
    whole = await _of(session, LegalHold, col(LegalHold.subject_id) == applicant.partner_id)
    untold = {part for one in whole for part in one.basis.split(BETWEEN)} - {
        part for one in own for part in one.basis.split(BETWEEN)
    }
    return {
        "erasure_requests": [_erasure(one, untold) for one in asked],
        "kept_by": [
            {"basis": one.basis, "until": _time(one.ends_at), "since": _time(one.created_at)}
            for one in sorted(own, key=lambda one: one.id)
        ],
    }


def _erasure(row: ErasureRequest, untold: Collection[str]) -> Json:
    waits_for = BETWEEN.join(part for part in row.hold_basis.split(BETWEEN) if part not in untold)
    return {
        "id": public_id(Prefix.ERASURE_REQUEST, row.id),
        "status": row.status,
        "requested_at": _time(row.created_at),
        "waits_for": waits_for or None,
        "until": _time(row.held_until),
    }


def _name(paper: Document, file: File) -> str:
    """Say what a file is called in the archive."""
    folder = f"files/{public_id(Prefix.DOCUMENT, paper.id)}"
    return f"{folder}/{file.position + 1}-{file.side}.{files.SUFFIX[file.mime_type]}"


def _file(file: File, name: str | None) -> Json:
    return {
        "id": public_id(Prefix.FILE, file.id),
        "side": file.side,
        "mime_type": file.mime_type,
        "bytes": file.bytes,
        "sha256": file.sha256 or None,
        "masked": file.masking if file.is_masked else None,
        "name": name,
    }


async def _decisions(session: AsyncSession, reader: Reader, paper: Document, dossier: Dossier) -> list[Json]:
    """List every decision, the later ones after those that they superseded; each with its reasons and message."""
    rows = await session.execute(select(col(Reason.code)).where(col(Reason.internal_only)))
    internal = set(rows.scalars())
    return [
        {
            "id": public_id(Prefix.DECISION, row.id),
            "outcome": row.outcome,
            "reasons": [
                {"code": code, "label": dossier.labels.get(code, code), "internal_only": code in internal}
                for code in row.reasons
            ],
            "message": _opened(reader, row.message_box, row.id, decision_texts.MESSAGE_COLUMN),
            "decided_by": row.decided_by_type,
            "policy_version": row.policy_version or None,
            "decided_at": _time(row.created_at),
        }
        for row in await _of(session, Decision, col(Decision.document_id) == paper.id)
    ]


async def _deliveries(session: AsyncSession, events: Sequence[Event]) -> list[Json]:
    """Say to which servers the partner had us send word of the person; a path may be a secret of theirs."""
    statement = (
        select(Delivery, WebhookEndpoint)
        .join(WebhookEndpoint, col(WebhookEndpoint.id) == col(Delivery.endpoint_id))
        .where(col(Delivery.event_id).in_([one.id for one in events]))
        .order_by(col(Delivery.id))
    )
    return [
        {
            "event_id": public_id(Prefix.EVENT, delivery.event_id),
            "to": _server(endpoint.url),
            "state": delivery.state,
            "attempts": delivery.attempts,
            "delivered_at": _time(delivery.delivered_at),
        }
        for delivery, endpoint in await session.execute(statement)
    ]


def _server(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


async def _looks(session: AsyncSession, subjects: Sequence[UUID]) -> list[Json]:
    """Say who looked at the person, when and what for: the partner's people by name, ours as our people."""
    statement = (
        select(AuditEntry, Member)
        .outerjoin(Member, col(Member.id) == col(AuditEntry.actor_id))
        .where(col(AuditEntry.subject_id).in_(list(subjects)), col(AuditEntry.action).in_(LOOKS))
        .order_by(col(AuditEntry.id).desc())
        .limit(MOST_LOOKS)
    )
    found = [
        {
            "at": _time(entry.created_at),
            "what": entry.action,
            "subject": entry.subject_type,
            "by": _who(entry, member),
            "purpose": entry.changes.get("purpose") if entry.action == REVEALED else None,
        }
        for entry, member in await session.execute(statement)
    ]
    return found[::-1]


def _who(entry: AuditEntry, member: Member | None) -> Json:
    if member is not None and member.partner_id is not None:
        return {"type": "member", "name": member.name}
    if member is not None:
        return {"type": "staff", "name": None}
    return {"type": entry.actor_type, "name": entry.actor_name if entry.actor_type == "api_key" else None}
