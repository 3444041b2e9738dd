"""The dashboard around its numbers: latest events, webhooks that fail, first steps, the chart's other period."""

from typing import Any

import reflex as rx

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.services import api_keys, deliveries, events, metrics, webhook_endpoints
from backoffice.services.access import Actor, Permission
from backoffice.services.metrics import Period
from backoffice.state.gate import requires
from backoffice.state.live import unwatch
from backoffice.state.partner.bell import BellState
from backoffice.state.partner.boards import Part
from backoffice.state.partner.numbers import CHART, NUMBERS, NumbersState, is_live, sit_down, stand_still
from backoffice.state.session import signed_in
from backoffice.viewmodels.events import EventRow, event_row
from backoffice.viewmodels.metrics import Throughput, throughput
from backoffice.viewmodels.webhook_endpoints import EndpointView, endpoint_view


class DashboardState(rx.State):
    """One tab's dashboard; the board moves what all tabs of the partner show alike."""

    is_loaded: bool = False
    events: rx.Field[list[EventRow]] = rx.field(default_factory=list)
    endpoints: rx.Field[list[EndpointView]] = rx.field(default_factory=list)
    can_see_webhooks: bool = False
    has_key: bool = False
    period: str = Period.DAY
    month: Throughput = Throughput()

    @rx.event
    @requires(Permission.METRICS_READ)
    async def open(self) -> None:
        """Show the board, which moves from then on."""
        await self._show(await signed_in(self))
        self.period = Period.DAY

    @rx.event
    @requires(Permission.METRICS_READ)
    async def pause(self) -> rx.event.EventType[()] | None:
        """Hold everything still, or let it move again."""
        numbers = await self.get_state(NumbersState)
        if not numbers.paused:
            await unwatch(self)
            await stand_still(numbers)
            return None
        await self._show(await signed_in(self))
        return BellState.open()

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

    async def _show(self, actor: Actor) -> None:
        board = await sit_down(await self.get_state(NumbersState), actor, PARTS)
        may = {part for part in PARTS if actor.can(part.permission)}
        self.events = board.value("events") or [] if EVENTS in may else []
        self.endpoints = board.value("endpoints") or [] if ENDPOINTS in may else []
        self.has_key = bool(KEYS in may and board.value("has_key"))
        self.can_see_webhooks = ENDPOINTS in may
        self.is_loaded = True


async def _events(session: Any, actor: Actor, livemode: bool) -> dict[str, Any]:  # noqa: ANN401 a database session
    return {"events": [event_row(one) for one in await events.newest(session, actor, livemode=livemode)]}


async def _endpoints(session: Any, actor: Actor, livemode: bool) -> dict[str, Any]:  # noqa: ANN401 a database session
    rows, at = (await webhook_endpoints.page(session, actor, livemode=livemode)).rows, now()
    health = await deliveries.health(session, actor, [row.id for row in rows])
    return {"endpoints": [endpoint_view(row, health.get(row.id), at=at) for row in rows]}


async def _keys(session: Any, actor: Actor, _: bool) -> dict[str, Any]:  # noqa: ANN401 a database session
    return {"has_key": bool((await api_keys.page(session, actor, limit=1)).rows)}


EVENTS = Part("events", lambda: DashboardState, Permission.EVENTS_READ, _events)
ENDPOINTS = Part("endpoints", lambda: DashboardState, Permission.WEBHOOKS_READ, _endpoints)
KEYS = Part("keys", lambda: DashboardState, Permission.KEYS_READ, _keys)
PARTS = (NUMBERS, CHART, EVENTS, ENDPOINTS, KEYS)
