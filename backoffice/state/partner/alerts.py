"""Alerts: the URL holds the tab and the kind; every change of an alert is pushed."""

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.i18n import gettext
from backoffice.models.alert_rules import RULES
from backoffice.models.alert_words import PLACE
from backoffice.models.alerts import Alert, AlertKind, AlertState, Mute
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import alert_preferences, alerts, members
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.alerts import AlertRow, AlertTotals, alert_row, totals
from backoffice.viewmodels.documents import Choice

PAGE_SIZE = 50
MOST_ROWS = 250
"""A list resends whole on each change, so it has an end."""
TABS = (*AlertState, "rules", "letters")


class AlertsState(rx.State):
    """One tab's alerts."""

    tab: str = AlertState.OPEN
    kind: str = ""
    rows: rx.Field[list[AlertRow]] = rx.field(default_factory=list)
    kinds: rx.Field[list[Choice]] = rx.field(default_factory=list)
    tabs: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    """The address of each tab, which keeps the kind."""
    totals: AlertTotals = AlertTotals()
    has_more: bool = False
    muting: str = ""
    """The title of the alert that is to be muted; empty while none is."""
    is_loaded: bool = False
    _next: str = ""
    _marked: datetime | None = None
    """Since when what began is marked as new: opening the list is looking, and what is being read keeps its mark."""
    _muting: str = ""

    @rx.event
    @requires(Permission.ALERTS_READ)
    async def open(self) -> None:
        """Read what the URL asks for, and hear of every change from then on."""
        actor, given = await signed_in(self), self.router.url.query_parameters
        tab, kind = given.get("tab", ""), given.get("kind", "")
        self.tab = tab if tab in TABS else str(AlertState.OPEN)
        self.kind = kind if kind in set(AlertKind) else ""
        self.muting = self._muting = ""
        await watch(self, alerts.topic(actor.require_partner()), on_change=AlertsState.refresh)
        async with transaction(actor.tenancy) as session:
            self._marked = await alerts.seen_at(session, actor)
            if self.tab == AlertState.OPEN:
                await alerts.look(session, actor)
        await self._read(actor)

    @rx.event
    @requires(Permission.ALERTS_READ)
    async def refresh(self) -> None:
        """Read again: an alert began, changed or is over."""
        if await has_left(self):
            return
        actor = await signed_in(self)
        if self.tab == AlertState.RESOLVED and len(self.rows) > PAGE_SIZE:
            await self._count(actor)  # who reads on below keeps their place
            return
        await self._read(actor)

    @rx.event
    @requires(Permission.ALERTS_READ)
    async def more(self) -> None:
        """Add what was over before."""
        if not self._next or self.tab != AlertState.RESOLVED:
            return
        actor = await signed_in(self)
        self.rows = [*self.rows, *await self._over(actor, self._next)]
        self.has_more = bool(self._next) and len(self.rows) < MOST_ROWS

    @rx.event
    @requires(Permission.ALERTS_WRITE)
    async def acknowledge(self, alert_id: str) -> rx.event.EventSpec:
        """Say that the viewer takes care."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await alerts.acknowledge(session, actor, parse_public_id(Prefix.ALERT, alert_id))
        await self._read(actor)
        return notice(gettext("Acknowledged. Your colleagues see your name on it."))

    @rx.event
    @requires(Permission.ALERTS_WRITE)
    async def ask(self, alert_id: str) -> None:
        """Ask for how long an alert is to be silent."""
        row = next((row for row in self.rows if row.id == alert_id), None)
        if row is not None:
            self._muting, self.muting = row.id, row.title

    @rx.event
    @requires(Permission.ALERTS_READ)
    async def close(self) -> None:
        """Leave it."""
        self._muting = self.muting = ""

    @rx.event
    @requires(Permission.ALERTS_WRITE)
    async def mute(self, length: str) -> rx.event.EventSpec:
        """Keep it silent for so long."""
        if length not in set(Mute):
            raise NotFound("There is no such time.")
        actor, asked = await signed_in(self), self._muting
        self._muting = self.muting = ""
        async with transaction(actor.tenancy) as session:
            await alerts.mute(session, actor, parse_public_id(Prefix.ALERT, asked), Mute(length))
        await self._read(actor)
        return notice(gettext("Muted, also if it comes back meanwhile."))

    @rx.event
    @requires(Permission.ALERTS_WRITE)
    async def reopen(self, alert_id: str) -> None:
        """Take an acknowledgement or a mute back."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await alerts.reopen(session, actor, parse_public_id(Prefix.ALERT, alert_id))
        await self._read(actor)

    async def _count(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            self.totals = totals(await alerts.counts(session, actor))

    async def _read(self, actor: Actor) -> None:
        await self._count(actor)
        if self.tab == AlertState.RESOLVED:
            self.rows = await self._over(actor, "")
        elif self.tab in set(AlertState):
            self.rows = await self._standing(actor, AlertState(self.tab))
        else:
            self.rows, self._next = [], ""
        self.has_more, self.is_loaded = bool(self._next), True
        self._offer(actor)

    async def _standing(self, actor: Actor, state: AlertState) -> list[AlertRow]:
        self._next = ""
        async with transaction(actor.tenancy) as session:
            found = await alerts.standing(session, actor, state, kinds=self._kinds())
            names = await members.names(session, {row.acted_by for row in found if row.acted_by})
        return [alert_row(row, by=_name(row, names), seen_at=self._marked) for row in found]

    async def _over(self, actor: Actor, cursor: str) -> list[AlertRow]:
        async with transaction(actor.tenancy) as session:
            page = await alerts.resolved(session, actor, kinds=self._kinds(), cursor=cursor or None, limit=PAGE_SIZE)
        self._next = page.next_cursor or ""
        return [alert_row(row) for row in page.rows]

    def _kinds(self) -> tuple[AlertKind, ...]:
        return (AlertKind(self.kind),) if self.kind else ()

    def _offer(self, actor: Actor) -> None:
        """Write the choices: each is an address that keeps the other one."""
        self.tabs = {tab: alerts_url(tab, self.kind) for tab in TABS}
        everything = Choice(gettext("Every kind"), alerts_url(self.tab, ""), not self.kind)
        shown = alert_preferences.kinds(actor)
        self.kinds = [
            everything,
            *(Choice(gettext(RULES[kind].label), alerts_url(self.tab, kind), kind == self.kind) for kind in shown),
        ]


def _name(row: Alert, names: dict[UUID, str]) -> str:
    return names.get(row.acted_by, "") if row.acted_by else ""


def alerts_url(tab: str, kind: str) -> str:
    """Write the address of a tab."""
    given = {"tab": "" if tab == AlertState.OPEN else tab, "kind": kind}
    asked = {name: value for name, value in given.items() if value}
    return f"{PLACE}?{urlencode(asked)}" if asked else PLACE
