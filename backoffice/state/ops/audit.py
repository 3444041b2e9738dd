"""The trail of every workspace: the URL holds the filters and the open entry; reading a page is an entry, too."""

from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlencode
from uuid import UUID

import reflex as rx

from backoffice.clock import present
from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.models.audit_log import Place
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.services import audit_checks, audit_entries, list_filters, partners
from backoffice.services.access import Actor, Permission
from backoffice.services.list_filters import AUDIT_SPANS
from backoffice.state.gate import requires
from backoffice.state.session import signed_in
from backoffice.viewmodels.audit_entries import FAMILIES, AuditView, audit_view
from backoffice.viewmodels.audit_log import LogRow, log_row
from backoffice.viewmodels.documents import Choice, FilterChip

PLACE = "/ops/audit"
PAGE_SIZE = 50
MOST_ROWS = 250
"""A list resends whole on each change, so it has an end; the export has none."""
MAX_QUERY = 120
LABELS = {
    "partner": "Workspace",
    "who": "Actor",
    "what": "Action",
    "result": "Result",
    "since": "Since",
    "from": "From",
    "to": "To",
    "q": "Search",
}
WHO = {"member": "People", "api_key": "API keys", "system": "By itself"}
MENUS = ("partner", "who", "what", "since", "result")
RESULTS = {"": "Everything", "ok": "Done", "denied": "Refused", "failed": "Failed"}
SPANS = {"24h": "Last day", "7d": "Last week", "30d": "Last 30 days"}


