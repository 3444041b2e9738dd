"""Fingerprints: they find a file, a document or a person again that the partner got as somebody else before.

Numbers and names are kept as keyed hashes only (HMAC-SHA-256), each field of each partner and mode under a key of its
own: the same passport at two partners has nothing in common, and a table that leaks says nothing without the secret.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from logging import getLogger
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters.cipher import blind_index
from backoffice.adapters.derive import lasting_key
from backoffice.clock import now
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.documents import Document, DocumentStatus, File
from backoffice.models.fingerprints import Fingerprint, FingerprintField
from backoffice.screening import fingerprints
from backoffice.screening.types import Finding, Screening
from backoffice.screening.wording import listed

log = getLogger(__name__)
CHECK = "duplicate"
MODEL = "blind-index@1"
FILE = "file"
LOCK_BYTES = 8
EXEMPT = Finding(CHECK, "not_applicable", model=MODEL, summary="Everybody sends the sandbox's own pictures.")
SHARED = {
    FILE: "the same file",
    FingerprintField.NUMBER: "the same document number",
    FingerprintField.PERSON: "the same name and birth date",
}
REASONS = {
    FILE: "duplicate_document",
    FingerprintField.NUMBER: "duplicate_document",
    FingerprintField.PERSON: "duplicate_applicant",
}
Prints = Mapping[FingerprintField, bytes]


async def compare(session: AsyncSession, document: Document, files: Sequence[File], screening: Screening) -> Finding:
    """Keep what a locked document is found by, and look for it among the partner's other documents of its mode.

    A database that refuses gives an error for a person to see; the document's own transaction goes on.
    """
    started = time.perf_counter()
    try:
        async with session.begin_nested():
            finding = await _compare(session, document, files, screening)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        log.exception("duplicates_not_compared", extra={"document_id": str(document.id)})
        summary = "The document could not be compared with others."
        finding = Finding(CHECK, "error", model=MODEL, reasons=("check_unavailable",), summary=summary)
    return replace(finding, duration_ms=round((time.perf_counter() - started) * 1000))


async def forget(session: AsyncSession, document_ids: Sequence[UUID]) -> None:
    """Delete what documents are found by: they are redacted in this transaction, so that nothing comes back."""
    statement = delete(Fingerprint).where(col(Fingerprint.document_id).in_(document_ids))
    await session.execute(statement.execution_options(synchronize_session=False))


def of(document: Document, screening: Screening) -> dict[FingerprintField, bytes]:
    """Make the fingerprints of what was read of one document; a value that was not read has none."""
    kind = screening.type_guess or document.type
    if kind in fingerprints.WITHOUT_IDENTITY:
        return {}
    texts = {
        FingerprintField.NUMBER: fingerprints.number_text(screening, document.issuing_country),
        FingerprintField.PERSON: fingerprints.person_text(screening),
    }
    return {field: blind_index(_key(document, field), text) for field, text in texts.items() if text}


def _key(document: Document, field: FingerprintField) -> bytes:
    mode = "live" if document.livemode else "test"
    return lasting_key(f"fingerprint:1:{document.partner_id}:{mode}:{field}")


async def _compare(session: AsyncSession, document: Document, files: Sequence[File], screening: Screening) -> Finding:
    prints = of(document, screening)
    await _keep(session, document, prints)
    others = await _shared(session, document, files, prints, by_others=True)
    if others:
        return _found(others, screening)
    own = await _shared(session, document, files, prints, by_others=False)
    if own:
        return Finding(CHECK, "passed", model=MODEL, summary=_sentences("This applicant's earlier", own))
    if prints or (screening.type_guess or document.type) in fingerprints.WITHOUT_IDENTITY:
        compared = [FILE, *prints]
        summary = f"No other applicant has {listed([SHARED[field] for field in compared])}."
        return Finding(CHECK, "passed", model=MODEL, summary=summary)
    summary = "No other applicant has the same file; neither a number nor a name with birth date was read to compare."
    return Finding(CHECK, "not_applicable", model=MODEL, summary=summary)


async def _keep(session: AsyncSession, document: Document, prints: Prints) -> None:
    """Write the fingerprints, one document with the same one at a time until the transaction ends.

    Without the lock two documents that are screened at the same moment would each look before the other is committed,
    and neither would find the other. With it the second waits here, and its search, a statement of its own under READ
    COMMITTED, sees the first. Files need none: their rows are committed before a screening begins.
    """
    if not prints:
        return
    keys = sorted(int.from_bytes(value[:LOCK_BYTES], "big", signed=True) for value in prints.values())
    await session.execute(select(*(func.pg_advisory_xact_lock(key) for key in keys)))
    rows = [
        {
            "id": new_id(),
            "created_at": now(),
            "partner_id": document.partner_id,
            "livemode": document.livemode,
            "document_id": document.id,
            "field": field,
            "value": value,
        }
        for field, value in prints.items()
    ]
    statement = insert(Fingerprint).values(rows)
    again = statement.on_conflict_do_update(
        index_elements=["document_id", "field"], set_={"value": statement.excluded.value}
    )
    await session.execute(again)


async def _shared(
    session: AsyncSession, document: Document, files: Sequence[File], prints: Prints, *, by_others: bool
) -> dict[UUID, list[str]]:
    """Find one document for each thing that is the same: by others it is a finding, by the same applicant a note."""
    same_file = _search(document, FILE, by_others=by_others).join(
        File, (col(File.partner_id) == col(Document.partner_id)) & (col(File.document_id) == col(Document.id))
    )
    searches = [same_file.where(col(File.sha256).in_([file.sha256 for file in files]))]
    for field, value in prints.items():
        if by_others or field == FingerprintField.NUMBER:
            same = _search(document, field, by_others=by_others).join(
                Fingerprint, col(Fingerprint.document_id) == col(Document.id)
            )
            searches.append(same.where(*_is(document, field, value)))
    shared: dict[UUID, list[str]] = {}
    for what, document_id in await session.execute(union_all(*(search.limit(1) for search in searches))):
        shared.setdefault(document_id, []).append(what)
    return shared


def _search(document: Document, field: str, *, by_others: bool) -> Select[str, UUID]:
    """Look among the documents of one partner and mode; attempts of one verification replace each other."""
    applicant_id = col(Document.applicant_id)
    return select(literal(field), col(Document.id)).where(
        col(Document.partner_id) == document.partner_id,
        col(Document.livemode) == document.livemode,
        col(Document.verification_id) != document.verification_id,
        col(Document.status) != DocumentStatus.REDACTED,
        applicant_id != document.applicant_id if by_others else applicant_id == document.applicant_id,
    )


def _is(document: Document, field: FingerprintField, value: bytes) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Fingerprint.partner_id) == document.partner_id,
        col(Fingerprint.livemode) == document.livemode,
        col(Fingerprint.field) == field,
        col(Fingerprint.value) == value,
    )


def _found(others: Mapping[UUID, Sequence[str]], screening: Screening) -> Finding:
    """Warn, and point at the number when it is what two documents share."""
    fields = [field for shared in others.values() for field in shared]
    number = next((one for one in screening.extracted if one.name == "document_number"), None)
    finding = Finding(
        CHECK,
        "warning",
        model=MODEL,
        reasons=tuple(dict.fromkeys(REASONS[field] for field in fields)),
        summary=_sentences("Another applicant's", others),
    )
    if number is None or FingerprintField.NUMBER not in fields:
        return finding
    return replace(finding, box=number.box, file_index=number.file_index, page=number.page)


def _sentences(whose: str, shared: Mapping[UUID, Sequence[str]]) -> str:
    """Say what is the same as in which document."""
    return " ".join(
        f"{whose} {public_id(Prefix.DOCUMENT, document_id)} has {listed([SHARED[field] for field in fields])}."
        for document_id, fields in shared.items()
    )
