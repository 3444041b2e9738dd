"""What is selected in the list of documents: rows of the page, or everything that the list holds."""

from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.i18n import gettext, number
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.bulk_actions import MOST_DOCUMENTS
from backoffice.services import document_picks
from backoffice.services.access import Permission
from backoffice.state.gate import requires
from backoffice.state.notices import notice
from backoffice.state.partner.documents import DocumentsState, asked_of, filter_of
from backoffice.state.session import signed_in


class SelectionState(rx.State):
    """The documents of one tab that are selected; ticking a row goes back to the page."""

    selected: rx.Field[list[str]] = rx.field(default_factory=list)
    amount: int = 0
    """How many; more than rows are ticked when everything that matches is selected."""
    is_whole: bool = False
    """Whether it is everything that matches, as it was when it was selected."""
    matching: str = ""
    """How many the list holds, such as 213 or 999+; empty when the page holds them all."""
    _keys: rx.Field[list[UUID]] = rx.field(default_factory=list)

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def open(self) -> None:
        """Begin with nothing: another list has other rows."""
        self._put([])

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def tick(self, document_id: str) -> None:
        """Select a row that is on the screen, or let go of it."""
        rows = (await self.get_state(DocumentsState)).rows
        if document_id in self.selected:
            self._put([one for one in self.selected if one != document_id])
        elif any(row.id == document_id for row in rows):
            first = not self.selected
            self._put([*self.selected, document_id])
            if first:
                await self._count()

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def tick_page(self) -> None:
        """Select every row of the page, or none when all are."""
        rows = (await self.get_state(DocumentsState)).rows
        is_all = len(self.selected) == len(rows) and not self.is_whole
        self._put([] if is_all else [row.id for row in rows])
        if self.selected:
            await self._count()

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def select_none(self) -> None:
        """Let go of everything."""
        self._put([])

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def select_matching(self) -> rx.event.EventSpec | None:
        """Select every document that the list holds now, also beyond the page."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            by = filter_of(actor, asked_of(self))
            keys = await document_picks.keys(session, actor, by, limit=MOST_DOCUMENTS + 1)
        self.selected = [row.id for row in (await self.get_state(DocumentsState)).rows]
        self._keys, self.is_whole = keys[:MOST_DOCUMENTS], True
        self.amount = len(self._keys)
        most = number(MOST_DOCUMENTS)
        words = gettext("The newest {count} are selected: more cannot be changed at once.", count=most)
        return notice(words, "info") if len(keys) > MOST_DOCUMENTS else None

    def _put(self, selected: list[str]) -> None:
        self.selected, self.amount, self.is_whole, self._keys = selected, len(selected), False, []

    async def _count(self) -> None:
        """Say how many the list holds beside what its page shows."""
        list_ = await self.get_state(DocumentsState)
        self.matching = ""
        if list_.first_url or list_.more_url:
            actor = await signed_in(self)
            async with transaction(actor.tenancy) as session:
                found = await document_picks.counts(session, actor, {"all": filter_of(actor, asked_of(self))})
            self.matching = document_picks.words(found["all"])


async def picked(state: rx.State) -> list[UUID]:
    """Answer what is selected, newest first where it is everything that matches."""
    selection = await state.get_state(SelectionState)
    if selection.is_whole:
        return list(selection._keys)  # noqa: SLF001 kept from the browser, not from its module
    return [parse_public_id(Prefix.DOCUMENT, one) for one in selection.selected]
