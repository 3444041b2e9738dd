"""All partners: the URL holds search, filters and order; one read a second at most while things change."""

from urllib.parse import urlencode

import reflex as rx

from backoffice.db import transaction
from backoffice.models.partners import PartnerStatus
from backoffice.models.plans import PLAN_WORDS
from backoffice.services import alerts, day_counts, overviews, partners
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.session import signed_in
from backoffice.viewmodels.documents import Choice, FilterChip
from backoffice.viewmodels.fleet import NEEDS, PLACE, SORTS, AmountChoice, FleetRow, amounts, fleet_row, narrowed

PAGE_SIZE = 50
MAX_QUERY = 80
LABELS = {"plan": "Plan", "region": "Region", "need": "Needs", "q": "Search"}
NAMES = (*LABELS, "status", "sort", "page")
STATUSES = {"": "All", PartnerStatus.ACTIVE: "Active", PartnerStatus.SUSPENDED: "Suspended"}


class PartnersState(rx.State):
    """One tab's list."""

    rows: rx.Field[list[FleetRow]] = rx.field(default_factory=list)
    views: rx.Field[list[AmountChoice]] = rx.field(default_factory=list)
    plans: rx.Field[list[Choice]] = rx.field(default_factory=list)
    regions: rx.Field[list[Choice]] = rx.field(default_factory=list)
    needs: rx.Field[list[Choice]] = rx.field(default_factory=list)
    chips: rx.Field[list[FilterChip]] = rx.field(default_factory=list)
    q: str = ""
    sort: str = ""
    shown: str = ""
    newer_url: str = ""
    older_url: str = ""
    status: str = "loading"
    """loading, ready or empty: without any partner."""
    _asked: rx.Field[dict[str, str]] = rx.field(default_factory=dict)

    @rx.event
    @requires(Permission.PARTNERS_READ)
    async def open(self) -> None:
        """Read what the URL asks for, and hear of every change from then on."""
        given = self.router.url.query_parameters
        self._asked = {name: given[name][:MAX_QUERY] for name in NAMES if given.get(name)}
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.PARTNERS_READ)
    async def refresh(self) -> None:
        """Read again: a partner came, changed, or its figures did."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.PARTNERS_READ)
    async def search(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """Put the search into the URL, which reads it."""
        return rx.redirect(self._url(q=form.get("q", "").strip()[:MAX_QUERY]))

    @rx.event
    @requires(Permission.PARTNERS_READ)
    async def order(self, name: str) -> rx.event.EventType[()]:
        """Sort by a column, the other way around when it is sorted by it already."""
        first = name if name == "name" else f"-{name}"
        other = name if first.startswith("-") else f"-{name}"
        return rx.redirect(self._url(sort=(other if self.sort == first else first) if name in SORTS else ""))

    @rx.event
    @requires(Permission.PARTNERS_READ)
    async def remove(self, name: str) -> rx.event.EventType[()]:
        """Take one filter off."""
        return rx.redirect(self._url(**{name: ""} if name in NAMES else {}))

    @rx.event
    @requires(Permission.PARTNERS_READ)
    async def clear(self) -> rx.event.EventType[()]:
        """Take every filter off."""
        return rx.redirect(PLACE)

    def _url(self, **more: str) -> str:
        asked = {name: value for name, value in ({**self._asked, "page": ""} | more).items() if value}
        return f"{PLACE}?{urlencode(asked)}" if asked else PLACE

    async def _read(self, actor: Actor) -> None:
        asked = self._asked
        async with transaction(actor.tenancy) as session:
            lines = await overviews.listed(session, actor, q=asked.get("q", ""))
        topics = [name for one in lines for name in (alerts.topic(one.id), day_counts.topic(one.id))]
        await watch(self, partners.TOPIC, *topics, on_change=PartnersState.refresh)
        kept, counts = narrowed(lines, asked), amounts(lines)
        place = int(asked["page"]) if asked.get("page", "").isdecimal() else 0
        first = min(place, max(0, len(kept) - 1) // PAGE_SIZE) * PAGE_SIZE
        self.rows = [fleet_row(one) for one in kept[first : first + PAGE_SIZE]]
        self.shown = f"{first + 1}-{first + len(self.rows)} of {len(kept)}" if kept else ""
        self.newer_url = self._url(page=str(first // PAGE_SIZE - 1)) if first else ""
        self.older_url = self._url(page=str(first // PAGE_SIZE + 1)) if first + PAGE_SIZE < len(kept) else ""
        self.status = "ready" if lines or asked else "empty"
        self._offer(counts, sorted({one.region for one in lines}))

    def _offer(self, counts: dict[str, int], places: list[str]) -> None:
        asked, plans = self._asked, {str(plan): words for plan, words in PLAN_WORDS.items()}
        self.q, self.sort = asked.get("q", ""), asked.get("sort", "")
        said = plans | {name: words for name, (words, _) in NEEDS.items()}
        self.views = [
            AmountChoice(words, self._url(status=value), asked.get("status", "") == value, counts[value])
            for value, words in STATUSES.items()
        ]
        self.plans = [self._choice("plan", value, words) for value, words in plans.items()]
        self.regions = [self._choice("region", name, name) for name in places] if len(places) > 1 else []
        self.needs = [self._choice("need", name, f"{words} ({counts[name]})") for name, (words, _) in NEEDS.items()]
        on = [name for name in LABELS if name in asked]
        self.chips = [FilterChip(name, LABELS[name], said.get(asked[name], asked[name])) for name in on]

    def _choice(self, name: str, value: str, words: str) -> Choice:
        return Choice(words, self._url(**{name: value}), self._asked.get(name, "") == value)
