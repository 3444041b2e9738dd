"""The partner's audit trail: the URL holds the filters and the open entry; reading a page is an entry, too."""

from dataclasses import replace
from urllib.parse import urlencode

import reflex as rx

from backoffice.clock import present
from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.i18n import N_, gettext
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.services import audit_entries, colleagues, list_filters
from backoffice.services.access import Actor, Permission
from backoffice.services.list_filters import AUDIT_SPANS
from backoffice.state.gate import requires
from backoffice.state.session import signed_in
from backoffice.viewmodels.audit_entries import FAMILIES, PLACE, WHO, AuditRow, AuditView, audit_row, audit_view
from backoffice.viewmodels.documents import Choice, FilterChip
from backoffice.viewmodels.words import spoken

PAGE_SIZE = 50
MOST_ROWS = 250
"""A list resends whole on each change, so it has an end; the export has none."""
MAX_QUERY = 120
LABELS = {
    "who": N_("Who"),
    "what": N_("Action"),
    "result": N_("Result"),
    "since": N_("Since"),
    "from": N_("From"),
    "to": N_("To"),
    "q": N_("Search"),
}
RESULTS = ((N_("Everything"), ""), (N_("Done"), "ok"), (N_("Refused"), "denied"))
SPAN_WORDS = {"24h": N_("Last day"), "7d": N_("Last week"), "30d": N_("Last 30 days")}


class AuditState(rx.State):
    """One tab's trail."""

    rows: rx.Field[list[AuditRow]] = rx.field(default_factory=list)
    chips: rx.Field[list[FilterChip]] = rx.field(default_factory=list)
    results: rx.Field[list[Choice]] = rx.field(default_factory=list)
    people: rx.Field[list[Choice]] = rx.field(default_factory=list)
    families: rx.Field[list[Choice]] = rx.field(default_factory=list)
    spans: rx.Field[list[Choice]] = rx.field(default_factory=list)
    q: str = ""
    days: rx.Field[list[str]] = rx.field(default_factory=lambda: ["", ""])
    """The first and the last day."""
    has_more: bool = False
    opened: AuditView = AuditView()
    link: str = ""
    """The permanent address of the open entry."""
    is_read: bool = False
    _asked: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    _names: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    _next: str = ""

    @rx.event
    @requires(Permission.AUDIT_READ)
    async def open(self) -> None:
        """Read what the URL asks for; opening or closing an entry leaves the list as it is."""
        given = self.router.url.query_parameters
        asked = {name: given[name][:MAX_QUERY] for name in LABELS if given.get(name)}
        actor, entry = await signed_in(self), given.get("entry", "")
        is_read = self.is_read and asked == self._asked and bool(entry or self.opened.id)
        if not is_read:
            self._asked = asked
            await self._read(actor)
        self.opened = await self._open(actor, entry)
        self.link = f"{self.router.url.origin}{audit_url({'entry': self.opened.id})}" if self.opened.id else ""

    @rx.event
    @requires(Permission.AUDIT_READ)
    async def refresh(self) -> None:
        """Read the newest entries."""
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.AUDIT_READ)
    async def more(self) -> None:
        """Add the entries before the last one."""
        if not self._next:
            return
        actor = await signed_in(self)
        self.rows = [*self.rows, *await self._page(actor, self._next)]
        self.has_more = bool(self._next) and len(self.rows) < MOST_ROWS

    @rx.event
    @requires(Permission.AUDIT_READ)
    async def search(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """Put an id into the URL, which reads it."""
        return rx.redirect(audit_url(self._asked | {"q": form.get("q", "").strip()[:MAX_QUERY]}))

    @rx.event
    @requires(Permission.AUDIT_READ)
    async def span(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """Put the days into the URL; a day of its own takes the place of "last week"."""
        days = {name: form.get(name, "")[:MAX_QUERY] for name in ("from", "to")}
        return rx.redirect(audit_url(self._asked | days | {"since": ""}))

    @rx.event
    @requires(Permission.AUDIT_READ)
    async def remove(self, name: str) -> rx.event.EventType[()]:
        """Take one filter off."""
        return rx.redirect(audit_url({key: value for key, value in self._asked.items() if key != name}))

    @rx.event
    @requires(Permission.AUDIT_READ)
    async def clear(self) -> rx.event.EventType[()]:
        """Take every filter off."""
        return rx.redirect(PLACE)

    @rx.event
    @requires(Permission.AUDIT_READ)
    async def show(self, entry_id: str) -> rx.event.EventType[()]:
        """Open an entry beside the list; without an id close it."""
        return rx.redirect(audit_url(self._asked | {"entry": entry_id}))

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            people = await colleagues.people(session, actor) if actor.can(Permission.MEMBERS_READ) else []
        self._names = {public_id(Prefix.MEMBER, one.id): one.name for one in people}
        self.rows = await self._page(actor, "")
        self.has_more, self.is_read = bool(self._next), True
        self._offer()

    async def _page(self, actor: Actor, cursor: str) -> list[AuditRow]:
        by = list_filters.of_audit(self._asked, moment=present())
        async with transaction(actor.tenancy) as session:
            by = replace(by, cursor=cursor or None, limit=PAGE_SIZE)
            page = await audit_entries.page(session, actor, by)
        self._next = page.next_cursor or ""
        return [audit_row(one, audit_entries.object_id(one.entry)) for one in page.rows]

    async def _open(self, actor: Actor, text: str) -> AuditView:
        if not text:
            return AuditView()
        try:
            async with transaction(actor.tenancy) as session:
                shown = await audit_entries.get(session, actor, parse_public_id(Prefix.AUDIT_ENTRY, text))
        except NotFound:
            return AuditView()
        return audit_view(shown, audit_entries.object_id(shown.entry), audit_entries.actor_id(shown))

    def _offer(self) -> None:
        """Write the choices: each is an address that keeps the other filters."""
        asked, names, families, spans = self._asked, spoken(WHO) | self._names, spoken(FAMILIES), spoken(SPAN_WORDS)
        results = {value: gettext(shown) for shown, value in RESULTS}
        words = {"who": names, "what": families, "since": spans, "result": results}
        said = {name: words.get(name, {}).get(value, value) for name, value in asked.items()}
        self.q, self.days = asked.get("q", ""), [asked.get("from", ""), asked.get("to", "")]
        self.chips = [FilterChip(name, gettext(LABELS[name]), said[name]) for name in LABELS if name in asked]
        self.results = [self._choice("result", value, shown) for value, shown in results.items()]
        self.people = [self._choice("who", value, shown) for value, shown in names.items()]
        self.families = [self._choice("what", value, shown) for value, shown in families.items()]
        self.spans = [self._choice("since", value, spans[value]) for value in AUDIT_SPANS]

    def _choice(self, name: str, value: str, words: str) -> Choice:
        more = {"from": "", "to": ""} if name == "since" else {}
        return Choice(words, audit_url(self._asked | more | {name: value}), self._asked.get(name, "") == value)


def audit_url(asked: dict[str, str]) -> str:
    """Write the address of a filtered trail."""
    given = {name: value for name, value in asked.items() if value}
    return f"{PLACE}?{urlencode(given)}" if given else PLACE
