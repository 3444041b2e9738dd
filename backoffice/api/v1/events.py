"""`/events`: everything that happened, in an order that can be walked without a gap, as pages and as a stream."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import JSONResponse, Response

from backoffice.api.auth import Credentials, needs
from backoffice.api.description import problems
from backoffice.api.event_streams import EventStreamResponse, Stream
from backoffice.api.examples.events import STREAM
from backoffice.api.stream_slots import slots
from backoffice.api.texts import read_id
from backoffice.api.v1.event_schemas import EventPageOut, EventQuery, StreamQuery
from backoffice.api.v1.schemas import EventOut, NoQuery
from backoffice.db import transaction
from backoffice.errors import TooMany
from backoffice.models.base import Prefix, new_id
from backoffice.services import event_pages, events
from backoffice.services.access import Actor, Permission

router = APIRouter(prefix="/events", tags=["Events"])
Reader = Annotated[Actor, Depends(needs(Permission.EVENTS_READ))]
LastEventId = Annotated[
    str | None, Header(alias="Last-Event-ID", max_length=200, description="What an SSE client sends by itself.")
]
STREAMS_POLICY = "streams"
WAIT_SECONDS = 5


@router.get("", response_model=EventPageOut, summary="List events", responses=problems("events.list"))
async def index(actor: Reader, query: Annotated[EventQuery, Query()]) -> JSONResponse:
    """Walk everything that happened, oldest first, without a gap and without a repeat.

    Go on with `after=<next_cursor>`, also after the last page: the next events follow it. Events of one subject come
    in the order of `sequence`.
    """
    async with transaction(actor.tenancy) as session:
        page = await event_pages.page(session, actor, after=query.after, types=query.type, limit=query.limit)
    rows = [events.envelope(row) for row in page.rows]
    return JSONResponse({"data": rows, "next_cursor": page.next_cursor, "has_more": page.has_more})


@router.get(
    "/stream",
    response_class=Response,
    summary="Stream events",
    responses=problems("events.stream") | {200: STREAM},
)
async def stream(
    request: Request,
    actor: Reader,
    credentials: Credentials,
    query: Annotated[StreamQuery, Query()],
    last_event_id: LastEventId = None,
) -> EventStreamResponse:
    """Hear events as they happen, as server-sent events: the list of `GET /events`, kept open.

    `id:` is the cursor, `event:` the type, `data:` the event. A client that comes back with `Last-Event-ID` misses
    nothing and gets nothing twice. Comments are heartbeats. A stream ends after an hour, when the key is revoked, and
    when the server restarts; come back then.
    """
    after, types = last_event_id or query.after, event_pages.checked_types(query.type)
    async with transaction(actor.tenancy) as session:
        place = await event_pages.place_of(session, actor, after)
    opened = Stream(
        actor=actor,
        token=credentials.credentials if credentials else "",
        key_id=request.state.key_id,
        id=new_id().hex,
        most=request.state.terms.limits.streams,
        place=place,
        types=types,
        is_from_now=after == event_pages.NOW,
    )
    if not await slots.take(opened.key_id, opened.id, opened.most):
        raise TooMany(
            f"This key may have {opened.most} streams open at once.",
            retry_after=WAIT_SECONDS,
            policies=(STREAMS_POLICY,),
        )
    return EventStreamResponse(opened)


@router.get("/{event_id}", response_model=EventOut, summary="Read an event", responses=problems("events.read"))
async def show(actor: Reader, event_id: str, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Read one event, as it was sent by webhook."""
    async with transaction(actor.tenancy) as session:
        event = await event_pages.get(session, actor, read_id(Prefix.EVENT, event_id))
    return JSONResponse(events.envelope(event))
