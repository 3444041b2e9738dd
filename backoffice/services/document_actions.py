"""What a partner's person does to many documents at once: cancel them, put a tag on them or take it off.

`bulk_walks.py` goes from document to document, as the person who pressed, with what they may do by then. Tags can be
taken back for a day; a document that was canceled stays so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now
from backoffice.db import NewRow, insert
from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.bulk_actions import (
    MOST_DOCUMENTS,
    UNDER_WAY,
    BulkAction,
    BulkOutcome,
    BulkProgress,
    BulkRow,
    BulkStatus,
    RowStatus,
    Skipped,
)
from backoffice.models.documents import Document
from backoffice.services import bulk_walks, document_tags, withdrawals
from backoffice.services.access import Actor, Permission, found
from backoffice.services.bulk_walks import SHOWN, Way
from backoffice.services.rows import visible

UNDO_WITHIN = timedelta(days=1)
NEEDED: Mapping[BulkOutcome, Permission] = {
    BulkOutcome.CANCELED: Permission.DOCUMENTS_WRITE,
    BulkOutcome.TAGGED: Permission.DOCUMENTS_TAG,
    BulkOutcome.UNTAGGED: Permission.DOCUMENTS_TAG,
}


@dataclass(frozen=True, slots=True)
class Press:
    """What a person has chosen; `key` was made when they were asked."""

    key: UUID
    outcome: BulkOutcome
    document_ids: Sequence[UUID]
    tag: str = ""


async def begin(session: AsyncSession, actor: Actor, press: Press) -> BulkAction:
    """Let a job change these documents; the same press again answers the same action.

    Raises NotAllowed, Invalid for no documents, too many or no tag, NotFound when none of them is the partner's,
    Conflict while another action of this person is under way.
    """
    if press.outcome not in NEEDED:
        raise Invalid("A verdict is not the partner's to give.", code="outcome_not_allowed", pointer="/outcome")
    actor.require(NEEDED[press.outcome])
    member_id, partner_id = _member(actor), actor.require_partner()
    chosen = list(dict.fromkeys(press.document_ids))
    if not 1 <= len(chosen) <= MOST_DOCUMENTS:
        raise Invalid(f"From 1 to {MOST_DOCUMENTS:,} documents at a time.", code="too_many", pointer="/documents")
    row = BulkAction(
        id=new_id(), partner_id=partner_id, started_by=member_id, press=press.key, outcome=press.outcome,
        tag="" if press.outcome == BulkOutcome.CANCELED else document_tags.checked(press.tag), total=len(chosen),
        session_id=actor.session_id, ip=actor.ip, request_id=actor.request_id,
    )  # fmt: skip
    if earlier := await bulk_walks.open_(session, row):
        return earlier
    row.total = await _add_rows(session, actor, row, chosen)
    await session.flush()
    await bulk_walks.record(session, actor, row, "started", documents=row.total)
    await bulk_walks.enqueue(session, row)
    return row


def _member(actor: Actor) -> UUID:
    actor.require_partner()
    if actor.role is None or actor.id is None:
        raise NotAllowed("Many documents at once are changed by people who are signed in.")
    return actor.id


async def _add_rows(session: AsyncSession, actor: Actor, action: BulkAction, chosen: Sequence[UUID]) -> int:
    """Write down the documents in the order in which they were chosen; another partner's are not there."""
    statement = visible(actor, Document).where(col(Document.id).in_(chosen)).with_only_columns(col(Document.id))
    known = set((await session.execute(statement)).scalars())
    if not known:
        found(None, "document")
    fixed = {"created_at": now(), "partner_id": action.partner_id, "action_id": action.id, "lane": "", "refusal": ""}
    rows = [
        NewRow(BulkRow, {"id": new_id(), "document_id": one, "status": RowStatus.WAITING} | fixed)
        for one in chosen
        if one in known
    ]
    rows.sort(key=lambda row: str(row.values["document_id"]))  # documents are locked in the order of their ids
    await insert(session, *rows)
    return len(rows)


