"""What can be exported: which columns, who may, and how its rows are read a page at a time.

Rows come from the services that the lists on the screens ask, with the same filters, so that a file holds what its
list shows. No column holds personal data.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, or_, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.models.audit_entries import Shown
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Document
from backoffice.models.exports import Export, ExportKind
from backoffice.models.review_tasks import Decision
from backoffice.models.usage import ApiRequest
from backoffice.models.usage_records import UsageRecord
from backoffice.services import (
    api_requests,
    audit_entries,
    document_tags,
    documents,
    list_filters,
    usage_lists,
    usage_records,
)
from backoffice.services.access import Actor, Permission
from backoffice.services.pages import MAX_LIMIT

Value = str | int | float | bool | None
Line = Mapping[str, Value]
"""One row of the file, by column."""


@dataclass(frozen=True, slots=True)
class Read:
    """Some lines, and where the next ones begin; empty after the last."""

    lines: list[Line]
    cursor: str


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of list."""

    permission: Permission
    names: tuple[str, ...]
    """The parameters of its address that narrow it."""
    columns: tuple[str, ...]
    read: Callable[[AsyncSession, Actor, Export, str], Awaitable[Read]]


def _time(moment: datetime | None) -> str | None:
    """Write a time as the API does (RFC 3339)."""
    return moment.isoformat().replace("+00:00", "Z") if moment else None


async def _documents(session: AsyncSession, actor: Actor, export: Export, cursor: str) -> Read:
    asked = list_filters.of_documents(export.filters, livemode=export.livemode)
    until = export.created_at if export.livemode else None  # a test clock may have sent them in the future
    by = replace(asked, created_before=until, cursor=cursor or None, limit=MAX_LIMIT)
    page = await documents.page(session, actor, by)
    keys = [row.id for row in page.rows]
    decided, tags = await documents.decisions_of(session, keys), await document_tags.of_documents(session, keys)
    lines = [_document(row, decided.get(row.id), tags.get(row.id, [])) for row in page.rows]
    return Read(lines, page.next_cursor or "")


def _document(row: Document, decision: Decision | None, tags: list[str]) -> Line:
    return {
        "id": public_id(Prefix.DOCUMENT, row.id),
        "external_id": row.external_id,
        "applicant_id": public_id(Prefix.APPLICANT, row.applicant_id),
        "verification_id": public_id(Prefix.VERIFICATION, row.verification_id),
        "type": row.type,
        "issuing_country": row.issuing_country,
        "status": row.status,
        "attempt": row.attempt,
        "outcome": decision.outcome if decision else None,
        "reasons": " ".join(decision.reasons) if decision else None,
        "decided_by": decision.decided_by_type if decision else None,
        "tags": " ".join(tags) or None,
        "created_at": _time(row.created_at),
        "submitted_at": _time(row.submitted_at),
        "completed_at": _time(row.completed_at),
        "livemode": row.livemode,
    }


async def _api_requests(session: AsyncSession, actor: Actor, export: Export, cursor: str) -> Read:
    moment = export.created_at
    asked = list_filters.of_api_requests(export.filters, livemode=export.livemode, moment=moment)
    by = replace(asked, created_before=moment, cursor=cursor or None, limit=MAX_LIMIT)
    page = await api_requests.page(session, actor, by)
    return Read([_api_request(row) for row in page.rows], page.next_cursor or "")


def _api_request(row: ApiRequest) -> Line:
    return {
        "id": public_id(Prefix.API_REQUEST, row.id),
        "created_at": _time(row.created_at),
        "method": row.method,
        "path": row.path,
        "status": row.status,
        "code": row.code or None,
        "duration_ms": round(row.duration_ms, 3),
        "key_id": public_id(Prefix.API_KEY, row.key_id),
        "ip": row.ip,
        "request_id": row.request_id,
        "is_replay": row.is_replay,
        "livemode": row.livemode,
    }


async def _audit_entries(session: AsyncSession, actor: Actor, export: Export, cursor: str) -> Read:
    moment = export.created_at
    asked = list_filters.of_audit(export.filters, moment=moment)
    until = min(filter(None, (asked.created_before, moment)))
    by = replace(asked, created_before=until, cursor=cursor or None, limit=MAX_LIMIT)
    page = await audit_entries.page_of_export(session, actor, by, public_id(Prefix.EXPORT, export.id))
    return Read([_audit_entry(row) for row in page.rows], page.next_cursor or "")