class LogState(rx.State):
    """One tab's trail of everybody."""

    rows: rx.Field[list[LogRow]] = rx.field(default_factory=list)
    chips: rx.Field[list[FilterChip]] = rx.field(default_factory=list)
    menus: rx.Field[dict[str, list[Choice]]] = rx.field(default_factory=lambda: {name: [] for name in MENUS})
    asked: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    """The filters of the URL, as the form of days and the export repeat them."""
    query: str = ""
    has_more: bool = False
    opened: AuditView = AuditView()
    workspace: str = ""
    link: str = ""
    sealed: str = ""
    """Where the open entry stands in the sealed log, and that it is as it was sealed."""
    is_broken: bool = False
    is_read: bool = False
    _names: rx.Field[dict[UUID, str]] = rx.field(default_factory=dict)
    _next: str = ""

    @rx.event
    @requires(Permission.AUDIT_READ)
    async def open(self) -> None:
        """Read what the URL asks for; opening or closing an entry leaves the list as it is."""
        given = self.router.url.query_parameters
        asked = {name: given[name][:MAX_QUERY] for name in LABELS if given.get(name)}
        actor, entry = await signed_in(self), self._entry_asked()
        if not self.is_read or asked != self.asked or not (entry or self.opened.id):
            self.asked = asked
            await self._read(actor)
        await self._open(actor, entry)

    @rx.event
    @requires(Permission.AUDIT_READ)
    async def refresh(self) -> None:
        """Read the newest entries."""
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.AUDIT_READ)
    async def more(self) -> None:
        """Add the entries before the last one."""
        if self._next:
            self.rows = [*self.rows, *await self._page(await signed_in(self), self._next)]
            self.has_more = bool(self._next) and len(self.rows) < MOST_ROWS

    @rx.event
    @requires(Permission.AUDIT_READ)
    async def narrow(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """Put what was typed into the URL, which reads it: an id or an address, or the days."""
        typed = {name: form[name].strip()[:MAX_QUERY] for name in ("q", "from", "to") if name in form}
        return rx.redirect(log_url(self.asked | typed))

    @rx.event
    @requires(Permission.AUDIT_READ)
    async def remove(self, name: str) -> rx.event.EventType[()]:
        """Take one filter off."""
        return rx.redirect(log_url({key: value for key, value in self.asked.items() if key != name}))

    @rx.event
    @requires(Permission.AUDIT_READ)
    async def clear(self) -> rx.event.EventType[()]:
        """Take every filter off."""
        return rx.redirect(PLACE)

    @rx.event
    @requires(Permission.AUDIT_READ)
    async def close(self) -> rx.event.EventType[()]:
        """Close the open entry."""
        return rx.redirect(log_url(self.asked))

    def _entry_asked(self) -> str:
        last = unquote(self.router.url.path).rstrip("/").rpartition("/")[2]
        return last if last.startswith(f"{Prefix.AUDIT_ENTRY}_") else ""

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            self._names = dict(await partners.names(session, actor))
        self.rows = await self._page(actor, "")
        self.has_more, self.is_read = bool(self._next), True
        self._offer()

    async def _page(self, actor: Actor, cursor: str) -> list[LogRow]:
        by = replace(list_filters.of_audit(self.asked, moment=present()), cursor=cursor or None, limit=PAGE_SIZE)
        async with transaction(actor.tenancy) as session:
            page = await audit_entries.page(session, actor, by)
        self._next = page.next_cursor or ""
        return [
            log_row(one, audit_entries.object_id(one.entry), self._names, self._href(one.entry.id)) for one in page.rows
        ]

    def _href(self, entry_id: UUID) -> str:
        return log_url(self.asked, public_id(Prefix.AUDIT_ENTRY, entry_id))

    async def _open(self, actor: Actor, text: str) -> None:
        self.opened, self.sealed, self.is_broken, self.workspace, self.link = AuditView(), "", False, "", ""
        try:
            key = parse_public_id(Prefix.AUDIT_ENTRY, text)
            async with transaction(actor.tenancy) as session:
                shown = await audit_entries.get(session, actor, key)
                place = await audit_checks.place(session, actor, shown.entry)
        except NotFound:
            return
        self.opened = audit_view(shown, audit_entries.object_id(shown.entry), audit_entries.actor_id(shown))
        partner_id = shown.entry.partner_id
        self.workspace = self._names.get(partner_id, "") if partner_id else "The provider"
        self.link = f"{self.router.url.origin}{log_url({}, text)}"
        self.sealed, self.is_broken = _sealed(place)

    def _offer(self) -> None:
        """Write the choices: each is an address that keeps the other filters."""
        asked, names = self.asked, {public_id(Prefix.PARTNER, key): name for key, name in self._names.items()}
        words: dict[str, dict[str, str]] = {
            "partner": names,
            "who": WHO,
            "what": dict(FAMILIES),
            "since": {name: SPANS[name] for name in AUDIT_SPANS},
            "result": RESULTS,
        }
        said = {name: words.get(name, {}).get(value, value) for name, value in asked.items()}
        self.query = f"?{urlencode({name: asked.get(name, '') for name in ('from', 'to')})}"
        self.chips = [FilterChip(name, LABELS[name], said[name]) for name in LABELS if name in asked]
        self.menus = {name: self._choices(name, choices) for name, choices in words.items()}

    def _choices(self, name: str, choices: dict[str, str]) -> list[Choice]:
        more: dict[str, Any] = {"from": "", "to": ""} if name == "since" else {}
        now = self.asked.get(name, "")
        return [
            Choice(said, log_url(self.asked | more | {name: value}), now == value) for value, said in choices.items()
        ]


def _sealed(place: Place | None) -> tuple[str, bool]:
    if place is None:
        return "Waits for the seal", False
    if place.is_as_sealed:
        return f"Entry {place.number:,} of the log, as it was sealed", False
    return f"Entry {place.number:,} of the log was altered after it was sealed", True


def log_url(asked: dict[str, str], entry: str = "") -> str:
    """Write the address of a filtered trail, or of one entry in it."""
    given = {name: value for name, value in asked.items() if value}
    place = f"{PLACE}/{entry}" if entry else PLACE
    return f"{place}?{urlencode(given)}" if given else place
