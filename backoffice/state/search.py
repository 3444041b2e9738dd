"""`/search`: everything that matches what was asked for, group by group; names and numbers stay out of addresses."""

import reflex as rx

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.i18n import gettext
from backoffice.services import regions, searches
from backoffice.services.access import Actor
from backoffice.services.searches import LEAST, MOST
from backoffice.state.gate import requires
from backoffice.state.partner.bell import BellState
from backoffice.state.session import signed_in
from backoffice.viewmodels.documents import Choice
from backoffice.viewmodels.searches import HitGroup, amount, hit_groups, holds_secret, is_id, search_url

PAGE_SIZE = 20


class SearchState(rx.State):
    """One tab's results."""

    groups: rx.Field[list[HitGroup]] = rx.field(default_factory=list)
    q: str = ""
    said: str = ""
    """How much was found, or why nothing was looked for."""
    refusal: str = ""
    """Why documents were not looked for."""
    is_asked: bool = False
    """Whether the text could be looked for."""
    mode: str = "live"
    live_url: str = ""
    """The same search in live data; empty for who knows no modes."""
    test_url: str = ""
    regions: rx.Field[list[Choice]] = rx.field(default_factory=list)
    """Where to look, for our own people where there are several regions."""
    read_for: str = "-"
    """The query that the groups answer: under another one they are not shown."""

    _carried: str = ""
    """What was asked for without the address: names and numbers of people stay out of it."""
    _carrier: str = ""
    """Who asked; another person in this tab gets nothing of it."""

    @rx.event
    @requires()
    async def open(self) -> rx.event.EventType[()] | None:
        """Read what the address or the last search asks for; partners' people have the bell here too."""
        given, actor = self.router.url.query_parameters, await signed_in(self)
        mine = self._carried if self._carrier == str(actor.id) else ""
        self._carried = "" if given.get("q") else mine
        await self._read(actor, given.get("q") or mine, livemode=given.get("mode") != "test")
        return None if actor.is_staff else BellState.open

    @rx.event
    @requires()
    async def ask(self, q: str) -> rx.event.EventSpec | None:
        """Look for what was typed into the command menu, in the mode of the page below it."""
        return await self._go(q, livemode=self.router.url.query_parameters.get("mode") != "test")

    @rx.event
    @requires()
    async def search(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Look for what was typed on this page."""
        return await self._go(form.get("q", ""), livemode=self.mode == "live")

    async def _go(self, q: str, *, livemode: bool) -> rx.event.EventSpec | None:
        """Put an id into the address, which reads it; carry anything else, and read it where the address stays."""
        actor, wanted = await signed_in(self), q[: MOST + 1].strip()
        wanted = "" if holds_secret(wanted) else wanted
        self._carried, self._carrier = "" if is_id(wanted) else wanted, str(actor.id)
        shown, url = wanted if is_id(wanted) else "", self.router.url
        target = search_url(shown, livemode=livemode, region=self._region(actor))
        if f"{url.path.rstrip('/')}?{url.query}".rstrip("?") != target:
            return rx.redirect(target)
        await self._read(actor, wanted, livemode=livemode)
        return None

    def _region(self, actor: Actor) -> str:
        return self.router.url.query_parameters.get("region", "")[:40] if actor.is_staff else ""

    async def _read(self, actor: Actor, asked: str, *, livemode: bool) -> None:
        q, region = asked[: MOST + 1].strip(), self._region(actor)
        wanted = "" if holds_secret(q) else q
        async with transaction(actor.tenancy) as session:
            found = await searches.everything(
                session, actor, wanted, livemode=livemode, limit=PAGE_SIZE, is_counted=True, region=region
            )
            places = await regions.named(session) if actor.is_staff else []
        self.groups = hit_groups(found, q, livemode=livemode, is_staff=actor.is_staff, at=now())
        self.q, self.is_asked, self.mode = q, bool(searches.tidy(wanted)), "live" if livemode else "test"
        self.said = _said(q, self.groups, is_asked=self.is_asked)
        self.refusal = found.refusal
        shown = "" if self._carried else q
        self.live_url = "" if actor.is_staff else search_url(shown, livemode=True)
        self.test_url = search_url(shown, livemode=False)
        self.regions = [
            Choice(one, search_url(shown, livemode=True, region=one), one == region)
            for one in (places if len(places) > 1 else [])
        ]
        self.read_for = self.router.url.query


def _said(q: str, groups: list[HitGroup], *, is_asked: bool) -> str:
    if is_asked:
        return amount(groups) if groups else gettext("Nothing matches")
    if not q:
        return gettext("Type what you look for.")
    if holds_secret(q):
        return gettext("This looks like a secret, so nothing was looked for. Search for the name of the key instead.")
    if len(q) < LEAST:
        return gettext("Type at least {count} letters.", count=LEAST)
    return gettext("Type at most {count} letters.", count=MOST)
