"""Four eyes on large exports: a second person who may export the same approves or declines, and nobody their own.

The database refuses it as well: `second_person_approves` who asked, and `approved_first` that anything is written
before somebody agreed.
"""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live
from backoffice.clock import present
from backoffice.errors import BackofficeError, Conflict, Invalid, NotAllowed
from backoffice.models.card_numbers import refuse_card_number
from backoffice.models.exports import MAX_REASON, REASON_KEPT, REFUSED, Export, ExportKind, ExportStatus
from backoffice.services import exports
from backoffice.services.access import Actor, Permission, found
from backoffice.services.export_sources import needed, needed_beside
from backoffice.services.rows import visible

SWEEP = 50


def may_decide(actor: Actor, row: Export) -> bool:
    """Whether this one could approve or decline it now."""
    is_waiting = row.status == ExportStatus.AWAITING and row.member_id != actor.id and not actor.is_looking
    return is_waiting and all(actor.can(one) for one in needed_beside(row))


async def approve(session: AsyncSession, actor: Actor, export_id: UUID) -> Export:
    """Let a large export of somebody else be written; approving twice is approving once.

    It ends as failed when who asked has left or may not any more. Raises NotAllowed for one's own and without the
    rights that making it takes, StepUpRequired, Conflict when it is decided or has waited too long.
    """
    row = await _asked_of(session, actor, export_id)
    actor.require_fresh()
    if row.decided_by == actor.id and row.status not in REFUSED:
        return row
    _refuse_over(row)
    try:
        person = await exports.person_of(session, row)
        for permission in needed(ExportKind(row.kind), is_personal=row.has_personal):
            person.require(permission)
    except BackofficeError as error:
        await exports.end(session, actor, row, ExportStatus.FAILED, str(error))
        return row
    row.status, row.decided_by, row.decided_at = ExportStatus.QUEUED, actor.id, present()
    await session.flush()
    await exports.record(session, actor, row, "approved", documents=row.documents)
    await exports.enqueue(session, row.id)
    live.announce(session, exports.topic(row.partner_id))
    return row


async def decline(session: AsyncSession, actor: Actor, export_id: UUID, reason: str) -> Export:
    """Refuse a large export of somebody else, and say why; declining twice is declining once.

    Raises as `approve` does, and Invalid without a reason.
    """
    row = await _asked_of(session, actor, export_id)
    if row.decided_by == actor.id and row.status == ExportStatus.DECLINED:
        return row
    _refuse_over(row)
    said = " ".join(reason.split())
    if not said or len(said) > MAX_REASON:
        raise Invalid(f"Say why in 1 to {MAX_REASON} characters.", code="reason_needed", pointer="/reason")
    refuse_card_number(said, "/reason")
    row.decided_by, row.decided_at, row.reason = actor.id, present(), said
    await exports.end(session, actor, row, ExportStatus.DECLINED)
    await job_queue.enqueue(session, "export.mail", {"export_id": str(row.id)})
    return row


async def _asked_of(session: AsyncSession, actor: Actor, export_id: UUID) -> Export:
    """Lock an export that asks for a second person, and stop who cannot be that one."""
    actor.require_partner()
    statement = visible(actor, Export).where(col(Export.id) == export_id, col(Export.approval_due).is_not(None))
    row = found((await session.execute(statement.with_for_update())).scalar_one_or_none(), "export")
    for permission in needed_beside(row):
        actor.require(permission)
    if actor.role is None or actor.id is None or actor.is_looking:
        raise NotAllowed("Exports are approved by people who are signed in.", code="person_needed")
    if actor.id == row.member_id:
        message = "You asked for this export. Somebody else has to approve it: four eyes see more than two."
        raise NotAllowed(message, code="second_person_needed")
    return row


def _refuse_over(row: Export) -> None:
    if row.status != ExportStatus.AWAITING:
        raise Conflict("Somebody has decided this export already, or stopped it.", code="export_over")
    if row.approval_due is not None and row.approval_due <= present():
        raise Conflict("This export has waited too long. It has to be asked for again.", code="export_over")


async def lapse(session: AsyncSession, actor: Actor) -> None:
    """End what nobody agreed to in time, and forget reasons that were there to be read long enough."""
    actor.require(Permission.SYSTEM)
    due = select(Export).where(col(Export.status) == ExportStatus.AWAITING, col(Export.approval_due) <= present())
    for row in (await session.execute(due.limit(SWEEP).with_for_update(skip_locked=True))).scalars().all():
        await exports.end(session, actor, row, ExportStatus.LAPSED)
        await job_queue.enqueue(session, "export.mail", {"export_id": str(row.id)})
    read = update(Export).where(col(Export.reason) != "", col(Export.finished_at) < present() - REASON_KEPT)
    await session.execute(read.values(reason="").execution_options(synchronize_session=False))