async def _do(session: AsyncSession, person: Actor, action: BulkAction, row: BulkRow) -> None:
    document_id = found(row.document_id, "document")
    match BulkOutcome(action.outcome):
        case BulkOutcome.CANCELED:
            await withdrawals.cancel_document(session, person, document_id)
        case BulkOutcome.TAGGED:
            await document_tags.add(session, person, document_id, action.tag)
        case _:
            await document_tags.remove(session, person, document_id, action.tag)


async def _undo(session: AsyncSession, person: Actor, action: BulkAction, row: BulkRow) -> None:
    """Take one change back: only documents that the action changed are asked about."""
    document_id = found(row.document_id, "document")
    if action.outcome == BulkOutcome.TAGGED:
        await document_tags.remove(session, person, document_id, action.tag)
    else:
        await document_tags.add(session, person, document_id, action.tag)


WAY = Way(_do, _undo)


async def stop(session: AsyncSession, actor: Actor, action_id: UUID) -> BulkAction:
    """Leave what waits alone; what was done stands.

    Raises NotFound for another's action.
    """
    action = await bulk_walks.own(session, _member(actor), action_id)
    if action.status in UNDER_WAY:
        await bulk_walks.finish(session, actor, action, BulkStatus.STOPPED)
    return action


async def undo(session: AsyncSession, actor: Actor, action_id: UUID) -> BulkAction:
    """Stop, and let a job take back what was done.

    Raises NotFound for another's action, Conflict with the code `too_late` for what cannot be taken back (any more),
    and with `bulk_runs` while another action of this person is under way.
    """
    action = await bulk_walks.own(session, _member(actor), action_id)
    if not await _can_undo(session, action):
        raise Conflict("This cannot be taken back.", code="too_late")
    if action.status != BulkStatus.UNDOING:
        await _begin_undo(session, action)
        await bulk_walks.record(session, actor, action, "undo_asked")
    await bulk_walks.enqueue(session, action)
    return action


async def _begin_undo(session: AsyncSession, action: BulkAction) -> None:
    try:
        async with session.begin_nested():
            action.status, action.finished_at = BulkStatus.UNDOING, None
            await session.flush()
    except IntegrityError:
        raise bulk_walks.busy() from None


async def _can_undo(session: AsyncSession, action: BulkAction) -> bool:
    is_tag = action.outcome != BulkOutcome.CANCELED and action.created_at > now() - UNDO_WITHIN
    return is_tag and (await bulk_walks.counts(session, action.id))[RowStatus.DONE] > 0


async def newest(session: AsyncSession, actor: Actor) -> BulkAction | None:
    """Read the actor's last action, if it was today."""
    return await bulk_walks.newest(session, _member(actor))


async def progress(session: AsyncSession, actor: Actor, action_id: UUID) -> BulkProgress:
    """Say how far one's own action has come, and what was left alone and why.

    Raises NotFound for another's.
    """
    action = await bulk_walks.own(session, _member(actor), action_id, lock=False)
    until = action.created_at + UNDO_WITHIN if await _can_undo(session, action) else None
    counts = await bulk_walks.counts(session, action_id)
    return BulkProgress(action, counts, await _skipped(session, action_id), until)


async def forget(session: AsyncSession, document_ids: Sequence[UUID]) -> None:
    """Delete what was written of documents that are redacted in this transaction: it names their tags."""
    statement = delete(BulkRow).where(col(BulkRow.document_id).in_(document_ids))
    await session.execute(statement.execution_options(synchronize_session=False))


async def _skipped(session: AsyncSession, action_id: UUID) -> tuple[Skipped, ...]:
    statement = (
        select(col(Document.external_id), col(Document.id), col(BulkRow.refusal))
        .join(BulkRow, col(BulkRow.document_id) == col(Document.id))
        .where(col(BulkRow.action_id) == action_id, col(BulkRow.status) == RowStatus.SKIPPED)
        .order_by(col(BulkRow.id))
        .limit(SHOWN)
    )
    return tuple(
        Skipped(row[0] or public_id(Prefix.DOCUMENT, row[1]), row[2]) for row in await session.execute(statement)
    )
