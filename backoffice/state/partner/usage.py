"""Usage of one month: the address names the month, a reached threshold is shown at once."""

import reflex as rx

from backoffice.clock import present
from backoffice.db import transaction
from backoffice.models.invoices import Month
from backoffice.services import billing_alerts, usage_lists, usage_reports
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.session import signed_in
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.usage import (
    DayChart,
    KindRow,
    LoadRow,
    LoadView,
    MeterView,
    MonthLink,
    PartRow,
    day_chart,
    key_rows,
    kind_rows,
    load_rows,
    load_view,
    meter_view,
    month_links,
    type_rows,
)

MONTHS = 3


class UsageState(rx.State):
    """One tab's look at usage."""

    meter: MeterView = MeterView()
    load: LoadView = LoadView()
    kinds: rx.Field[list[KindRow]] = rx.field(default_factory=list)
    types: rx.Field[list[PartRow]] = rx.field(default_factory=list)
    keys: rx.Field[list[PartRow]] = rx.field(default_factory=list)
    loads: rx.Field[list[LoadRow]] = rx.field(default_factory=list)
    chart: DayChart = DayChart()
    months: rx.Field[list[MonthLink]] = rx.field(default_factory=list)
    told: rx.Field[list[str]] = rx.field(default_factory=list)
    """Thresholds that were reached this month, in words."""
    final_at: str = ""
    """When the month that is shown becomes final; empty when it is."""
    is_empty: bool = False
    is_loaded: bool = False

    @rx.event
    @requires(Permission.USAGE_READ)
    async def open(self) -> None:
        """Read the month that the address names, and hear of thresholds from then on."""
        actor = await signed_in(self)
        await watch(self, billing_alerts.topic(actor.require_partner()), on_change=UsageState.refresh)
        await self._read(actor)

    @rx.event
    @requires(Permission.USAGE_READ)
    async def refresh(self) -> None:
        """Read again: a threshold was reached."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    async def _read(self, actor: Actor) -> None:
        now = Month.of(present())
        month = usage_lists.month_of(self.router.url.query_parameters.get("month", "")) or now
        await self._count(actor, month)
        await self._measure(actor)
        recent = [now]
        while len(recent) < MONTHS:
            recent.append(recent[-1].previous)
        self.months = month_links(month, recent)
        self.final_at = iso(month.final_at) if month.final_at > present() else ""
        self.is_loaded = True

    async def _count(self, actor: Actor, month: Month) -> None:
        async with transaction(actor.tenancy) as session:
            found = await usage_reports.breakdown(session, actor, month)
            names = await usage_reports.key_names(session, actor)
        self.kinds, self.types = kind_rows(found, month), type_rows(found, month)
        self.keys, self.chart = key_rows(found, names, month), day_chart(found)
        self.is_empty = not found.by_type

    async def _measure(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            self.meter = meter_view(await usage_reports.meter(session, actor))
            found = await usage_reports.load(session, actor, livemode=True)
            names = await usage_reports.key_names(session, actor)
            notices = await billing_alerts.told(session, actor)
        self.load, self.loads = load_view(found), load_rows(found, names)
        self.told = [billing_alerts.words(notice) for notice in notices]
