"""The events of a partner in the order in which it is safe to walk: no gap and no repeat (docs/decisions/0008)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, String, cast, func, literal_column, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from backoffice.errors import Invalid, NotFound
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.events import Event
from backoffice.services import event_cursors, event_types
from backoffice.services.access import Actor, Permission, found
from backoffice.services.event_cursors import Place
from backoffice.services.pages import DEFAULT_LIMIT, MAX_LIMIT

NOW = "now"
"""Instead of a cursor: after everything that has happened."""
HORIZON: ColumnElement[int] = literal_column("(pg_snapshot_xmin(pg_current_snapshot())::text)::bigint")
"""Every transaction below has ended: nothing can appear below it any more."""


@dataclass(frozen=True, slots=True)
class EventPage:
    """One page, oldest first; `next_cursor` is the next `after`, also on the last page."""

    rows: Sequence[Event]
    next_cursor: str | None
    has_more: bool


async def page(
    session: AsyncSession,
    actor: Actor,
    *,
    after: str | None = None,
    types: Collection[str] = (),
    limit: int = DEFAULT_LIMIT,
) -> EventPage:
    """List the events after a cursor, oldest first; an empty page hands back the cursor that was sent.

    Raises Invalid for a cursor that is not ours and for a type that does not exist.
    """
    actor.require(Permission.EVENTS_READ)
    if not 1 <= limit <= MAX_LIMIT:
        raise Invalid(f"The limit must lie between 1 and {MAX_LIMIT}.", code="out_of_range", pointer="/limit")
    place = await place_of(session, actor, after)
    rows = await read(session, actor, place, types=checked_types(types), limit=limit + 1)
    kept = rows[:limit]
    if not kept and after != NOW:
        return EventPage(kept, after or None, has_more=False)
    last = Place.of(kept[-1]) if kept else place
    return EventPage(kept, event_cursors.write(actor, last) if last else None, len(rows) > limit)


def checked_types(wanted: Collection[str]) -> frozenset[str]:
    """Read types and wildcards such as `document.*`; nothing means everything.

    Raises Invalid with the code `unknown_event_type`.
    """
    known, unknown = event_types.expand(wanted)
    if unknown:
        raise Invalid("There is no such event type.", code="unknown_event_type", pointer="/type")
    return frozenset(known)


async def place_of(session: AsyncSession, actor: Actor, after: str | None) -> Place | None:
    """Find where to go on: after a cursor, after an event by its id, after everything, or from the beginning.

    Raises Invalid with the code `invalid_cursor`.
    """
    actor.require(Permission.EVENTS_READ)
    if not after:
        return None
    if after == NOW:
        return Place.before_position((await session.execute(select(HORIZON))).scalar_one())
    if len(after) == event_cursors.LENGTH:
        return event_cursors.read(actor, after)
    try:
        return Place.of(await get(session, actor, parse_public_id(Prefix.EVENT, after)))
    except NotFound:
        raise event_cursors.invalid() from None


async def read(
    session: AsyncSession, actor: Actor, after: Place | None, *, types: Collection[str] = (), limit: int
) -> Sequence[Event]:
    """Read what happened next; with types each is walked by itself, so that a rare one is found as fast."""
    actor.require(Permission.EVENTS_READ)
    statement = _walk(actor, after, limit)
    if types:
        kinds = func.unnest(cast(sorted(types), ARRAY(String))).table_valued("kind").render_derived()
        each = statement.where(col(Event.type) == kinds.c.kind).lateral()
        event = aliased(Event, each)
        order = col(event.position), col(event.sequence), col(event.id)
        statement = select(event).select_from(kinds.join(each, true())).order_by(*order).limit(limit)
    return (await session.execute(statement)).scalars().all()


def _walk(actor: Actor, after: Place | None, limit: int) -> Select[Event]:
    order = col(Event.position), col(Event.sequence), col(Event.id)
    statement = _own(actor).where(col(Event.position) < HORIZON)
    if after:
        statement = statement.where(tuple_(*order) > tuple_(after.position, after.sequence, after.id))
    return statement.order_by(*order).limit(limit)


def _own(actor: Actor) -> Select[Event]:
    mine = col(Event.partner_id) == actor.require_partner()
    return select(Event).where(mine, col(Event.livemode) == bool(actor.livemode))


async def get(session: AsyncSession, actor: Actor, event_id: UUID) -> Event:
    """Find one event of the actor's partner and mode.

    Raises NotFound.
    """
    actor.require(Permission.EVENTS_READ)
    return found((await session.execute(_own(actor).where(col(Event.id) == event_id))).scalar_one_or_none(), "event")
