"""Writes documents as partners see them; several at once cost the same few queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.clock import now
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Check, Document, DocumentStatus, File
from backoffice.models.reasons import Reason
from backoffice.models.review_tasks import Decision
from backoffice.models.workspace_settings import Brand
from backoffice.services import (
    applicants,
    audit,
    decision_texts,
    documents,
    legal_holds,
    reasons,
    vault,
    workspace_settings,
)
from backoffice.services.access import Actor, Permission
from backoffice.services.applicant_messages import message
from backoffice.services.check_shapes import check_shape
from backoffice.services.pages import Page

EXTRACTED_COLUMN = "extracted_box"


@dataclass(frozen=True, slots=True)
class _Parts:
    files: Mapping[UUID, Sequence[File]]
    checks: Mapping[UUID, Sequence[Check]]
    decisions: Mapping[UUID, Decision]
    reasons: Mapping[str, Reason]
    extracted: Mapping[UUID, dict[str, Any]] | None
    languages: Mapping[UUID, str | None]
    messages: Mapping[UUID, str]
    """What reviewers wrote to applicants, by document."""
    brands: Mapping[UUID, Brand]
    held: Collection[UUID]
    """Documents that a hold keeps."""


def moment(value: datetime | None) -> str | None:
    """Write a time as RFC 3339 in UTC."""
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z") if value else None


def listed(page: Page[Any], data: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Write one page of a list."""
    return {"data": data, "next_cursor": page.next_cursor, "has_more": page.has_more}


async def represent(
    session: AsyncSession, actor: Actor, rows: Sequence[Document], *, with_personal: bool = True
) -> list[dict[str, Any]]:
    """Write documents in full; what was read from them only for an actor who may read personal data, and audited."""
    if not rows:
        return []
    ids = [row.id for row in rows]
    decisions = await documents.decisions_of(session, ids)
    parts = _Parts(
        await documents.files_of(session, ids),
        await documents.checks_of(session, ids),
        decisions,
        await reasons.by_code(session, {code for decision in decisions.values() for code in decision.reasons}),
        await _extracted(session, actor, rows) if with_personal else None,
        await applicants.languages(session, {row.applicant_id for row in rows if row.id in decisions}),
        await _messages(session, actor, rows, decisions) if with_personal else {},
        await _brands(session, {row.partner_id for row in rows if row.id in decisions}),
        await legal_holds.held(session, rows),
    )
    return [_document(row, parts) for row in rows]


async def _brands(session: AsyncSession, partner_ids: set[UUID]) -> dict[UUID, Brand]:
    return {partner_id: await workspace_settings.brand_of(session, partner_id) for partner_id in partner_ids}


async def _messages(
    session: AsyncSession, actor: Actor, rows: Sequence[Document], decisions: Mapping[UUID, Decision]
) -> dict[UUID, str]:
    if not actor.can(Permission.PERSONAL_READ) or actor.denied_attributes:
        return {}
    kept = [row for row in rows if row.id in decisions and row.status != DocumentStatus.REDACTED]
    decided = {row.id: (row.applicant_id, decisions[row.id]) for row in kept}
    return await decision_texts.messages_of(session, actor, decided)


async def _extracted(
    session: AsyncSession, actor: Actor, rows: Sequence[Document]
) -> dict[UUID, dict[str, Any]] | None:
    if not actor.can(Permission.PERSONAL_READ):
        return None
    read = [row for row in rows if row.extracted_box]
    if not read:
        return {}
    keys = await vault.data_keys(session, {row.applicant_id for row in read})
    await audit.record(
        session,
        actor,
        "document.personal_read",
        subject_type="document",
        subject_id=read[0].id if len(read) == 1 else None,
        partner_id=read[0].partner_id,
        changes={"document_ids": [public_id(Prefix.DOCUMENT, row.id) for row in read]},
    )
    return {row.id: _allowed(actor, keys.get(row.applicant_id), row) for row in read}


