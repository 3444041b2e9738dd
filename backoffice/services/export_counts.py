"""How many documents an export holds something of, and how many of them one person may take along alone.

Many small exports are one large one: what a person took along alone within a day is added up. Logs, the audit trail
and usage hold nothing of a document but its id.
"""

from dataclasses import dataclass, replace
from typing import cast
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import present
from backoffice.errors import Conflict, Invalid
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.documents import Document
from backoffice.models.exports import (
    COUNTED,
    MOST_COUNTED,
    MOST_RUNNING,
    MOST_WAITING,
    SHEET_ROWS,
    UNDER_WAY,
    UNFETCHED,
    Asked,
    Export,
    ExportFormat,
    ExportKind,
    ExportStatus,
)
from backoffice.models.workspace_settings import WorkspaceSettings
from backoffice.services import documents, list_filters, workspace_settings
from backoffice.services.access import Actor
from backoffice.services.documents import Filter
from backoffice.settings import settings

GROWTH = 20
"""A list that lives may grow by a twentieth while it waits its turn; more is another list."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What somebody wants to take along, against what is theirs to take."""

    documents: int
    alone: int

    @property
    def is_too_much(self) -> bool:
        """Whether it takes a second person; what holds nothing of a document never does."""
        return self.documents > 0 and self.documents > self.alone


async def measure(session: AsyncSession, actor: Actor, asked: Asked) -> Measured:
    """Count what is asked for, and what is left of one person's share."""
    most = await limit(session, actor.require_partner())
    held = case(
        (col(Export.kind) == ExportKind.DOCUMENTS, func.greatest(col(Export.documents), col(Export.rows))),
        else_=col(Export.documents),
    )
    taken = select(func.coalesce(func.sum(held), 0)).where(
        col(Export.partner_id) == actor.partner_id,
        col(Export.member_id) == actor.id,
        col(Export.created_at) > present() - COUNTED,
        col(Export.approval_due).is_(None),
        col(Export.status).not_in(UNFETCHED),
    )
    before = (await session.execute(taken)).scalar_one()
    return Measured(await _held(session, actor, asked), max(0, most - int(before)))


async def limit(session: AsyncSession, partner_id: UUID) -> int:
    """Say how many documents one person may take along alone: what the installation says, or less.

    The least that held within a day: who raises it, exports and sets it back takes no more than before.
    """
    ours, theirs = settings().export_alone, (await workspace_settings.of(session, partner_id)).security.export_alone
    return min(ours if one is None else one for one in (None, theirs, *await _lately(session, partner_id)))


async def _lately(session: AsyncSession, partner_id: UUID) -> list[int | None]:
    """Read what held before each change of the last day from the audit trail, where nobody can take it away."""
    rules = select(col(WorkspaceSettings.id)).where(col(WorkspaceSettings.partner_id) == partner_id)
    statement = select(col(AuditEntry.changes)).where(
        col(AuditEntry.subject_id) == rules.scalar_subquery(),
        col(AuditEntry.partner_id) == partner_id,
        col(AuditEntry.action) == "settings.changed",
        col(AuditEntry.created_at) > present() - COUNTED,
    )
    said = [one["export_alone"] for one in (await session.execute(statement)).scalars() if "export_alone" in one]
    return [cast("tuple[int | None, int | None]", one)[0] for one in said]


async def _held(session: AsyncSession, actor: Actor, asked: Asked) -> int:
    match asked.kind:
        case ExportKind.DOCUMENTS:
            by = list_filters.of_documents(asked.filters, livemode=asked.livemode)
            return await _counted(session, actor, replace(by, created_before=present() if asked.livemode else None))
        case ExportKind.PERSON:
            person = parse_public_id(Prefix.APPLICANT, asked.filters["applicant"])
            return await _counted(session, actor, Filter(livemode=asked.livemode, applicant_id=person))
        case ExportKind.EVIDENCE:
            return int(bool(asked.filters.get("personal")))
        case _:
            return 0


async def _counted(session: AsyncSession, actor: Actor, by: Filter) -> int:
    found = (await documents.matching(session, actor, by)).with_only_columns(col(Document.id)).limit(MOST_COUNTED + 1)
    return (await session.execute(select(func.count()).select_from(found.subquery()))).scalar_one()


async def refuse_many(session: AsyncSession, row: Export) -> None:
    """Bound what is written at once for a partner, and what waits of one person for another."""
    is_waiting = row.status == ExportStatus.AWAITING
    of_whom = (
        (col(Export.status) == row.status, col(Export.member_id) == row.member_id)
        if is_waiting
        else (col(Export.status).in_(UNDER_WAY),)
    )
    statement = select(func.count()).where(col(Export.partner_id) == row.partner_id, *of_whom)
    count = (await session.execute(statement)).scalar_one()
    if is_waiting and count >= MOST_WAITING:
        raise Conflict(
            f"{MOST_WAITING} exports of yours wait for a second person already. Wait for one to end, or stop one.",
            code="too_many_exports",
        )
    if not is_waiting and count >= MOST_RUNNING:
        raise Conflict(
            f"{MOST_RUNNING} exports are being written already. Wait for one to end, or stop one.",
            code="too_many_exports",
        )


def refuse_longer(row: Export, rows: int) -> None:
    """Stop what a sheet would not hold, and what grew since it was counted: that nobody allowed, nor counts it."""
    if row.format == ExportFormat.XLSX and rows > SHEET_ROWS:
        raise Invalid(f"One sheet holds {SHEET_ROWS:,} rows. Export it as CSV, or narrow the list.", code="too_long")
    most = _allowed(row)
    if most is not None and rows > most:
        raise Invalid("The list has grown since it was counted. Export it again.", code="grown")


def _allowed(row: Export) -> int | None:
    """Say how many rows were counted or agreed to, or hardly more; None where nobody could, or nothing is counted."""
    if row.kind != ExportKind.DOCUMENTS or row.alone is None:
        return None
    if row.documents <= MOST_COUNTED:
        return row.documents + row.documents // GROWTH
    return row.alone if row.approval_due is None else None
