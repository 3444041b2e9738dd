"""The tabs of the list of documents with their counts, and keeping one's own."""

from typing import Literal
from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError
from backoffice.i18n import N_, gettext
from backoffice.models.saved_views import SavedView
from backoffice.services import document_picks, saved_views
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.partner.documents import asked_of, documents_url, filter_of
from backoffice.state.partner.view_counts import topic, view_counts
from backoffice.state.session import signed_in
from backoffice.viewmodels.saved_views import ViewTab

VIEWS = (
    (N_("All"), ""),
    (N_("In progress"), "submitted,processing"),
    (N_("Needs review"), "in_review"),
    (N_("Approved"), "approved"),
    (N_("Rejected"), "rejected"),
    (N_("Resubmission"), "resubmission_requested"),
)
"""What everybody has; each keeps the other filters of the address."""
Places = list[tuple[str, str, dict[str, str]]]
"""Id, name and address of each tab."""


class ViewsState(rx.State):
    """One tab's views."""

    tabs: rx.Field[list[ViewTab]] = rx.field(default_factory=list)
    current: ViewTab = ViewTab("", "")
    """The own view that the address is; its id is empty when it is none."""
    can_keep: bool = False
    """Whether the address narrows the list in a way that no view has yet."""
    asking: str = ""
    """new, rename or delete while its dialog is open."""
    error: str = ""

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def open(self) -> None:
        """Read the views, count their lists, and hear of every change from then on."""
        actor, self.asking, self.error = await signed_in(self), "", ""
        partner_id = actor.require_partner()
        await watch(self, f"partner:{partner_id}", topic(partner_id), on_change=ViewsState.refresh)
        await self._read(actor)

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def refresh(self) -> None:
        """Count again."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def ask(self, what: Literal["new", "rename", "delete", ""]) -> None:
        """Ask for a name, or whether it may go; nothing closes the question."""
        is_own = what not in {"rename", "delete"} or self.current.id != ""
        self.asking, self.error = what if is_own else "", ""

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def confirm(self, form: dict[str, str]) -> rx.event.EventType[()] | None:
        """Do what was asked, and go to the list that it is about."""
        actor, asking, name = await signed_in(self), self.asking, form.get("view-name", "")
        try:
            href = await self._do(actor, asking, name)
        except BackofficeError as error:
            self.error = str(error)
            return None
        self.asking, self.error = "", ""
        await self._read(actor)
        return rx.redirect(href) if href else None

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def move(self, by: Literal[-1, 1]) -> None:
        """Let the current view change places with the one before or after it."""
        actor = await signed_in(self)
        if self.current.id:
            async with transaction(actor.tenancy) as session:
                await saved_views.move(session, actor, UUID(self.current.id), by)
            await self._read(actor)

    async def _do(self, actor: Actor, asking: str, name: str) -> str:
        async with transaction(actor.tenancy) as session:
            if asking == "new":
                return documents_url((await saved_views.keep(session, actor, name, asked_of(self))).filters)
            if asking == "rename" and self.current.id:
                await saved_views.rename(session, actor, UUID(self.current.id), name)
            elif asking == "delete" and self.current.id:
                await saved_views.remove(session, actor, UUID(self.current.id))
                return documents_url({})
        return ""

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            own = await saved_views.mine(session, actor)
        asked = asked_of(self)
        places, here = _places(own, asked), saved_views.kept(asked)
        counts = await view_counts.read(actor, {id_ + name: filter_of(actor, query) for id_, name, query in places})
        is_own = any(row.filters == asked for row in own)
        fresh = [
            ViewTab(
                name,
                documents_url(query),
                document_picks.words(counts[id_ + name]),
                query == asked and bool(id_) == is_own,
                id_,
            )
            for id_, name, query in places
        ]
        if fresh != self.tabs:
            self.tabs = fresh
        self.current = next((one for one in fresh if one.is_current and one.id), ViewTab("", ""))
        self.can_keep = bool(here) and here != {"mode": "test"} and not any(row.filters == here for row in own)


def _places(own: list[SavedView], asked: dict[str, str]) -> Places:
    """Name the tabs: of everybody with the other filters of the address, then one's own as they were kept."""
    others = {name: value for name, value in asked.items() if name != "status"}
    common = [("", gettext(name), others | ({"status": value} if value else {})) for name, value in VIEWS]
    return [*common, *((str(row.id), row.name, dict(row.filters)) for row in own)]
