"""Second looks: what waits, what one has judged, and for leads every disagreement and the percentages."""

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, Invalid
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.samples import Cause
from backoffice.services import reasons, sample_desks, sample_settings, samples
from backoffice.services.access import Actor, Permission
from backoffice.services.sample_desks import View
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import alarm, notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.samples import (
    LookRow,
    SampleTab,
    SharesView,
    look_row,
    sample_tabs,
    shares_view,
    waiting_words,
)

PLACE = "/review/samples"
NOTHING = "Nothing waits for you now. New samples appear by themselves."


class SamplesState(rx.State):
    """One tab's list of second looks."""

    rows: rx.Field[list[LookRow]] = rx.field(default_factory=list)
    tabs: rx.Field[list[SampleTab]] = rx.field(default_factory=list)
    view: str = View.MINE
    waiting: int = 0
    waiting_words: str = ""
    shares: SharesView = SharesView()
    more_url: str = ""
    is_lead: bool = False
    is_editing: bool = False
    is_loaded: bool = False

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def open(self) -> None:
        """Read what the URL asks for, and hear of every change from then on."""
        actor, asked = await signed_in(self), self.router.url.query_parameters.get("view", "")
        self.is_lead, self.is_editing = actor.can(Permission.QUEUE_MANAGE), False
        self.view = asked if asked in set(View) and self.is_lead else View.MINE
        await watch(self, samples.TOPIC, on_change=SamplesState.refresh)
        await self._read(actor)

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def refresh(self) -> None:
        """Read again: something was drawn, taken or judged."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def take(self) -> rx.event.EventSpec:
        """Take the sample that waits longest."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            sample = await samples.take(session, actor)
        return rx.redirect(f"{PLACE}/{public_id(Prefix.SAMPLE, sample.id)}") if sample else notice(NOTHING, "info")

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def mark(self, sample_id: str, cause: Cause) -> None:
        """Say why two people differed."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await samples.mark(session, actor, parse_public_id(Prefix.SAMPLE, sample_id), Cause(cause))
        await self._read(actor)

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def edit(self) -> None:
        """Show the percentages to change."""
        self.is_editing = True

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def close(self) -> None:
        """Leave the percentages as they are."""
        self.is_editing = False

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def save(self, form: dict[str, str]) -> rx.event.EventSpec:
        """Change the percentages."""
        actor = await signed_in(self)
        try:
            async with transaction(actor.tenancy) as session:
                row = await sample_settings.change(session, actor, shares=_shares(form), version=self.shares.version)
        except BackofficeError as error:
            return alarm(str(error))
        self.shares, self.is_editing = shares_view(row), False
        return notice("The new percentages hold for what is decided from now on.")

    async def _read(self, actor: Actor) -> None:
        cursor = self.router.url.query_parameters.get("cursor")
        async with transaction(actor.tenancy) as session:
            self.waiting = await samples.waiting(session, actor)
            page = await sample_desks.page(session, actor, View(self.view), cursor=cursor)
            labels = await reasons.labels(session)
            settings = await sample_settings.read(session, actor) if self.is_lead else None
        self.rows = [look_row(one, labels, is_lead=self.is_lead) for one in page.rows]
        self.tabs, self.waiting_words = sample_tabs(self.view, is_lead=self.is_lead), waiting_words(self.waiting)
        self.shares = shares_view(settings) if settings and not self.is_editing else self.shares
        self.more_url = f"{PLACE}?view={self.view}&cursor={page.next_cursor}" if page.next_cursor else ""
        self.is_loaded = True


def _shares(form: dict[str, str]) -> dict[str, int]:
    """Read whole numbers from a form.

    Raises Invalid for anything else.
    """
    typed = {name: str(form.get(name, "")).strip() for name in sample_settings.SHARES}
    if not all(text.isascii() and text.isdigit() and len(text) <= 3 for text in typed.values()):  # noqa: PLR2004 up to 100
        raise Invalid("Each share is a whole number from 0 to 100.", code="out_of_range", pointer="/shares")
    return {name: int(text) for name, text in typed.items()}
