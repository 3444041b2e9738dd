"""The stream of events: the URL holds the filters and the open event, what is new waits behind a pill."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import Invalid, NotFound
from backoffice.i18n import N_, gettext
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.events import Event
from backoffice.services import deliveries, event_lists, event_types, list_filters
from backoffice.services.access import Actor, Permission
from backoffice.services.audiences import with_permissions
from backoffice.services.event_lists import Filter
from backoffice.services.events import SUBJECT_PREFIX
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import notice
from backoffice.state.partner.numbers import is_live
from backoffice.state.session import signed_in
from backoffice.viewmodels.documents import Choice, FilterChip
from backoffice.viewmodels.event_lists import (
    FAMILY_WORDS,
    EventLine,
    EventView,
    event_line,
    event_view,
    events_url,
    silence,
    told_line,
    untold_line,
)

PAGE_SIZE = 50
MAX_QUERY = 80
LABELS = {"type": N_("Type"), "subject": N_("About"), "since": N_("Since")}
NAMES = (*LABELS, "mode")
"""What the URL may ask for; anything else is left out."""
SPAN_WORDS = {"1h": N_("Last hour"), "24h": N_("Last day"), "7d": N_("Last week"), "30d": N_("Last 30 days")}


class EventsState(rx.State):
    """One tab's stream."""

    rows: rx.Field[list[EventLine]] = rx.field(default_factory=list)
    chips: rx.Field[list[FilterChip]] = rx.field(default_factory=list)
    families: rx.Field[list[Choice]] = rx.field(default_factory=list)
    types: rx.Field[list[Choice]] = rx.field(default_factory=list)
    spans: rx.Field[list[Choice]] = rx.field(default_factory=list)
    newer: int = 0
    """How many matching events were told since the list was read; 51 stands for more."""
    mode_url: str = ""
    """The same list of the other mode."""
    first_url: str = ""
    more_url: str = ""
    opened: EventView = EventView()
    status: str = "loading"
    """loading, ready or failed."""
    _asked: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    _cursor: str = ""
    _top: str = str(UUID(int=0))
    """The newest event that was looked at when the list was read: nothing below it is new."""

    @rx.event
    @requires(Permission.EVENTS_READ)
    async def open(self) -> rx.event.EventType[()] | None:
        """Read what the URL asks for, and hear of every event from then on; opening one leaves the list as it is."""
        given = self.router.url.query_parameters
        asked = {name: given[name][:MAX_QUERY] for name in NAMES if given.get(name)}
        actor, line, cursor = await signed_in(self), given.get("event", "")[:MAX_QUERY], given.get("cursor", "")
        await watch(self, f"partner:{actor.require_partner()}", on_change=EventsState.refresh)
        is_read = self.status == "ready" and (asked, cursor) == (self._asked, self._cursor)
        if is_read and (line or self.opened.id):
            await self._look_again(actor)
        else:
            self._asked, self._cursor = asked, cursor
            await self._read(actor)
        self.opened = await self._open(actor, line)
        if not self.opened.missing or not await self._is_elsewhere(actor, line):
            return None
        self.opened = EventView()
        return rx.redirect(events_url(self._elsewhere() | {"event": line}), replace=True)

    @rx.event
    @requires(Permission.EVENTS_READ)
    async def refresh(self) -> None:
        """Say what became of the events on screen, in their places, and count what was told since."""
        if await has_left(self) or self.status != "ready":
            return
        actor = await signed_in(self)
        await self._look_again(actor)
        if self.opened.id:
            self.opened = await self._open(actor, self.opened.id)

    @rx.event
    @requires(Permission.EVENTS_READ)
    async def show_new(self) -> None:
        """Bring the waiting events into the list."""
        self._cursor = ""
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.EVENTS_READ)
    async def search(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """Put what was typed into the URL: an event opens, a subject or a type narrows."""
        text = form.get("q", "").strip()[:MAX_QUERY]
        if text.startswith(f"{Prefix.EVENT}_"):
            return rx.redirect(events_url(self._asked | {"event": text}))
        is_subject = any(text.startswith(f"{prefix}_") for prefix in SUBJECT_PREFIX.values())
        return rx.redirect(events_url(self._asked | {"subject" if is_subject else "type": text}))

    @rx.event
    @requires(Permission.EVENTS_READ)
    async def remove(self, name: str) -> rx.event.EventType[()]:
        """Take one filter off."""
        return rx.redirect(events_url({key: value for key, value in self._asked.items() if key != name}))

    @rx.event
    @requires(Permission.EVENTS_READ)
    async def clear(self) -> rx.event.EventType[()]:
        """Take every filter off, but stay with live or test data."""
        return rx.redirect(events_url({key: value for key, value in self._asked.items() if key == "mode"}))

    @rx.event
    @requires(Permission.EVENTS_READ)
    async def show(self, event_id: str) -> rx.event.EventType[()]:
        """Open an event beside the list; without an id close it."""
        return rx.redirect(events_url(self._asked | {"cursor": self._cursor, "event": event_id}))

    @rx.event
    @requires(Permission.WEBHOOKS_WRITE)
    async def resend(self, delivery_id: str) -> rx.event.EventSpec:
        """Send the open event to one endpoint again, now."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await deliveries.resend(session, actor, parse_public_id(Prefix.DELIVERY, delivery_id))
        self.opened = await self._open(actor, self.opened.id)
        return notice(gettext("It is sent again now."))

    async def _read(self, actor: Actor) -> None:
        asked, cursor = self._asked, self._cursor
        try:
            async with transaction(actor.tenancy) as session:
                top = await event_lists.newest(session, actor, self._filter())
                page = await event_lists.page(session, actor, replace(self._filter(), cursor=cursor or None))
        except Invalid:
            self.status = "failed"
            return
        self._top = str(max([top, *(row.id for row in page.rows[:1])]))
        self.rows = await self._lines(actor, page.rows)
        self.newer = 0
        self.first_url = events_url(asked) if cursor else ""
        self.more_url = events_url(asked | {"cursor": page.next_cursor}) if page.next_cursor else ""
        self.status = "ready"
        self._offer()

    async def _lines(self, actor: Actor, rows: Sequence[Event]) -> list[EventLine]:
        if not actor.can(Permission.WEBHOOKS_READ):
            return [event_line(row, None) for row in rows]
        async with transaction(actor.tenancy) as session:
            owed = await deliveries.states_of(session, actor, [row.id for row in rows])
        return [event_line(row, owed.get(row.id, ())) for row in rows]

    async def _look_again(self, actor: Actor) -> None:
        shown = [parse_public_id(Prefix.EVENT, row.event.id) for row in self.rows]
        async with transaction(actor.tenancy) as session:
            rows = await event_lists.some(session, actor, shown)
            top = UUID(self._top)
            newer = await event_lists.newer(session, actor, self._filter(), top) if not self._cursor else 0
        fresh = await self._lines(actor, rows)
        if fresh != self.rows:
            self.rows = fresh
        self.newer = newer

    async def _open(self, actor: Actor, text: str) -> EventView:
        if not text:
            return EventView()
        try:
            async with transaction(actor.tenancy) as session:
                key = parse_public_id(Prefix.EVENT, text)
                event = await event_lists.get(session, actor, key, livemode=is_live(self))
                telling = await event_lists.told(session, actor, event)
        except NotFound:
            return EventView(missing=text)
        sentence, asked = event_types.BY_NAME[event.type].sentence, self._asked | {"cursor": self._cursor}
        near = telling.before, telling.after
        body, lacks = event_lists.payload(actor, event)
        withheld = with_permissions(lacks).missing(actor) if lacks else ""
        view = replace(event_view(event, body, sentence, near=near, asked=asked), withheld=withheld)
        told = [told_line(one.delivery, one.endpoint) for one in telling.entries]
        untold = [untold_line(one, event) for one in telling.others]
        quiet = silence(told, untold) if telling.may_know else ""
        return replace(view, may_know=telling.may_know, told=told, untold=untold, silence=quiet)

    async def _is_elsewhere(self, actor: Actor, text: str) -> bool:
        """Whether the other mode has this event: who pastes an id need not know which it is of."""
        try:
            async with transaction(actor.tenancy) as session:
                key = parse_public_id(Prefix.EVENT, text)
                await event_lists.get(session, actor, key, livemode=not is_live(self))
        except NotFound:
            return False
        return True

    def _elsewhere(self) -> dict[str, str]:
        """Ask the same of the other mode; a subject is of one."""
        other = {"mode": "test"} if is_live(self) else {}
        return {name: value for name, value in self._asked.items() if name in {"type", "since"}} | other

    def _offer(self) -> None:
        """Write the choices: each is an address that keeps the other filters."""
        asked = self._asked
        self.chips = [FilterChip(one, gettext(LABELS[one]), _shown(one, asked[one])) for one in LABELS if one in asked]
        families = {"": N_("All")} | {f"{family}.*": words for family, words in FAMILY_WORDS.items()}
        self.families = [self._choice("type", value, gettext(words)) for value, words in families.items()]
        self.types = [self._choice("type", name, name) for name in event_types.NAMES]
        self.spans = [self._choice("since", value, gettext(words)) for value, words in SPAN_WORDS.items()]
        self.mode_url = events_url(self._elsewhere())

    def _choice(self, name: str, value: str, words: str) -> Choice:
        return Choice(words, events_url(self._asked | {name: value}), self._asked.get(name, "") == value)

    def _filter(self) -> Filter:
        return replace(list_filters.of_events(self._asked, livemode=is_live(self)), limit=PAGE_SIZE)


def _shown(name: str, value: str) -> str:
    known = {"since": SPAN_WORDS.get(value), "type": FAMILY_WORDS.get(value.removesuffix(event_types.WILDCARD))}
    words = known.get(name)
    return gettext(words) if words else value
