"""Events: facts written with the change; webhooks, the event list and live screens all start here."""

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import now
from backoffice.db import execute, gathered, insert
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.events import Event
from backoffice.models.webhooks import Delivery
from backoffice.services import test_clocks
from backoffice.services.access import Actor, Permission
from backoffice.services.event_types import API_VERSION, BY_NAME

TOGETHER = "events_together"
LIVE = "events:"
"""The live name under which a partner's open streams hear of news, before the partner's id."""
COUNT = """
with me as (select (pg_current_xact_id()::text)::bigint as id), counted as (
    insert into event_counters (subject_id, partner_id, last_sequence, last_position)
    select wanted.subject_id, %s, wanted.number, me.id
    from unnest(%s::uuid[], %s::int[]) as wanted (subject_id, number), me
    order by wanted.subject_id
    on conflict (subject_id) do update set last_sequence = event_counters.last_sequence + excluded.last_sequence,
        last_position = greatest(event_counters.last_position, excluded.last_position)
    returning subject_id, last_sequence, last_position)
select subject_id, last_sequence, last_position, null::text[], null::timestamptz from counted
union all
select id, null, null, event_types, created_at from webhook_endpoints
where partner_id = %s and livemode = %s and status = 'enabled' and deleted_at is null"""
"""Counts per subject, places in the partner's list, and reads who may want to know.

A place is the writing transaction's number, but never before what the subject told earlier: a transaction may begin
first and get the subject's lock second.

The counters' row locks hold until the transaction ends, so no number is missing; they are taken in one order, so that
no two transactions wait for each other.
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about; `data` is the thin snapshot that partners get: ids and codes, never personal data."""

    type: str
    id: UUID
    partner_id: UUID
    livemode: bool
    data: dict[str, object]


async def emit(  # noqa: PLR0913 a fact, and to whom it is owed
    session: AsyncSession,
    actor: Actor,
    type_: str,
    subject: Subject,
    *,
    previous: dict[str, object] | None = None,
    only: UUID | None = None,
    besides: UUID | None = None,
) -> Event:
    """Write the event, owe it to every endpoint that wants it, and tell who is watching once it is durable.

    With `only` it is owed to that endpoint alone, whatever the endpoint asked for; with `besides` never to that one.
    Inside of `together` it has no sequence yet, unless it is for some endpoints only: those are written at once.
    Raises KeyError for a type that is not in the catalogue: partners could not know it.
    """
    body: dict[str, object] = {"object": subject.data}
    if previous is not None:
        body["previous"] = previous
    with await test_clocks.time_of(session, subject.partner_id, livemode=subject.livemode):
        event = Event(
            id=new_id(),
            created_at=now(),
            partner_id=subject.partner_id,
            livemode=subject.livemode,
            type=BY_NAME[type_].name,
            subject_type=subject.type,
            subject_id=subject.id,
            sequence=0,
            data=body,
            request_id=actor.request_id,
        )
    live.announce(
        session, f"{subject.type}:{subject.id}", f"partner:{subject.partner_id}", f"{LIVE}{subject.partner_id}"
    )
    waiting: list[Event] | None = session.info.get(TOGETHER)
    if waiting is not None and only is None and besides is None:
        waiting.append(event)
    else:
        await _write(session, [event], only, besides)
    return event


@asynccontextmanager
async def together(session: AsyncSession) -> AsyncGenerator[None]:
    """Write what the block inserts and tells with a few statements at its end; none of it can be read before."""
    async with gathered(session):
        waiting: list[Event] = []
        session.info[TOGETHER] = waiting
        try:
            yield
        finally:
            del session.info[TOGETHER]
        owners = dict.fromkeys((event.partner_id, event.livemode) for event in waiting)
        for owner in owners:
            await _write(session, [event for event in waiting if (event.partner_id, event.livemode) == owner])


async def _write(
    session: AsyncSession, events: Sequence[Event], only: UUID | None = None, besides: UUID | None = None
) -> None:
    """Give events of one partner and one mode their numbers, owe them, and write both."""
    counts = Counter(event.subject_id for event in events)
    subjects, partner_id = sorted(counts), events[0].partner_id
    values = partner_id, subjects, [counts[each] for each in subjects], partner_id, events[0].livemode
    rows = await execute(session, COUNT, values)
    counted = {row[0]: (row[1] - counts[row[0]], row[2]) for row in rows if row[1] is not None}
    _number(events, counted)
    endpoints = [(row[0], row[3], row[4]) for row in rows if row[1] is None and row[0] != besides]
    deliveries = [
        Delivery(partner_id=partner_id, endpoint_id=endpoint_id, event_id=event.id, next_attempt_at=now())
        for event in events
        for endpoint_id, types, created_at in endpoints
        if created_at <= event.created_at and _wants(endpoint_id, types, event, only)
    ]
    await insert(session, *events, *deliveries)
    if deliveries:
        live.announce(session, "deliveries:due")


def _number(events: Sequence[Event], counted: dict[UUID, tuple[int, int]]) -> None:
    for event in events:
        last, event.position = counted[event.subject_id]
        event.sequence = last + 1
        counted[event.subject_id] = event.sequence, event.position


def _wants(endpoint_id: UUID, types: Sequence[str], event: Event, only: UUID | None) -> bool:
    if only is not None:
        return endpoint_id == only
    return not types or event.type in types


SUBJECT_PREFIX = {
    "partner": Prefix.PARTNER,
    "document": Prefix.DOCUMENT,
    "verification": Prefix.VERIFICATION,
    "applicant": Prefix.APPLICANT,
    "api_key": Prefix.API_KEY,
    "webhook_endpoint": Prefix.WEBHOOK_ENDPOINT,
    "review": Prefix.REVIEW_TASK,
    "export": Prefix.EXPORT,
    "invoice": Prefix.INVOICE,
    "alert": Prefix.ALERT,
}


@dataclass(frozen=True, slots=True)
class Told:
    """What an envelope says of an event, read without a model object's cost: sending reads thousands."""

    id: UUID
    created_at: datetime
    livemode: bool
    type: str
    subject_type: str
    subject_id: UUID
    sequence: int
    data: dict[str, object]
    request_id: str


def envelope(event: Event | Told) -> dict[str, object]:
    """Write an event as partners get it, by webhook and by API alike."""
    return {
        "id": public_id(Prefix.EVENT, event.id),
        "object": "event",
        "type": event.type,
        "api_version": API_VERSION,
        "livemode": event.livemode,
        "created_at": event.created_at.isoformat().replace("+00:00", "Z"),
        "subject": {
            "type": event.subject_type,
            "id": public_id(SUBJECT_PREFIX[event.subject_type], event.subject_id),
        },
        "sequence": event.sequence,
        "data": event.data,
        "request_id": event.request_id,
    }


async def newest(session: AsyncSession, actor: Actor, *, livemode: bool, limit: int = 10) -> list[Event]:
    """Read a partner's latest events."""
    actor.require(Permission.EVENTS_READ)
    statement = select(Event).where(col(Event.partner_id) == actor.require_partner(), col(Event.livemode) == livemode)
    return list((await session.execute(statement.order_by(col(Event.id).desc()).limit(limit))).scalars())
