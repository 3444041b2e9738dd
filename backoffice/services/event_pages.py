"""The events of a partner in the order in which it is safe to walk: no gap and no repeat (docs/decisions/0008)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    Uuid,
    bindparam,
    func,
    literal_column,
    select,
    true,
    tuple_,
)
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
    values: dict[str, object] = {
        "partner_id": actor.require_partner(),
        "livemode": bool(actor.livemode),
        "types": sorted(types),
        "most": limit,
    }
    if after:
        values |= {"position": after.position, "sequence": after.sequence, "last_id": after.id}
    statement = _walk(has_place=after is not None, has_types=bool(types))
    return (await session.execute(statement, values)).scalars().all()


@lru_cache(4)
def _walk(*, has_place: bool, has_types: bool) -> Select[Event]:
    """Build the statement once: with types that costs more than to run it."""
    most = bindparam("most", type_=Integer)
    order = col(Event.position), col(Event.sequence), col(Event.id)
    mine = col(Event.partner_id) == bindparam("partner_id"), col(Event.livemode) == bindparam("livemode")
    walk = select(Event).where(*mine, col(Event.position) < HORIZON).order_by(*order).limit(most)
    if has_place:
        names = ("position", BigInteger), ("sequence", Integer), ("last_id", Uuid)
        walk = walk.where(tuple_(*order) > tuple_(*(bindparam(name, type_=kind) for name, kind in names)))
    if not has_types:
        return walk
    kinds = func.unnest(bindparam("types", type_=ARRAY(String))).table_valued("kind").render_derived()
    each = walk.where(col(Event.type) == kinds.c.kind).lateral()
    event = aliased(Event, each)
    merged = col(event.position), col(event.sequence), col(event.id)
    return select(event).select_from(kinds.join(each, true())).order_by(*merged).limit(most)


async def get(session: AsyncSession, actor: Actor, event_id: UUID) -> Event:
    """Find one event of the actor's partner and mode.

    Raises NotFound.
    """
    actor.require(Permission.EVENTS_READ)
    statement = select(Event).where(
        col(Event.id) == event_id,
        col(Event.partner_id) == actor.require_partner(),
        col(Event.livemode) == bool(actor.livemode),
    )
    return found((await session.execute(statement)).scalar_one_or_none(), "event")