def _allowed(actor: Actor, key: bytes | None, row: Document) -> dict[str, Any]:
    """Open what was read from a document, without the names that this key never reads."""
    known: dict[str, Any] = vault.open_json(key, row.extracted_box, row=row.id, column=EXTRACTED_COLUMN) or {}
    return {name: value for name, value in known.items() if name not in actor.denied_attributes}


def created(
    document: Document, files: Sequence[File] = (), *, can_read_personal: bool, held: Collection[UUID] = ()
) -> dict[str, Any]:
    """Write a document that was made just now: nothing has been read from it and nobody has decided."""
    parts = _Parts({document.id: files}, {}, {}, {}, {} if can_read_personal else None, {}, {}, {}, held)
    return _document(document, parts)


def _document(row: Document, parts: _Parts) -> dict[str, Any]:
    decision = parts.decisions.get(row.id)
    return {
        "id": public_id(Prefix.DOCUMENT, row.id),
        "object": "document",
        "livemode": row.livemode,
        "version": row.version,
        "applicant_id": public_id(Prefix.APPLICANT, row.applicant_id),
        "verification_id": public_id(Prefix.VERIFICATION, row.verification_id),
        "external_id": row.external_id,
        "type": row.type,
        "issuing_country": row.issuing_country,
        "status": row.status,
        "attempt": row.attempt,
        "max_attempts": row.max_attempts,
        "replaces": public_id(Prefix.DOCUMENT, row.replaces_id) or None,
        "files": [_file(file) for file in parts.files.get(row.id, [])],
        "extracted": None if parts.extracted is None else _values(parts.extracted.get(row.id, {})),
        "checks": [check_shape(check) for check in parts.checks.get(row.id, [])],
        "risk_score": row.risk_score,
        "decision": _decision(decision, parts, row) if decision else None,
        "sla": _sla(row),
        "metadata": row.partner_metadata,
        "created_at": moment(row.created_at),
        "submitted_at": moment(row.submitted_at),
        "completed_at": moment(row.completed_at),
        "retention": {"delete_after": moment(row.delete_after), "legal_hold": row.id in parts.held},
        "redacted_at": moment(row.redacted_at),
    }


def _file(file: File) -> dict[str, Any]:
    return {
        "id": public_id(Prefix.FILE, file.id),
        "side": file.side,
        "mime_type": file.mime_type,
        "bytes": file.bytes,
        "sha256": file.sha256,
        "width": file.width,
        "height": file.height,
        "masked": file.masking if file.is_masked else None,
    }


def _values(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {
            "value": one["value"],
            "confidence": one["confidence"],
            "source": one["source"],
            "model": one.get("model"),
            "box": one.get("box"),
            "file_id": public_id(Prefix.FILE, UUID(one["file_id"])) if one.get("file_id") else None,
        }
        for name, one in stored.items()
    }


def _decision(decision: Decision, parts: _Parts, row: Document) -> dict[str, Any]:
    given = [parts.reasons[code] for code in decision.reasons if code in parts.reasons]
    language = parts.languages.get(row.applicant_id)
    return {
        "id": public_id(Prefix.DECISION, decision.id),
        "outcome": decision.outcome,
        "retryable": bool(given) and all(reason.retryable for reason in given),
        "reasons": [{"code": one.code, "applicant_message": message(one, language)} for one in given],
        "decided_by": {"type": decision.decided_by_type},
        "message": parts.messages.get(row.id),
        "sender": _sender(parts.brands[row.partner_id]),
        "policy_version": decision.policy_version or None,
        "decided_at": moment(decision.created_at),
    }


def _sender(brand: Brand) -> dict[str, str | None]:
    return {
        "name": brand.name,
        "color": brand.color or None,
        "support_contact": brand.support_contact or None,
        "sign_off": brand.sign_off or None,
    }


def _sla(row: Document) -> dict[str, Any]:
    ended = row.completed_at or now()
    return {"due_at": moment(row.due_at), "breached": row.due_at is not None and ended > row.due_at}
