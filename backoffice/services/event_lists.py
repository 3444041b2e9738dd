"""The events of a partner as people look back on them: newest first, narrowed, with who was told of each.

Machines walk forwards and wait for every transaction that still runs (event_pages); a person wants to see at once what
was just committed, in the order of time, so this list has no horizon and is looked at again when something is told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from backoffice.clock import present
from backoffice.errors import Invalid
from backoffice.models.base import Prefix, public_id
from backoffice.models.events import Event
from backoffice.models.webhooks import WebhookEndpoint
from backoffice.services import deliveries, event_pages, events, test_clocks, webhook_endpoints
from backoffice.services.access import Actor, Permission
from backoffice.services.deliveries import Entry
from backoffice.services.pages import DEFAULT_LIMIT, MAX_LIMIT, Page, created_within, cut, read_cursor

LOOKED_AT = 20_000
"""Events that one page looks through for types, which no index of this order knows; then it says how far it came."""

READ_WITH = {
    "webhook_endpoint": Permission.WEBHOOKS_READ,
    "api_key": Permission.KEYS_READ,
    "invoice": Permission.BILLING_READ,
    "alert": Permission.ALERTS_READ,
    "partner": Permission.USAGE_READ,
}
"""What an event tells of these subjects is what this permission reads elsewhere."""
NAMING = ("id", "object")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to list; every field narrows."""

    livemode: bool
    types: frozenset[str] = frozenset()
    subject_id: UUID | None = None
    within: timedelta | None = None
    """How far to look back, by the clock that the data lives in."""
    cursor: str | None = None
    limit: int = DEFAULT_LIMIT


@dataclass(frozen=True, slots=True)
class Telling:
    """Who was told of one event, who was not, and what its subject told before and after."""

    may_know: bool
    """Whether the actor may see deliveries at all; without it nobody is named."""
    entries: Sequence[Entry] = ()
    others: Sequence[WebhookEndpoint] = ()
    """Endpoints of the same mode that were not owed it."""
    before: Event | None = None
    after: Event | None = None


async def page(session: AsyncSession, actor: Actor, by: Filter) -> Page[Event]:
    """List events of the actor's partner, newest first.

    A page may hold less than its limit, or nothing, and still have a next one: then that many events were looked
    through. Raises Invalid for a limit out of range or a foreign cursor.
    """
    if not 1 <= by.limit <= MAX_LIMIT:
        raise Invalid(f"The limit must lie between 1 and {MAX_LIMIT}.", code="out_of_range", pointer="/limit")
    conditions = await _conditions(session, actor, by)
    last = read_cursor(Prefix.EVENT, by.cursor)
    if last:
        conditions.append(col(Event.id) < last)
    nearest = select(Event).where(*conditions).order_by(col(Event.id).desc())
    if not by.types or by.subject_id:
        typed = nearest.where(col(Event.type).in_(by.types)) if by.types else nearest
        return cut((await session.execute(typed.limit(by.limit + 1))).scalars().all(), by.limit, Prefix.EVENT)
    looked_at = aliased(Event, nearest.limit(LOOKED_AT).subquery())
    typed = select(looked_at).where(col(looked_at.type).in_(by.types)).order_by(col(looked_at.id).desc())
    rows = (await session.execute(typed.limit(by.limit + 1))).scalars().all()
    if len(rows) > by.limit:
        return cut(rows, by.limit, Prefix.EVENT)
    end = nearest.with_only_columns(col(Event.id)).offset(LOOKED_AT - 1).limit(1)
    reached = (await session.execute(end)).scalar_one_or_none()
    return Page(rows, public_id(Prefix.EVENT, reached) if reached else None)


async def some(session: AsyncSession, actor: Actor, event_ids: Sequence[UUID]) -> list[Event]:
    """Read these events of the actor's partner again, newest first."""
    actor.require(Permission.EVENTS_READ)
    statement = select(Event).where(col(Event.partner_id) == actor.require_partner(), col(Event.id).in_(event_ids))
    return list((await session.execute(statement.order_by(col(Event.id).desc()))).scalars())


