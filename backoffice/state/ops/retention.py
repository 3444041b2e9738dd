"""Retention: what is kept for how long, what goes soon, what must not, and what went."""

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError
from backoffice.services import retention_desks, retention_forecasts, retention_rules
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.session import signed_in
from backoffice.viewmodels.retention import (
    ErasureRow,
    ForecastView,
    HoldRow,
    RuleRow,
    RunRow,
    erasure_row,
    forecast_view,
    hold_row,
    rule_rows,
    run_row,
)


class RetentionState(rx.State):
    """One tab's view of retention."""

    rules: rx.Field[list[RuleRow]] = rx.field(default_factory=list)
    holds: rx.Field[list[HoldRow]] = rx.field(default_factory=list)
    erasures: rx.Field[list[ErasureRow]] = rx.field(default_factory=list)
    runs: rx.Field[list[RunRow]] = rx.field(default_factory=list)
    forecast: ForecastView = ForecastView()
    partners: rx.Field[list[tuple[str, str]]] = rx.field(default_factory=list)
    """Ids and names, for the forms."""
    waiting: int = 0
    """Erasures that are not done."""
    held: int = 0
    """Documents past their time that a hold keeps."""
    count_error: str = ""
    is_loaded: bool = False

    @rx.event
    @requires(Permission.RETENTION_READ)
    async def open(self) -> None:
        """Read everything, and hear of every change from then on."""
        await watch(self, retention_rules.TOPIC, on_change=RetentionState.refresh)
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.RETENTION_READ)
    async def refresh(self) -> None:
        """Read again."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.RETENTION_READ)
    async def count(self) -> None:
        """Count again what goes soon."""
        await self._count(await signed_in(self))

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            desk = await retention_desks.read(session, actor)
        self.rules = rule_rows(desk.rules, desk.partners, desk.people)
        self.holds = [hold_row(row, desk.partners, desk.people) for row in desk.holds]
        self.erasures = [erasure_row(row, desk.partners) for row in desk.erasures]
        self.runs = [run_row(row, desk.partners) for row in desk.runs]
        self.partners = [(str(key), name) for key, name in desk.partners.items()]
        self.waiting, self.held = sum(not row.is_done for row in self.erasures), desk.held
        await self._count(actor)
        self.is_loaded = True

    async def _count(self, actor: Actor) -> None:
        """Count in a transaction of its own: when it takes too long, the rest of the page stands."""
        self.count_error = ""
        try:
            async with transaction(actor.tenancy) as session:
                self.forecast = forecast_view(await retention_forecasts.soon(session, actor))
        except BackofficeError as error:
            self.count_error = str(error)
