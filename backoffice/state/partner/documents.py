"""The list of documents: the URL holds the filters, rows change in place, new ones wait behind a pill."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.i18n import N_, gettext
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.documents import DocumentType
from backoffice.services import document_picks, document_tags, documents, list_filters
from backoffice.services.access import Actor, Permission
from backoffice.services.documents import Filter
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.partner.numbers import is_live
from backoffice.state.session import signed_in
from backoffice.viewmodels.documents import (
    Choice,
    DocumentRow,
    FilterChip,
    document_row,
    status_words,
    type_words,
)

PLACE = "/partner/documents"
PAGE_SIZE = 50
MAX_QUERY = 200
NAMES = ("status", "type", "tag", "applicant", "q", "from", "decided", "mode")
"""What the URL may ask for; anything else is left out."""
LABELS = {
    "status": N_("Status"),
    "type": N_("Type"),
    "tag": N_("Tag"),
    "applicant": N_("Applicant"),
    "q": N_("Search"),
    "from": N_("Received from"),
    "decided": N_("Decided from"),
}


class DocumentsState(rx.State):
    """One tab's list."""

    rows: rx.Field[list[DocumentRow]] = rx.field(default_factory=list)
    chips: rx.Field[list[FilterChip]] = rx.field(default_factory=list)
    types: rx.Field[list[Choice]] = rx.field(default_factory=list)
    tags: rx.Field[list[Choice]] = rx.field(default_factory=list)
    nearest: Choice = Choice("", "")
    """Without which filter most documents match, when none does; empty otherwise."""
    q: str = ""
    newer: int = 0
    """How many matching documents arrived since the list was read; 51 stands for more."""
    url: str = PLACE
    """The list as it was read last, without the page."""
    first_url: str = ""
    more_url: str = ""
    read_for: str = "-"
    """The query that the rows answer: under another one they are not shown."""
    _asked: rx.Field[dict[str, str]] = rx.field(default_factory=dict)

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def open(self) -> None:
        """Read what the URL asks for, and hear of every change from then on."""
        self._asked, actor = asked_of(self), await signed_in(self)
        await watch(self, f"partner:{actor.require_partner()}", on_change=DocumentsState.refresh)
        await self._read(actor, self.router.url.query_parameters.get("cursor", ""))

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def refresh(self) -> None:
        """Read the rows on screen again, in their places, and count what came above them."""
        if await has_left(self):
            return
        actor = await signed_in(self)
        shown = [parse_public_id(Prefix.DOCUMENT, row.id) for row in self.rows]
        async with transaction(actor.tenancy) as session:
            rows, tags = await documents.some(session, actor, shown), await document_tags.of_documents(session, shown)
            newest = await documents.page(session, actor, self._filter(actor))
            known = await document_tags.in_use(session, actor, livemode=is_live(self))
        fresh = [document_row(row, tags.get(row.id, ())) for row in rows]
        if fresh != self.rows:
            self.rows = fresh
        self._offer(known)
        top = shown[0] if shown else UUID(int=0)
        on_first_page = "cursor" not in self.router.url.query_parameters
        self.newer = sum(row.id > top for row in newest.rows) if on_first_page else 0

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def show_new(self) -> None:
        """Bring the waiting rows into the list."""
        await self._read(await signed_in(self), "")

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def search(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """Put the search into the URL, which reads it."""
        return rx.redirect(documents_url(self._asked | {"q": form.get("q", "").strip()[:MAX_QUERY]}))

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def remove(self, name: str) -> rx.event.EventType[()]:
        """Take one filter off."""
        return rx.redirect(documents_url({key: value for key, value in self._asked.items() if key != name}))

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def clear(self) -> rx.event.EventType[()]:
        """Take every filter off, but stay with live or test data."""
        return rx.redirect(documents_url({key: value for key, value in self._asked.items() if key == "mode"}))

    async def _read(self, actor: Actor, cursor: str) -> None:
        async with transaction(actor.tenancy) as session:
            page = await documents.page(session, actor, self._filter(actor, cursor))
            tags = await document_tags.of_documents(session, [row.id for row in page.rows])
            known = await document_tags.in_use(session, actor, livemode=is_live(self))
        asked = self._asked
        self.rows = [document_row(row, tags.get(row.id, ())) for row in page.rows]
        self._offer(known)
        self.chips = [
            FilterChip(name, gettext(words), _shown(name, asked[name]))
            for name, words in LABELS.items()
            if name in asked
        ]
        self.types = [
            Choice(type_words(one), documents_url(asked | {"type": one}), asked.get("type") == one)
            for one in DocumentType
        ]
        self.nearest = Choice("", "") if page.rows else await self._nearest(actor)
        self.q = asked.get("q", "")
        self.newer = 0
        self.url = documents_url(asked)
        self.first_url = self.url if cursor else ""
        self.more_url = documents_url(asked | {"cursor": page.next_cursor}) if page.next_cursor else ""
        self.read_for = self.router.url.query

    async def _nearest(self, actor: Actor) -> Choice:
        """Find the filter that keeps most away."""
        without = {
            one.name: {key: value for key, value in self._asked.items() if key != one.name} for one in self.chips
        }
        async with transaction(actor.tenancy) as session:
            lists = {name: filter_of(actor, asked) for name, asked in without.items()}
            found = await document_picks.counts(session, actor, lists)
        best = max(self.chips, key=lambda one: found[one.name], default=None)
        if best is None or not found[best.name]:
            return Choice("", "")
        said = {"count": document_picks.words(found[best.name]), "filter": best.label, "value": best.value}
        return Choice(gettext("{count} match without {filter}: {value}", **said), documents_url(without[best.name]))

    def _offer(self, known: list[str]) -> None:
        """Offer the tags that there are."""
        asked = self._asked
        tags = [Choice(one, documents_url(asked | {"tag": one}), asked.get("tag") == one) for one in known]
        if tags != self.tags:
            self.tags = tags

    def _filter(self, actor: Actor, cursor: str = "") -> Filter:
        return replace(filter_of(actor, self._asked), cursor=cursor or None, limit=PAGE_SIZE)


def asked_of(state: rx.State) -> dict[str, str]:
    """Read what the URL asks for."""
    given = state.router.url.query_parameters
    return {name: given[name][:MAX_QUERY] for name in NAMES if given.get(name)}


def filter_of(actor: Actor, asked: Mapping[str, str]) -> Filter:
    """Say what the URL asks for in the words of the service."""
    livemode = asked.get("mode") != "test" if not actor.is_staff else None
    return list_filters.of_documents(asked, livemode=livemode)


def documents_url(asked: dict[str, str]) -> str:
    """Write the address of a filtered list."""
    given = {name: value for name, value in asked.items() if value}
    return f"{PLACE}?{urlencode(given)}" if given else PLACE


def _shown(name: str, value: str) -> str:
    if name == "status":
        return ", ".join(status_words(one) for one in list_filters.statuses(value)) or value
    return type_words(value) if name == "type" and value in set(DocumentType) else value
