"""The operators' first page: read again when a partner, its figures, its alerts or the queue change."""

import reflex as rx

from backoffice.adapters import beats
from backoffice.db import transaction
from backoffice.models.base import Prefix, public_id
from backoffice.services import alerts, day_counts, overviews, partners
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.session import signed_in
from backoffice.viewmodels.overviews import ActRow, OverviewView, Trouble, act_rows, overview_view, troubles


class OverviewState(rx.State):
    """One tab's first page."""

    found: OverviewView = OverviewView()
    troubles: rx.Field[list[Trouble]] = rx.field(default_factory=list)
    acts: rx.Field[list[ActRow]] = rx.field(default_factory=list)
    is_loaded: bool = False

    @rx.event
    @requires(Permission.PARTNERS_READ)
    async def open(self) -> None:
        """Read everything, and hear of every change from then on."""
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.PARTNERS_READ)
    async def refresh(self) -> None:
        """Read again."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            named = await partners.names(session, actor)
        keys = [key for key, _ in named]
        topics = [name for key in keys for name in (alerts.topic(key), day_counts.topic(key), f"console:{key}")]
        await watch(self, partners.TOPIC, beats.TOPIC, *topics, on_change=OverviewState.refresh)
        async with transaction(actor.tenancy) as session:
            found = await overviews.read(session, actor)
            acts = await overviews.acts(session, actor)
        self.found, self.troubles = overview_view(found), troubles(found.trouble)
        self.acts = act_rows(acts, {public_id(Prefix.PARTNER, key): name for key, name in named})
        self.is_loaded = True
