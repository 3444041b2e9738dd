"""Audit entries: what was done with a partner's data, for whoever has to account for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from backoffice.errors import Invalid
from backoffice.models.audit_entries import AuditEntry, Shown
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Member
from backoffice.services import audit
from backoffice.services.access import Actor, ActorType, Permission
from backoffice.services.access import found as one_found
from backoffice.services.events import SUBJECT_PREFIX
from backoffice.services.pages import DEFAULT_LIMIT, MAX_LIMIT, Page, created_within, cut, read_cursor, walk

STAFF = "staff"
ACTORS: dict[str, Prefix] = {ActorType.API_KEY: Prefix.API_KEY, ActorType.MEMBER: Prefix.MEMBER}
SUBJECTS: dict[str, Prefix] = SUBJECT_PREFIX | {
    "review_task": Prefix.REVIEW_TASK,
    "member": Prefix.MEMBER,
    "partner": Prefix.PARTNER,
    "delivery": Prefix.DELIVERY,
    "export": Prefix.EXPORT,
}
"""How the ids of actors and of things are spelled."""
LOOKED_AT = 20_000
"""Entries that one page looks through for what no index answers."""
SHOWN_TO_PARTNERS = {
    "review_task": frozenset({"document_id", "status"}),
    "policy_version": frozenset({"policy_version", "status"}),
    "legal_hold": frozenset({"subject", "basis", "ends_at"}),
}
"""What a partner learns of our work; who signed what before it was final, and who wrote a policy, is not theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to list; every field narrows."""

    action: str | None = None
    actor_id: UUID | None = None
    subject_id: UUID | None = None
    request_id: str | None = None
    family: str | None = None
    """The part of the action before its dot: `member` finds `member.created`."""
    actor_type: str | None = None
    """A kind of actor, or STAFF for our own people."""
    subject_type: str | None = None
    result: str | None = None
    partner_id: UUID | None = None
    """For those who see several."""
    ip: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    cursor: str | None = None
    limit: int = DEFAULT_LIMIT


async def page(session: AsyncSession, actor: Actor, by: Filter) -> Page[Shown]:
    """List what was done, newest first, in live and in test mode alike; the reading is written down, too.

    A page may hold less than its limit, or nothing, and still have a next one: then that many entries were looked
    through. Raises Invalid for a limit out of range or a foreign cursor.
    """
    found = await _read(session, actor, by)
    changes: dict[str, object] = {"filters": sorted(_asked(by)), "entries": len(found.rows)}
    await audit.record(session, actor, "audit.read", changes=changes)
    return found


async def page_of_export(session: AsyncSession, actor: Actor, by: Filter, export: str) -> Page[Shown]:
    """List a page for a file; its reading is written down with the first page only: one file, one entry."""
    found = await _read(session, actor, by)
    if by.cursor is None:
        await audit.record(session, actor, "audit.read", changes={"filters": sorted(_asked(by)), "export": export})
    return found


def object_id(entry: AuditEntry) -> str:
    """Spell the id of what an entry is about; empty where it has none that somebody could use."""
    prefix = SUBJECTS.get(entry.subject_type)
    return public_id(prefix, entry.subject_id) if prefix else ""


def actor_id(shown: Shown) -> str:
    """Spell the id of who did it, as far as the reader may know."""
    prefix = ACTORS.get(shown.actor_type)
    return public_id(prefix, shown.actor_id) if prefix else ""


async def get(session: AsyncSession, actor: Actor, entry_id: UUID) -> Shown:
    """Find one entry that the actor may see, as an address of it is followed.

    Raises NotFound for one that does not exist or of another partner.
    """
    actor.require(Permission.AUDIT_READ)
    statement = _visible(actor, Filter()).where(col(AuditEntry.id) == entry_id)
    entry = one_found((await session.execute(statement)).scalar_one_or_none(), "entry")
    return _shown(actor, entry, await _own_members(session, actor, [entry]))


async def shown(session: AsyncSession, actor: Actor, entries: Sequence[AuditEntry]) -> list[Shown]:
    """Say what of some entries the actor may see."""
    actor.require(Permission.AUDIT_READ)
    own = set[UUID]() if actor.is_staff else await _own_members(session, actor, entries)
    return [_shown(actor, entry, own) for entry in entries]


async def _read(session: AsyncSession, actor: Actor, by: Filter) -> Page[Shown]:
    actor.require(Permission.AUDIT_READ)
    within = created_within(AuditEntry, by.created_after, by.created_before)
    statement = _visible(actor, by).filter_by(**_exact(by)).where(*within)
    looked_for = _looked_for(actor, by, AuditEntry)
    if looked_for:
        found = await _look(session, statement, by, actor)
    else:
        found = await walk(session, AuditEntry, statement, prefix=Prefix.AUDIT_ENTRY, limit=by.limit, cursor=by.cursor)
    own = await _own_members(session, actor, found.rows)
    return Page([_shown(actor, entry, own) for entry in found.rows], found.next_cursor)


async def _look(session: AsyncSession, statement: Select[AuditEntry], by: Filter, actor: Actor) -> Page[AuditEntry]:
    """Look for what no index answers in a bounded number of entries, and say where to go on."""
    if not 1 <= by.limit <= MAX_LIMIT:
        raise Invalid(f"The limit must lie between 1 and {MAX_LIMIT}.", code="out_of_range", pointer="/limit")
    cursor = read_cursor(Prefix.AUDIT_ENTRY, by.cursor)
    if cursor:
        statement = statement.where(col(AuditEntry.id) < cursor)
    nearest = statement.order_by(col(AuditEntry.id).desc())
    near = aliased(AuditEntry, nearest.limit(LOOKED_AT).subquery())
    looked = select(near).where(*_looked_for(actor, by, near)).order_by(col(near.id).desc()).limit(by.limit + 1)
    rows = (await session.execute(looked)).scalars().all()
    if len(rows) > by.limit:
        return cut(rows, by.limit, Prefix.AUDIT_ENTRY)
    last = (await session.execute(nearest.offset(LOOKED_AT - 1).limit(1))).scalar_one_or_none()
    return Page(rows, public_id(Prefix.AUDIT_ENTRY, last.id) if last else None)


def _exact(by: Filter) -> dict[str, object]:
    exact: dict[str, object] = {
        "action": by.action,
        "actor_id": by.actor_id,
        "subject_id": by.subject_id,
        "request_id": by.request_id,
        "partner_id": by.partner_id,
    }
    return {name: value for name, value in exact.items() if value is not None}


def _asked(by: Filter) -> set[str]:
    more = {
        "family": by.family,
        "actor_type": by.actor_type,
        "subject_type": by.subject_type,
        "result": by.result,
        "ip": by.ip,
    }
    return set(_exact(by)) | {name for name, value in more.items() if value}


def _looked_for(actor: Actor, by: Filter, row: type[AuditEntry]) -> list[ColumnElement[bool]]:
    """Say what has to be looked for entry by entry."""
    exact = ((col(row.subject_type), by.subject_type), (col(row.result), by.result), (col(row.ip), by.ip))
    conditions: list[ColumnElement[bool]] = [column == value for column, value in exact if value]
    if by.family:
        conditions.append(col(row.action).startswith(f"{by.family}.", autoescape=True))
    if by.actor_type:
        is_ours = and_(col(row.actor_type) == ActorType.MEMBER, ~_is_own(actor, row))
        asked = col(row.actor_type) == by.actor_type
        conditions.append(is_ours if by.actor_type == STAFF else asked)
    return conditions


def _is_own(actor: Actor, row: type[AuditEntry]) -> ColumnElement[bool]:
    own = select(col(Member.id)).where(col(Member.partner_id) == actor.partner_id)
    return col(row.actor_id).in_(own.scalar_subquery())


def _visible(actor: Actor, by: Filter) -> Select[AuditEntry]:
    """Select the partner's entries; nobody finds out which were one of our people's by asking for them."""
    statement = select(AuditEntry)
    if actor.is_staff:
        return statement
    statement = statement.where(col(AuditEntry.partner_id) == actor.require_partner())
    if by.actor_id is None:
        return statement
    return statement.where(or_(col(AuditEntry.actor_type) != ActorType.MEMBER, _is_own(actor, AuditEntry)))


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
