"""Analytics: a period and the one before it; the URL holds which, and whether of live or test data."""

from datetime import UTC, timedelta

import reflex as rx

from backoffice.clock import present
from backoffice.db import transaction
from backoffice.models.day_counts import Span
from backoffice.services import day_counts, reasons
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.partner.numbers import is_live
from backoffice.state.session import signed_in
from backoffice.viewmodels.analytics import DEFAULT_DAYS, SPANS, AnalyticsView, analytics_view


class AnalyticsState(rx.State):
    """One tab's period."""

    view: AnalyticsView = AnalyticsView()
    days: int = DEFAULT_DAYS
    is_test: bool = False
    is_loaded: bool = False

    @rx.event
    @requires(Permission.METRICS_READ)
    async def open(self) -> None:
        """Read what the URL asks for, and hear of every count from then on."""
        asked, actor = self.router.url.query_parameters.get("days", ""), await signed_in(self)
        self.days = int(asked) if asked in {str(span) for span in SPANS} else DEFAULT_DAYS
        self.is_test = not is_live(self)
        await watch(self, day_counts.topic(actor.require_partner()), on_change=AnalyticsState.refresh)
        await self._read(actor)

    @rx.event
    @requires(Permission.METRICS_READ)
    async def refresh(self) -> None:
        """Read again: days were counted again."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    async def _read(self, actor: Actor) -> None:
        today = present().astimezone(UTC).date()
        span = Span(today - timedelta(days=self.days - 1), today)
        async with transaction(actor.tenancy) as session:
            found = await day_counts.figures(session, actor, span, livemode=not self.is_test)
            labels = await reasons.labels(session)
        view = analytics_view(found, labels, mode="&mode=test" if self.is_test else "")
        if view != self.view:
            self.view = view
        self.is_loaded = True