def _audit_entry(row: Shown) -> Line:
    entry = row.entry
    return {
        "id": public_id(Prefix.AUDIT_ENTRY, entry.id),
        "created_at": _time(entry.created_at),
        "actor_type": row.actor_type,
        "actor_id": audit_entries.actor_id(row) or None,
        "actor_name": row.actor_name,
        "action": entry.action,
        "subject_type": entry.subject_type or None,
        "subject_id": audit_entries.object_id(entry) or None,
        "result": entry.result,
        "changes": json.dumps(row.changes, ensure_ascii=False, sort_keys=True),
        "ip": row.ip,
        "request_id": entry.request_id or None,
    }


async def _usage_records(session: AsyncSession, actor: Actor, export: Export, cursor: str) -> Read:
    asked = await usage_lists.asked_for(session, actor, export.filters)
    until = min(asked.created_before or export.created_at, export.created_at)
    by = replace(asked, created_before=until, cursor=cursor or None, limit=MAX_LIMIT)
    page = await usage_records.page(session, actor, by)
    return Read([_usage_record(row) for row in page.rows], page.next_cursor or "")


def _usage_record(row: UsageRecord) -> Line:
    return {
        "id": public_id(Prefix.USAGE_RECORD, row.id),
        "created_at": _time(row.created_at),
        "kind": row.kind,
        "document_id": public_id(Prefix.DOCUMENT, row.document_id),
        "document_type": row.document_type,
        "key_id": public_id(Prefix.API_KEY, row.key_id) or None,
        "is_billed": row.line_id is not None,
    }


async def _nothing(_session: AsyncSession, _actor: Actor, _export: Export, _cursor: str) -> Read:
    """Read no lines: a pack is written at once."""
    return Read([], "")


SOURCES: Mapping[ExportKind, Source] = {
    ExportKind.DOCUMENTS: Source(
        Permission.DOCUMENTS_READ,
        ("status", "type", "tag", "applicant", "ids", "q", "from", "decided"),
        (
            "id", "external_id", "applicant_id", "verification_id", "type", "issuing_country", "status", "attempt",
            "outcome", "reasons", "decided_by", "tags", "created_at", "submitted_at", "completed_at", "livemode",
        ),
        _documents,
    ),
    ExportKind.API_REQUESTS: Source(
        Permission.REQUESTS_READ,
        ("status", "method", "key", "since", "q"),
        (
            "id", "created_at", "method", "path", "status", "code", "duration_ms", "key_id", "ip", "request_id",
            "is_replay", "livemode",
        ),
        _api_requests,
    ),
    ExportKind.AUDIT_ENTRIES: Source(
        Permission.AUDIT_READ,
        ("who", "what", "result", "since", "from", "to", "q"),
        (
            "id", "created_at", "actor_type", "actor_id", "actor_name", "action", "subject_type", "subject_id",
            "result", "changes", "ip", "request_id",
        ),
        _audit_entries,
    ),
    ExportKind.USAGE_RECORDS: Source(
        Permission.USAGE_READ,
        ("kind", "type", "key", "month", "day", "invoice", "line"),
        ("id", "created_at", "kind", "document_id", "document_type", "key_id", "is_billed"),
        _usage_records,
    ),
    ExportKind.EVIDENCE: Source(Permission.DOCUMENTS_READ, ("document", "personal"), (), _nothing),
    ExportKind.PERSON: Source(Permission.PERSONAL_READ, ("applicant", "personal"), (), _nothing),
}  # fmt: skip


SEARCH = "q"
"""Words that somebody searched for; they may be a name."""


def needed(kind: ExportKind, *, is_personal: bool) -> tuple[Permission, ...]:
    """Name what somebody may who may make, or approve, an export of a kind."""
    return (SOURCES[kind].permission, *((Permission.PERSONAL_READ,) if is_personal else ()))


def needed_beside(row: Export) -> tuple[Permission, ...]:
    """Name what a second person may, who reads what the first searched for."""
    return needed(ExportKind(row.kind), is_personal=row.has_personal or SEARCH in row.filters)


def readable(actor: Actor) -> ColumnElement[bool]:
    """Keep exports of others whose searched words would name people to somebody who may not know them."""
    if actor.can(Permission.PERSONAL_READ):
        return true()
    words = col(Export.filters)[SEARCH].astext  # pyright: ignore[reportAttributeAccessIssue] JSONB
    return or_(col(Export.member_id) == actor.id, words.is_(None))
