"""History: past decisions; every filter and the page stand in the URL."""

from collections.abc import Mapping

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.review_tasks import Outcome
from backoffice.services import reasons, review_history
from backoffice.services.access import Actor, Permission
from backoffice.services.review_history import Filter
from backoffice.state.gate import requires
from backoffice.state.session import signed_in
from backoffice.viewmodels.review_history import DEFAULTS, PERIODS, PastRow, history_url, past_row


class HistoryState(rx.State):
    """One tab's past decisions."""

    rows: rx.Field[list[PastRow]] = rx.field(default_factory=list)
    asked: rx.Field[dict[str, str]] = rx.field(default_factory=lambda: dict(DEFAULTS))
    names: rx.Field[list[list[str]]] = rx.field(default_factory=list)
    """Whose decisions a lead may choose: id and name."""
    more_url: str = ""
    is_filtered: bool = False
    is_lead: bool = False
    is_loaded: bool = False

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def open(self) -> None:
        """Read what the URL asks for."""
        actor = await signed_in(self)
        self.is_lead = actor.can(Permission.QUEUE_MANAGE)
        self.asked = _asked(self.router.url.query_parameters, is_lead=self.is_lead)
        self.is_filtered = any(self.asked[name] != usual for name, usual in DEFAULTS.items() if name != "days")
        await self._read(actor)
        self.is_loaded = True

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def choose(self, name: str, value: str) -> rx.event.EventSpec | None:
        """Put one filter into the URL, which reads it."""
        return rx.redirect(history_url(self.asked, **{name: value[:60]})) if name in DEFAULTS else None

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def clear(self) -> rx.event.EventSpec:
        """Take every filter off but the period."""
        return rx.redirect(history_url({"days": self.asked["days"]}))

    async def _read(self, actor: Actor) -> None:
        cursor = self.router.url.query_parameters.get("cursor")
        async with transaction(actor.tenancy) as session:
            page = await review_history.page(session, actor, _filter(self.asked, cursor))
            labels = await reasons.labels(session)
            known = await review_history.colleagues(session, actor) if self.is_lead else []
        self.rows = [
            past_row(
                one.decision,
                one.document,
                partner=one.partner,
                first=one.first,
                second=one.second,
                is_overturned=one.is_overturned,
                took=one.took,
                labels=labels,
            )
            for one in page.rows
        ]
        self.names = [[public_id(Prefix.MEMBER, key), name] for key, name in known]
        self.more_url = history_url(self.asked, cursor=page.next_cursor) if page.next_cursor else ""


def _asked(given: Mapping[str, str], *, is_lead: bool) -> dict[str, str]:
    """Read the filters; what cannot be is left out."""
    asked = {name: given.get(name, usual)[:60] for name, usual in DEFAULTS.items()}
    asked["days"] = asked["days"] if asked["days"] in PERIODS else DEFAULTS["days"]
    asked["outcome"] = asked["outcome"] if asked["outcome"] in set(Outcome) else ""
    asked["overturned"] = "1" if asked["overturned"] == "1" else ""
    try:
        parse_public_id(Prefix.MEMBER, asked["person"])
    except NotFound:
        asked["person"] = ""
    return asked if is_lead else asked | {"person": ""}


def _filter(asked: Mapping[str, str], cursor: str | None) -> Filter:
    return Filter(
        person=parse_public_id(Prefix.MEMBER, asked["person"]) if asked["person"] else None,
        outcome=Outcome(asked["outcome"]) if asked["outcome"] else None,
        is_overturned=asked["overturned"] == "1",
        days=int(asked["days"]),
        cursor=cursor,
    )
