"""The dashboard around its numbers: latest events, webhooks that fail, first steps, the chart's other period."""

import reflex as rx

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.services import api_keys, deliveries, events, metrics, webhook_endpoints
from backoffice.services.access import Actor, Permission
from backoffice.services.metrics import Period
from backoffice.state.gate import requires
from backoffice.state.live import has_left, unwatch, watch
from backoffice.state.partner.bell import BellState
from backoffice.state.partner.numbers import NumbersState, is_live
from backoffice.state.session import signed_in
from backoffice.viewmodels.events import EventRow, event_row
from backoffice.viewmodels.metrics import Throughput, throughput
from backoffice.viewmodels.webhook_endpoints import EndpointView, endpoint_view


class DashboardState(rx.State):
    """One tab's dashboard."""

    is_loaded: bool = False
    events: rx.Field[list[EventRow]] = rx.field(default_factory=list)
    endpoints: rx.Field[list[EndpointView]] = rx.field(default_factory=list)
    can_see_webhooks: bool = False
    has_key: bool = False
    period: str = Period.DAY
    month: Throughput = Throughput()

    @rx.event
    @requires(Permission.METRICS_READ)
    async def open(self) -> rx.event.EventType[()]:
        """Read what is no number, and hear of every change from then on."""
        actor = await signed_in(self)
        await self._watch(actor)
        await self._read(actor)
        self.period = Period.DAY
        return NumbersState.join()

    async def _watch(self, actor: Actor) -> None:
        await watch(self, f"partner:{actor.require_partner()}", on_change=DashboardState.refresh)

    @rx.event
    @requires(Permission.METRICS_READ)
    async def refresh(self) -> None:
        """Read again: something of this partner changed."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.METRICS_READ)
    async def pause(self) -> rx.event.EventType[()]:
        """Hold everything still, or let it move again."""
        numbers = await self.get_state(NumbersState)
        if numbers.paused:
            actor = await signed_in(self)
            await self._watch(actor)
            await self._read(actor)
            return [NumbersState.toggle_pause(), BellState.open()]
        await unwatch(self)
        return NumbersState.toggle_pause()

    @rx.event
    @requires(Permission.METRICS_READ)
    async def show(self, period: Period) -> None:
        """Show the last day, which is live, or the last thirty days as of now."""
        self.period = period
        if period == Period.MONTH:
            actor = await signed_in(self)
            async with transaction(actor.tenancy) as session:
                partner_id = actor.require_partner()
                points = await metrics.series(session, actor, partner_id, period, livemode=is_live(self))
            self.month = throughput(points, is_hourly=False)

    async def _read(self, actor: Actor) -> None:
        livemode, at = is_live(self), now()
        self.can_see_webhooks = actor.can(Permission.WEBHOOKS_READ)
        async with transaction(actor.tenancy) as session:
            self.events = [event_row(one) for one in await events.newest(session, actor, livemode=livemode)]
            if self.can_see_webhooks:
                rows = (await webhook_endpoints.page(session, actor, livemode=livemode)).rows
                health = await deliveries.health(session, actor, [row.id for row in rows])
                self.endpoints = [endpoint_view(row, health.get(row.id), at=at) for row in rows]
            if actor.can(Permission.KEYS_READ):
                self.has_key = bool((await api_keys.page(session, actor, limit=1)).rows)
        self.is_loaded = True
