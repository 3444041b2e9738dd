"""Engines: the versions of checks that run, challengers beside them, and documents that are read again."""

from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError
from backoffice.services import engines, rescreens
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import alarm, notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.engines import (
    AgreementRow,
    EngineRow,
    RescreenView,
    agreement_rows,
    engine_rows,
    rescreen_view,
)

DAYS = 30
SPANS = {1: "1 day", 7: "7 days", 30: "30 days"}
MOST = 500
"""Documents that one press reads again; the command line takes more."""


class EnginesState(rx.State):
    """One tab's overview of engines."""

    rows: rx.Field[list[EngineRow]] = rx.field(default_factory=list)
    challengers: rx.Field[list[AgreementRow]] = rx.field(default_factory=list)
    rescreen: RescreenView = RescreenView()
    compared: rx.Field[list[AgreementRow]] = rx.field(default_factory=list)
    days: int = 7
    is_asking: bool = False
    is_loaded: bool = False

    @rx.event
    @requires(Permission.POLICIES_READ)
    async def open(self) -> None:
        """Read everything, and hear of every change from then on."""
        await watch(self, rescreens.TOPIC, on_change=EnginesState.refresh)
        self.is_asking = False
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.POLICIES_READ)
    async def refresh(self) -> None:
        """Read again how far documents have been read."""
        if not await has_left(self):
            await self._read_rescreen(await signed_in(self))

    @rx.event
    @requires(Permission.POLICIES_READ)
    async def look_back(self, days: int) -> None:
        """Choose which documents are read again."""
        self.days = days if days in SPANS else self.days

    @rx.event
    @requires(Permission.POLICIES_WRITE)
    async def ask(self) -> None:
        """Ask before documents are read again: it takes the workers' time."""
        self.is_asking = True

    @rx.event
    @requires(Permission.POLICIES_READ)
    async def close(self) -> None:
        """Close the question."""
        self.is_asking = False

    @rx.event
    @requires(Permission.POLICIES_WRITE)
    async def start(self) -> rx.event.EventSpec | None:
        """Read documents again."""
        actor, self.is_asking = await signed_in(self), False
        try:
            async with transaction(actor.tenancy) as session:
                await rescreens.begin(session, actor, days=self.days, limit=MOST)
        except BackofficeError as error:
            return alarm(str(error))
        await self._read_rescreen(actor)
        return notice("Documents are being read again.")

    @rx.event
    @requires(Permission.POLICIES_WRITE)
    async def stop(self) -> rx.event.EventSpec | None:
        """Stop reading; what was compared stays."""
        actor = await signed_in(self)
        try:
            async with transaction(actor.tenancy) as session:
                await rescreens.cancel(session, actor, UUID(self.rescreen.id))
        except (BackofficeError, ValueError) as error:
            return alarm(str(error) if isinstance(error, BackofficeError) else "Nothing is being read again.")
        await self._read_rescreen(actor)
        return None

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            uses = await engines.uses(session, actor, days=DAYS)
            beside = await engines.agreements(session, actor, days=DAYS)
        self.rows, self.challengers = engine_rows(uses), agreement_rows(beside)
        await self._read_rescreen(actor)
        self.is_loaded = True

    async def _read_rescreen(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            row = await rescreens.newest(session, actor)
            compared = await engines.agreements(session, actor, rescreen_id=row.id) if row else []
        self.rescreen, self.compared = rescreen_view(row), agreement_rows(compared)
