"""The bell of every partner page, and the dashboard's panel: what is open, and how much of it is new to the viewer."""

from datetime import datetime

import reflex as rx

from backoffice.db import transaction
from backoffice.services import alerts
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.session import signed_in
from backoffice.viewmodels.alerts import AlertRow, AlertTotals, alert_row, totals


class BellState(rx.State):
    """One tab's bell."""

    totals: AlertTotals = AlertTotals()
    rows: rx.Field[list[AlertRow]] = rx.field(default_factory=list)
    is_loaded: bool = False
    _marked: datetime | None = None
    """Since when what began is marked as new on this page: what is being read keeps its mark."""

    @rx.event
    @requires()
    async def open(self) -> None:
        """Read what is open, for who sees alerts, and hear of every change on this page."""
        actor = await signed_in(self)
        if actor.partner_id and actor.can(Permission.ALERTS_READ):
            names = (alerts.topic(actor.partner_id), f"member:{actor.id}")
            await watch(self, *names, on_change=BellState.refresh)
            await self._read(actor, anew=True)

    @rx.event
    @requires(Permission.ALERTS_READ)
    async def refresh(self) -> None:
        """Read again: an alert began, changed or is over, or the viewer looked in another tab."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.ALERTS_READ)
    async def look(self) -> None:
        """Note that the viewer has seen what is open."""
        if not self.totals.unread:
            return
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await alerts.look(session, actor)

    async def _read(self, actor: Actor, *, anew: bool = False) -> None:
        async with transaction(actor.tenancy) as session:
            if anew:
                self._marked = await alerts.seen_at(session, actor)
            counts = await alerts.counts(session, actor)
            rows = await alerts.standing(session, actor, limit=alerts.SHOWN)
        self.totals, self.rows = totals(counts), [alert_row(row, seen_at=self._marked) for row in rows]
        self.is_loaded = True
