"""The log of API requests: the URL holds the filters and the open line, more is loaded on demand, up to a bound."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.i18n import N_, gettext, pgettext
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.usage import ApiRequest
from backoffice.services import api_keys, api_requests, list_filters
from backoffice.services.access import Actor, Permission
from backoffice.services.api_requests import Filter
from backoffice.services.list_filters import METHODS
from backoffice.services.pages import MAX_LIMIT
from backoffice.state.gate import requires
from backoffice.state.partner.numbers import is_live
from backoffice.state.session import signed_in
from backoffice.viewmodels.api_requests import PLACE, RequestRow, RequestView, request_row, request_view
from backoffice.viewmodels.documents import Choice, FilterChip

PAGE_SIZE = 50
MOST_ROWS = 250
"""A list resends whole on each change, so it has an end; filters lead further back."""
MAX_QUERY = 120
LABELS = {"status": N_("Status"), "method": N_("Method"), "key": N_("Key"), "since": N_("Since"), "q": N_("Search")}
NAMES = (*LABELS, "mode")
"""What the URL may ask for; anything else is left out."""
SPAN_WORDS = {"1h": N_("Last hour"), "24h": N_("Last day"), "7d": N_("Last week")}


class RequestsState(rx.State):
    """One tab's log."""

    rows: rx.Field[list[RequestRow]] = rx.field(default_factory=list)
    chips: rx.Field[list[FilterChip]] = rx.field(default_factory=list)
    views: rx.Field[list[Choice]] = rx.field(default_factory=list)
    methods: rx.Field[list[Choice]] = rx.field(default_factory=list)
    spans: rx.Field[list[Choice]] = rx.field(default_factory=list)
    keys: rx.Field[list[Choice]] = rx.field(default_factory=list)
    q: str = ""
    mode_url: str = ""
    """The same log of the other mode."""
    has_more: bool = False
    opened: RequestView = RequestView()
    is_read: bool = False
    _asked: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    _names: rx.Field[dict[UUID, str]] = rx.field(default_factory=dict)
    _next: str = ""

    @rx.event
    @requires(Permission.REQUESTS_READ)
    async def open(self) -> None:
        """Read what the URL asks for; opening or closing a line leaves the list as it is."""
        given = self.router.url.query_parameters
        asked = {name: given[name][:MAX_QUERY] for name in NAMES if given.get(name)}
        actor, line = await signed_in(self), given.get("request", "")
        is_read = self.is_read and asked == self._asked and bool(line or self.opened.id)
        if not is_read:
            self._asked = asked
            await self._read(actor)
        self.opened = await self._open(actor, line)

    @rx.event
    @requires(Permission.REQUESTS_READ)
    async def refresh(self) -> None:
        """Read the newest lines."""
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.REQUESTS_READ)
    async def more(self) -> None:
        """Add the lines before the last one."""
        if not self._next:
            return
        actor = await signed_in(self)
        self.rows = [*self.rows, *await self._page(actor, self._next)]
        self.has_more = bool(self._next) and len(self.rows) < MOST_ROWS

    @rx.event
    @requires(Permission.REQUESTS_READ)
    async def search(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """Put the search into the URL, which reads it."""
        return rx.redirect(requests_url(self._asked | {"q": form.get("q", "").strip()[:MAX_QUERY]}))

    @rx.event
    @requires(Permission.REQUESTS_READ)
    async def remove(self, name: str) -> rx.event.EventType[()]:
        """Take one filter off."""
        return rx.redirect(requests_url({key: value for key, value in self._asked.items() if key != name}))

    @rx.event
    @requires(Permission.REQUESTS_READ)
    async def clear(self) -> rx.event.EventType[()]:
        """Take every filter off, but stay with live or test data."""
        return rx.redirect(requests_url({key: value for key, value in self._asked.items() if key == "mode"}))

    @rx.event
    @requires(Permission.REQUESTS_READ)
    async def show(self, row_id: str) -> rx.event.EventType[()]:
        """Open a line beside the list; without an id close it."""
        return rx.redirect(requests_url(self._asked | {"request": row_id}))

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            keys = (await api_keys.page(session, actor, livemode=is_live(self), limit=MAX_LIMIT)).rows
        self._names = {key.id: key.name for key in keys}
        self._offer()
        self.rows = await self._page(actor, "")
        self.has_more, self.is_read = bool(self._next), True

    async def _page(self, actor: Actor, cursor: str) -> list[RequestRow]:
        async with transaction(actor.tenancy) as session:
            page = await api_requests.page(session, actor, self._filter(cursor))
        await self._name(actor, page.rows)
        self._next = page.next_cursor or ""
        return [request_row(row, self._names) for row in page.rows]

    async def _open(self, actor: Actor, text: str) -> RequestView:
        if not text:
            return RequestView()
        try:
            async with transaction(actor.tenancy) as session:
                row = await api_requests.get(session, actor, parse_public_id(Prefix.API_REQUEST, text))
        except NotFound:
            return RequestView()
        await self._name(actor, [row])
        return request_view(row, self._names)

    async def _name(self, actor: Actor, rows: Sequence[ApiRequest]) -> None:
        """Name the keys that the filter does not offer: those that were lent, and the oldest of very many."""
        strange = {row.key_id for row in rows} - self._names.keys()
        if strange:
            async with transaction(actor.tenancy) as session:
                self._names = self._names | await api_keys.names_of(session, actor, strange)

    def _offer(self) -> None:
        """Write the choices: each is an address that keeps the other filters."""
        asked = self._asked
        names = {public_id(Prefix.API_KEY, key_id): name for key_id, name in self._names.items()}
        spans = {value: gettext(words) for value, words in SPAN_WORDS.items()}
        words = spans | names
        self.q = asked.get("q", "")
        said = {one: words.get(asked[one], asked[one]) for one in LABELS if one in asked}
        self.chips = [FilterChip(one, gettext(LABELS[one]), value) for one, value in said.items()]
        self.views = [self._choice("status", value, shown) for value, shown in _statuses().items()]
        self.methods = [self._choice("method", method, method) for method in METHODS]
        self.spans = [self._choice("since", value, shown) for value, shown in spans.items()]
        self.keys = [self._choice("key", value, shown) for value, shown in names.items()]
        self.mode_url = requests_url({} if asked.get("mode") == "test" else {"mode": "test"})

    def _choice(self, name: str, value: str, words: str) -> Choice:
        return Choice(words, requests_url(self._asked | {name: value}), self._asked.get(name, "") == value)

    def _filter(self, cursor: str) -> Filter:
        asked = list_filters.of_api_requests(self._asked, livemode=is_live(self), moment=now())
        return replace(asked, cursor=cursor or None, limit=PAGE_SIZE)


def requests_url(asked: dict[str, str]) -> str:
    """Write the address of a filtered log."""
    given = {name: value for name, value in asked.items() if value}
    return f"{PLACE}?{urlencode(given)}" if given else PLACE


def _statuses() -> dict[str, str]:
    return {
        "": gettext("All"),
        "2xx": pgettext("requests", "Answered"),
        "4xx": pgettext("requests", "Refused"),
        "5xx": pgettext("requests", "Failed"),
    }