async def newest(session: AsyncSession, actor: Actor, by: Filter) -> UUID:
    """Find the newest event that a list looks at, of whatever type and age; without any, what lies before all."""
    conditions = await _conditions(session, actor, replace(by, within=None))
    statement = select(col(Event.id)).where(*conditions).order_by(col(Event.id).desc()).limit(1)
    return (await session.execute(statement)).scalar_one_or_none() or UUID(int=0)


async def newer(session: AsyncSession, actor: Actor, by: Filter, than: UUID) -> int:
    """Count what came above an event since, as far as one more than a page."""
    conditions = [*await _conditions(session, actor, by), col(Event.id) > than]
    nearest = select(Event).where(*conditions).order_by(col(Event.id).desc()).limit(LOOKED_AT)
    came = aliased(Event, nearest.subquery())
    narrow = [col(came.type).in_(by.types)] if by.types else []
    return len((await session.execute(select(col(came.id)).where(*narrow).limit(by.limit + 1))).all())


async def _conditions(session: AsyncSession, actor: Actor, by: Filter) -> list[ColumnElement[bool]]:
    """Say what an index answers: whose, which mode, about what, since when."""
    actor.require(Permission.EVENTS_READ)
    partner_id = actor.require_partner()
    livemode = by.livemode if actor.livemode is None else actor.livemode
    conditions = [col(Event.partner_id) == partner_id, col(Event.livemode) == livemode]
    if by.subject_id:
        conditions.append(col(Event.subject_id) == by.subject_id)
    if by.within:
        lead = await test_clocks.lead(session, partner_id, livemode=livemode)
        conditions += created_within(Event, present() + lead - by.within, None)
    return conditions


async def get(session: AsyncSession, actor: Actor, event_id: UUID, *, livemode: bool) -> Event:
    """Find one event of the actor's partner in one mode, as `GET /events/{id}` does.

    Raises NotFound.
    """
    return await event_pages.get(session, _in_mode(actor, livemode), event_id)


def payload(actor: Actor, event: Event) -> tuple[Mapping[str, object], Permission | None]:
    """Write what an event told, as the API gives it, and the permission that is missing for all of it.

    An endpoint's address may hold a token, a key's event its name and scopes: who may not read the thing reads no more
    than which one it is.
    """
    actor.require(Permission.EVENTS_READ)
    whole, wanted = events.envelope(event), READ_WITH.get(event.subject_type)
    if wanted is None or actor.can(wanted):
        return whole, None
    return whole | {"data": {"object": _naming(event.data)}}, wanted


def _naming(data: dict[str, Any]) -> dict[str, object]:
    """Keep of a thing what says which one it is."""
    told: dict[str, object] = data["object"]
    return {name: told[name] for name in NAMING if name in told}


def _in_mode(actor: Actor, livemode: bool) -> Actor:
    """Let a person see one mode, as a key always does."""
    return replace(actor, livemode=livemode) if actor.livemode is None else actor


async def told(session: AsyncSession, actor: Actor, event: Event) -> Telling:
    """Say which endpoints were told of an event and which were not, and find its neighbours about the same subject."""
    actor.require(Permission.EVENTS_READ)
    before, after = await _neighbour(session, event, -1), await _neighbour(session, event, 1)
    if not actor.can(Permission.WEBHOOKS_READ):
        return Telling(may_know=False, before=before, after=after)
    entries = await deliveries.of_event(session, actor, event.id)
    here = _in_mode(actor, event.livemode)
    endpoints = (await webhook_endpoints.page(session, here, limit=MAX_LIMIT)).rows
    owed = {entry.endpoint.id for entry in entries}
    others = [one for one in endpoints if one.id not in owed]
    return Telling(may_know=True, entries=entries, others=others, before=before, after=after)


async def _neighbour(session: AsyncSession, event: Event, by: int) -> Event | None:
    statement = select(Event).where(
        col(Event.partner_id) == event.partner_id,
        col(Event.subject_id) == event.subject_id,
        col(Event.sequence) == event.sequence + by,
    )
    return (await session.execute(statement)).scalar_one_or_none()
