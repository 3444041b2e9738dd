"""The event list that does not end: server-sent events with the same cursor, over restarts of everything."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from logging import getLogger
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from backoffice import clock
from backoffice.api.stream_slots import RENEW_SECONDS, slots
from backoffice.api.stream_wakes import wakes
from backoffice.db import Tenancy, transaction
from backoffice.errors import BackofficeError
from backoffice.models.events import Event
from backoffice.services import api_keys, event_cursors, event_pages, events
from backoffice.services.access import Actor, Permission
from backoffice.services.event_cursors import Place

log = getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a stream looks at what; seconds."""

    poll: float = 1.0
    """Between two looks while nothing happens, which is what is left when Redis is away."""
    first_pause: float = 0.05
    """After news; an event that stands behind somebody's open transaction shows a moment later."""
    quiet: float = 0.02
    """At least so long between two reads, so that many events at once are one read."""
    recheck: float = 15.0
    """Whether the key is still good."""
    renew: float = RENEW_SECONDS
    longest: float = 3600.0
    heartbeat: float = 10.0
    patience: float = 30.0
    """How long a reader may take nothing."""
    retry: float = 1.0
    """When a client should come back."""
    at_once: int = 100


PACE = Pace()


@dataclass(slots=True)
class Stream:
    """One open stream: who listens, from where, and to what."""

    actor: Actor
    token: str = field(repr=False)
    key_id: str
    id: str
    most: int
    """Streams that this key may have."""
    place: Place | None
    types: Collection[str]
    is_from_now: bool = False
    over: str = ""
    """Why it ends."""
    began: float = field(default_factory=monotonic)
    rechecked: float = field(default_factory=monotonic)
    renewed: float = field(default_factory=monotonic)

    async def run(self) -> AsyncGenerator[ServerSentEvent]:
        """Tell what happened and what happens, until the client, the key, the hour or the process ends it."""
        try:
            with wakes.of(self.actor.require_partner()) as wake:
                yield self._greeting()
                pause = PACE.first_pause
                while await self._goes_on():
                    wake.clear()
                    rows = await self._read()
                    for row in rows:
                        yield self._message(row)
                        if not await self._goes_on():
                            break
                    if len(rows) < PACE.at_once and not self.over:
                        is_news = await _wait(wake, pause)
                        pause = PACE.first_pause if rows or is_news else min(pause * 2, PACE.poll)
                yield ServerSentEvent(comment=self.over, sep="\n")
        except SQLAlchemyError as error:
            # The client comes back with its cursor; by then the database may be there again.
            log.warning("event_stream_cut", extra={"key_id": self.key_id, "error": type(error).__name__})

    def _greeting(self) -> ServerSentEvent:
        """Open the stream; who begins at the present learns where that is, so that nothing is missed from then on."""
        cursor = event_cursors.write(self.actor, self.place) if self.is_from_now and self.place else None
        return ServerSentEvent(comment="open", id=cursor, retry=round(PACE.retry * 1000), sep="\n")

    async def _read(self) -> Sequence[Event]:
        """Read what comes next; the connection goes back at once."""
        async with transaction(self.actor.tenancy) as session:
            return await event_pages.read(session, self.actor, self.place, types=self.types, limit=PACE.at_once)

    def _message(self, event: Event) -> ServerSentEvent:
        self.place = Place.of(event)
        body = json.dumps(events.envelope(event), separators=(",", ":"), ensure_ascii=False)
        return ServerSentEvent(body, event=event.type, id=event_cursors.write(self.actor, self.place), sep="\n")

    async def _goes_on(self) -> bool:
        """Look whether anything ends the stream, each at its own pace."""
        moment = monotonic()
        if wakes.is_stopping:
            self.over = "The server restarts. Come back with Last-Event-ID."
        elif moment - self.began > PACE.longest:
            self.over = "The hour is over. Come back with Last-Event-ID."
        elif moment - self.renewed > PACE.renew:
            self.renewed = moment
            if not await slots.take(self.key_id, self.id, self.most):
                self.over = "This key has too many streams open."
        elif moment - self.rechecked > PACE.recheck:
            self.rechecked = moment
            self.over = await self._refusal()
        return not self.over

    async def _refusal(self) -> str:
        """Ask again who this is, by the present and not by a test clock."""
        try:
            with clock.shifted(timedelta()):
                async with transaction(Tenancy.everyone()) as session:
                    caller = await api_keys.authenticate(session, self.token, self.actor.ip, self.actor.request_id)
            caller.actor.require(Permission.EVENTS_READ)
        except BackofficeError as error:
            return str(error)
        self.actor = caller.actor
        return ""


async def _wait(wake: asyncio.Event, seconds: float) -> bool:
    """Wait for news or for the next look; answers whether there is news."""
    await asyncio.sleep(PACE.quiet)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await wake.wait()
    return False


class EventStreamResponse(EventSourceResponse):
    """Sends a stream, with a heartbeat, to a client that takes it."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] half of its types are bare
            stream.run(), ping=PACE.heartbeat, ping_message_factory=_heartbeat, send_timeout=PACE.patience, sep="\n"
        )
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until it ends; a client that takes nothing is let go. Its place is free again either way."""
        try:
            with contextlib.suppress(SendTimeoutError):
                await super().__call__(scope, receive, send)
        finally:
            await slots.give_back(self._stream.key_id, self._stream.id)


def _heartbeat() -> ServerSentEvent:
    return ServerSentEvent(comment="", sep="\n")
