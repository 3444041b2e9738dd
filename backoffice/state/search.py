"""`/search`: everything that matches what the address asks for, group by group."""

import reflex as rx

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.services import searches
from backoffice.services.searches import LEAST, MOST
from backoffice.state.gate import requires
from backoffice.state.partner.bell import BellState
from backoffice.state.session import signed_in
from backoffice.viewmodels.searches import ALL, HitGroup, amount, hit_groups, search_url

PAGE_SIZE = 20


class SearchState(rx.State):
    """One tab's results."""

    groups: rx.Field[list[HitGroup]] = rx.field(default_factory=list)
    q: str = ""
    said: str = ""
    """How much was found, or why nothing was looked for."""
    is_asked: bool = False
    """Whether the text could be looked for."""
    mode: str = "live"
    live_url: str = ""
    """The same search in live data; empty for who knows no modes."""
    test_url: str = ""
    read_for: str = "-"
    """The query that the groups answer: under another one they are not shown."""

    @rx.event
    @requires()
    async def open(self) -> rx.event.EventType[()] | None:
        """Read what the address asks for; partners' people have the bell here too."""
        given, actor = self.router.url.query_parameters, await signed_in(self)
        q, livemode = given.get("q", "")[: MOST + 1].strip(), given.get("mode") != "test"
        async with transaction(actor.tenancy) as session:
            found = await searches.everything(session, actor, q, livemode=livemode, limit=PAGE_SIZE, is_counted=True)
        self.groups = hit_groups(found, q, livemode=livemode, is_staff=actor.is_staff, at=now())
        self.q, self.is_asked, self.mode = q, bool(searches.tidy(q)), "live" if livemode else "test"
        self.said = _said(q, self.groups, is_asked=self.is_asked)
        self.live_url = "" if actor.is_staff else search_url(q, livemode=True)
        self.test_url = search_url(q, livemode=False)
        self.read_for = self.router.url.query
        return None if actor.is_staff else BellState.open

    @rx.event
    @requires()
    async def search(self, form: dict[str, str]) -> rx.event.EventSpec:
        """Put the search into the address, which reads it."""
        q = form.get("q", "").strip()[:MOST]
        if searches.SECRET.search(q):
            return rx.redirect(ALL)
        return rx.redirect(search_url(q, livemode=self.mode == "live"))


def _said(q: str, groups: list[HitGroup], *, is_asked: bool) -> str:
    if is_asked:
        return amount(groups) if groups else "Nothing matches"
    if not q:
        return "Type what you look for."
    if searches.SECRET.search(q):
        return "This looks like a secret, so nothing was looked for. Search for the name of the key instead."
    return f"Type at least {LEAST} letters." if len(q) < LEAST else f"Type at most {MOST} letters."
