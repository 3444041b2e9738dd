"""Why targets were missed, and what another number of people would do; counted when the page opens."""

from typing import Any

import reflex as rx

from backoffice.db import transaction
from backoffice.models.team_counts import Staffing
from backoffice.services import breaches
from backoffice.services.access import Permission
from backoffice.state.gate import requires
from backoffice.state.session import signed_in
from backoffice.viewmodels.breaches import CausesView, causes_view, staffing_words

DAYS = 30
MOST_ARRIVALS, MOST_PEOPLE = 100_000.0, 10_000
LEAST_MINUTES, MOST_MINUTES = 0.1, 1_440.0


class BreachesState(rx.State):
    """One lead's look at what used the time."""

    causes: CausesView = CausesView()
    arrivals: str = ""
    minutes: str = ""
    people: str = ""
    words: str = ""
    error: str = ""
    _open: int = 0

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def open(self) -> None:
        """Read the last days, and begin with what is measured now."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            found = await breaches.causes(session, actor, days=DAYS)
            measured = await breaches.staffing(session, actor)
        self.causes, self.error = causes_view(found), ""
        self.arrivals, self.people = f"{measured.arrivals:g}", str(measured.people)
        self.minutes, self._open = f"{measured.minutes:.1f}", measured.open
        self.words = staffing_words(measured)

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def what_if(self, written: dict[str, Any]) -> None:
        """Count with other numbers."""
        self.arrivals, self.minutes, self.people = (
            str(written.get(name) or "").strip()[:12] for name in ("what-arrivals", "what-minutes", "what-people")
        )
        try:
            asked = Staffing(self._open, float(self.arrivals), float(self.minutes), int(self.people))
        except ValueError:
            self.error = "Three numbers are needed."
            return
        is_sane = 0 <= asked.arrivals <= MOST_ARRIVALS and LEAST_MINUTES <= asked.minutes <= MOST_MINUTES
        if not is_sane or not 0 <= asked.people <= MOST_PEOPLE:
            self.error = (
                f"From {LEAST_MINUTES} to {MOST_MINUTES:g} minutes for one; no number below zero or far too large."
            )
            return
        self.error, self.words = "", staffing_words(asked)
