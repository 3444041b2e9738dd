"""Audit entries: what was done with a partner's data, for whoever has to account for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import Prefix
from backoffice.models.members import Member
from backoffice.services import audit
from backoffice.services.access import Actor, ActorType, Permission
from backoffice.services.pages import DEFAULT_LIMIT, Page, created_within, walk

STAFF = "staff"
SHOWN_TO_PARTNERS = {
    "review_task": frozenset({"document_id", "status"}),
    "policy_version": frozenset({"policy_version", "status"}),
}
"""What a partner learns of our work; who signed what before it was final, and who wrote a policy, is not theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to list; every field narrows."""

    action: str | None = None
    actor_id: UUID | None = None
    subject_id: UUID | None = None
    request_id: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    cursor: str | None = None
    limit: int = DEFAULT_LIMIT


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry as its reader may see it: our own people have neither name nor address for a partner."""

    entry: AuditEntry
    actor_type: str
    actor_id: UUID | None
    actor_name: str | None
    changes: Mapping[str, Any]
    ip: str | None


async def page(session: AsyncSession, actor: Actor, by: Filter) -> Page[Shown]:
    """List what was done, newest first, in live and in test mode alike; the reading is written down, too.

    Raises Invalid for a limit out of range or a foreign cursor.
    """
    actor.require(Permission.AUDIT_READ)
    exact: dict[str, object] = {
        "action": by.action,
        "actor_id": by.actor_id,
        "subject_id": by.subject_id,
        "request_id": by.request_id,
    }
    asked = {name: value for name, value in exact.items() if value is not None}
    statement = (
        _visible(actor, by).filter_by(**asked).where(*created_within(AuditEntry, by.created_after, by.created_before))
    )
    found = await walk(session, AuditEntry, statement, prefix=Prefix.AUDIT_ENTRY, limit=by.limit, cursor=by.cursor)
    own = await _own_members(session, actor, found.rows)
    await audit.record(session, actor, "audit.read", changes={"filters": sorted(asked), "entries": len(found.rows)})
    return Page([_shown(actor, entry, own) for entry in found.rows], found.next_cursor)


def _visible(actor: Actor, by: Filter) -> Select[AuditEntry]:
    """Select the partner's entries; nobody finds out which were one of our people's by asking for them."""
    statement = select(AuditEntry)
    if actor.is_staff:
        return statement
    statement = statement.where(col(AuditEntry.partner_id) == actor.require_partner())
    if by.actor_id is None:
        return statement
    own = select(col(Member.id)).where(col(Member.partner_id) == actor.partner_id)
    return statement.where(
        or_(col(AuditEntry.actor_type) != ActorType.MEMBER, col(AuditEntry.actor_id).in_(own.scalar_subquery()))
    )


async def _own_members(session: AsyncSession, actor: Actor, entries: Sequence[AuditEntry]) -> set[UUID]:
    """Find which of the people who acted are the reader's own; the others are ours."""
    people = {entry.actor_id for entry in entries if entry.actor_type == ActorType.MEMBER and entry.actor_id}
    statement = select(col(Member.id)).where(col(Member.id).in_(people), col(Member.partner_id) == actor.partner_id)
    return set((await session.execute(statement)).scalars()) if people else set()


def _shown(actor: Actor, entry: AuditEntry, own: set[UUID]) -> Shown:
    is_ours = entry.actor_type == ActorType.MEMBER and entry.actor_id not in own and not actor.is_staff
    changes = entry.changes
    theirs = SHOWN_TO_PARTNERS.get(entry.subject_type or "")
    if theirs is not None and not actor.is_staff:
        changes = {name: value for name, value in changes.items() if name in theirs}
    if is_ours:
        return Shown(entry, STAFF, None, None, changes, None)
    return Shown(entry, entry.actor_type, entry.actor_id, entry.actor_name or None, changes, entry.ip or None)
