"""The clock of test data: it goes forward, after a question, and never back."""

from datetime import timedelta
from uuid import uuid4

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid
from backoffice.i18n import gettext
from backoffice.services import sandbox
from backoffice.services.access import Permission
from backoffice.state.gate import requires
from backoffice.state.notices import notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.sandbox import ClockView, clock_view, length

UNITS = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1), "days": timedelta(days=1)}
MOST_DIGITS = 6


class ClockState(rx.State):
    """One tab's clock."""

    clock: ClockView = ClockView()
    by: str = ""
    """How far it is to go, in words: a question is open while it is there."""
    error: str = ""
    ticket: str = ""
    """One press, so that a double one moves the clock once."""
    _by: timedelta = timedelta()

    @rx.event
    @requires(Permission.SANDBOX_USE)
    async def open(self) -> None:
        """Read the clock."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            clock = await sandbox.clock(session, actor)
        self.clock, self.by, self.error = clock_view(clock.now, clock.ahead), "", ""

    @rx.event
    @requires(Permission.SANDBOX_USE)
    async def ask(self, form: dict[str, str]) -> None:
        """Ask before the clock goes forward: it never goes back."""
        amount, unit = form.get("amount", "").strip(), UNITS.get(form.get("unit", ""))
        if unit is None or not amount.isdecimal() or len(amount) > MOST_DIGITS or int(amount) < 1:
            self.error = gettext("Say how many minutes, hours or days, as a whole number from 1.")
            return
        self._ask(int(amount) * unit)

    @rx.event
    @requires(Permission.SANDBOX_USE)
    async def ask_for(self, seconds: int) -> None:
        """Ask for one of the usual steps."""
        self._ask(timedelta(seconds=min(max(seconds, 1), 10_000_000)))

    def _ask(self, by: timedelta) -> None:
        self._by, self.by, self.error, self.ticket = by, length(by), "", uuid4().hex

    @rx.event
    @requires(Permission.SANDBOX_USE)
    async def close(self) -> None:
        """Leave the clock alone."""
        self.by = ""

    @rx.event
    @requires(Permission.SANDBOX_USE)
    async def advance(self, ticket: str) -> rx.event.EventSpec | None:
        """Let the time pass; the same press twice moves the clock once."""
        if ticket != self.ticket or not self.by:
            return None
        try:
            clock = await sandbox.advance(await signed_in(self), self._by, ticket)
        except (Conflict, Invalid) as error:
            self.by, self.error = "", str(error)
            return None
        self.clock, self.by = clock_view(clock.now, clock.ahead), ""
        return notice(gettext("The clock went on. What became due happens now."))
