"""The list of usage records: the address holds its filters, and what a line of an invoice counts is one of them."""

from dataclasses import replace
from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import NotAllowed, NotFound
from backoffice.i18n import N_, gettext
from backoffice.models.usage_records import KIND_WORDS
from backoffice.services import usage_lists, usage_records, usage_reports
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.session import signed_in
from backoffice.viewmodels.documents import Choice, FilterChip
from backoffice.viewmodels.usage import RecordRow, record_row, records_url
from backoffice.viewmodels.words import plain, spoken

PAGE_SIZE = 50
MOST_ROWS = 250
MAX_VALUE = 60
LABELS = {
    "kind": N_("What"), "type": N_("Document"), "key": N_("Key"), "month": N_("Month"), "day": N_("Day"),
    "invoice": N_("Invoice"), "line": N_("Line"),
}  # fmt: skip


class UsageRecordsState(rx.State):
    """One tab's list of records."""

    rows: rx.Field[list[RecordRow]] = rx.field(default_factory=list)
    chips: rx.Field[list[FilterChip]] = rx.field(default_factory=list)
    kinds: rx.Field[list[Choice]] = rx.field(default_factory=list)
    has_more: bool = False
    is_missing: bool = False
    """Whether the address names an invoice or a line that is not there for this viewer."""
    is_loaded: bool = False
    _asked: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    _names: rx.Field[dict[UUID, str]] = rx.field(default_factory=dict)
    _next: str = ""

    @rx.event
    @requires(Permission.USAGE_READ)
    async def open(self) -> None:
        """Read what the address asks for."""
        given = self.router.url.query_parameters
        self._asked = {name: given[name][:MAX_VALUE] for name in LABELS if given.get(name)}
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            self._names = await usage_reports.key_names(session, actor)
        self.rows = await self._page(actor, "")
        self.chips = [
            FilterChip(name, gettext(LABELS[name]), _said(name, value)) for name, value in self._asked.items()
        ]
        choices = [("", gettext("Everything")), *spoken(KIND_WORDS).items()]
        self.kinds = [
            Choice(words, records_url(**self._asked | {"kind": kind}), self._asked.get("kind", "") == kind)
            for kind, words in choices
        ]
        self.is_loaded = True

    @rx.event
    @requires(Permission.USAGE_READ)
    async def more(self) -> None:
        """Add the records before the last one."""
        self.rows = [*self.rows, *await self._page(await signed_in(self), self._next)]

    @rx.event
    @requires(Permission.USAGE_READ)
    async def remove(self, name: str) -> rx.event.EventType[()]:
        """Take one filter off; a line belongs to its invoice."""
        gone = {"invoice", "line"} if name in {"invoice", "line"} else {name}
        return rx.redirect(records_url(**{key: value for key, value in self._asked.items() if key not in gone}))

    @rx.event
    @requires(Permission.USAGE_READ)
    async def clear(self) -> rx.event.EventType[()]:
        """Take every filter off."""
        return rx.redirect(records_url())

    async def _page(self, actor: Actor, cursor: str) -> list[RecordRow]:
        try:
            async with transaction(actor.tenancy) as session:
                by = await usage_lists.asked_for(session, actor, self._asked)
                page = await usage_records.page(session, actor, replace(by, cursor=cursor or None, limit=PAGE_SIZE))
        except (NotFound, NotAllowed):
            self.is_missing, self.has_more = True, False
            return []
        self.is_missing, self._next = False, page.next_cursor or ""
        self.has_more = page.has_more and len(self.rows) + len(page.rows) < MOST_ROWS
        return [record_row(row, self._names) for row in page.rows]


def _said(name: str, value: str) -> str:
    if name in {"kind", "type"}:
        return plain(value)
    return f"…{value[-6:]}" if name in {"key", "invoice"} else value
