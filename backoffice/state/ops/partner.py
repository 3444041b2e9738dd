"""One partner for our own people: the tab is in the URL, and every tab is read live."""

from datetime import timedelta

import reflex as rx

from backoffice.clock import now, present
from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import (
    alerts,
    api_keys,
    audit_entries,
    colleagues,
    day_counts,
    deliveries,
    fleet,
    invitees,
    members,
    onboarding,
    partners,
    plan_changes,
    quotas,
    usage_reports,
    webhook_endpoints,
)
from backoffice.services.access import Actor, Permission
from backoffice.services.pages import MAX_LIMIT
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.session import signed_in
from backoffice.viewmodels.api_keys import KeyRow, key_row
from backoffice.viewmodels.audit_entries import AuditRow, audit_row
from backoffice.viewmodels.colleagues import colleague_row, invitee_row
from backoffice.viewmodels.fleet import FleetRow, Step, Suspension, fleet_row, steps, suspension
from backoffice.viewmodels.limits import LimitRow, limit_rows
from backoffice.viewmodels.partner_tabs import TABS, PeopleTab, PlanWait, UsageTab, by_day, plan_wait
from backoffice.viewmodels.usage import load_view, meter_view
from backoffice.viewmodels.webhook_endpoints import EndpointView, endpoint_view

CHART_DAYS = 30


class PartnerState(rx.State):
    """One tab's partner."""

    status: str = "loading"
    """loading, ready or missing."""
    tab: str = "overview"
    row: FleetRow = FleetRow()
    suspension: Suspension = Suspension()
    wait: PlanWait = PlanWait()
    steps: rx.Field[list[Step]] = rx.field(default_factory=list)
    limits: rx.Field[list[LimitRow]] = rx.field(default_factory=list)
    people: PeopleTab = PeopleTab()
    keys: rx.Field[list[KeyRow]] = rx.field(default_factory=list)
    endpoints: rx.Field[list[EndpointView]] = rx.field(default_factory=list)
    usage: UsageTab = UsageTab()
    entries: rx.Field[list[AuditRow]] = rx.field(default_factory=list)

    @rx.event
    @requires(Permission.PARTNERS_READ)
    async def open(self) -> None:
        """Read the partner and the tab that the URL names, and hear of every change from then on."""
        asked = self.router.url.query_parameters.get("tab", "")
        try:
            actor = (await signed_in(self)).within(parse_public_id(Prefix.PARTNER, _last(self.router.url.path)))
            await self._listen(actor)
            await self._read(actor, asked if asked in TABS else TABS[0])
        except NotFound:
            self.reset()
            self.status = "missing"

    @rx.event
    @requires(Permission.PARTNERS_READ)
    async def refresh(self) -> None:
        """Read again: something of this partner changed."""
        if not await has_left(self) and self.row.id:
            actor = (await signed_in(self)).within(parse_public_id(Prefix.PARTNER, self.row.id))
            await self._read(actor, self.tab, is_read_again=True)

    async def _listen(self, actor: Actor) -> None:
        key = actor.require_partner()
        names = (f"partner:{key}", alerts.topic(key), day_counts.topic(key), members.topic(key))
        await watch(self, *partners.topics(key), *names, on_change=PartnerState.refresh)

    async def _read(self, actor: Actor, tab: str, *, is_read_again: bool = False) -> None:
        partner_id = actor.require_partner()
        async with transaction(actor.tenancy) as session:
            line = await fleet.line(session, actor, partner_id)
            partner = await partners.get(session, actor, partner_id)
            self.wait = plan_wait(await plan_changes.waits(session, actor))
            history = await plan_changes.history(session, partner)
            found = await onboarding.steps(session, actor, partner_id)
        self.row, self.suspension = fleet_row(line), suspension(partner.settings)
        self.steps, self.limits = steps(found), limit_rows(line, since=history[-1][0])
        readers = {"users": self._people, "keys": self._keys, "webhooks": self._endpoints, "usage": self._usage}
        if tab in readers:
            await readers[tab](actor)
        if tab == "audit":
            await self._trail(actor, is_read_again=is_read_again)
        self.tab, self.status = tab, "ready"

    async def _people(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            people = await colleagues.people(session, actor)
            invited = await invitees.waiting(session, actor)
        self.people = PeopleTab([colleague_row(one) for one in people], [invitee_row(one) for one in invited])

    async def _keys(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            rows = (await api_keys.page(session, actor, limit=MAX_LIMIT)).rows
            secrets = await api_keys.secrets_of(session, [row.id for row in rows])
        self.keys = [key_row(row, secrets.get(row.id, []), at=now()) for row in rows]

    async def _endpoints(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            rows = (await webhook_endpoints.page(session, actor, limit=MAX_LIMIT)).rows
            health = await deliveries.health(session, actor, [row.id for row in rows])
        self.endpoints = [endpoint_view(row, health.get(row.id), at=now()) for row in rows]

    async def _usage(self, actor: Actor) -> None:
        today = present().date()
        async with transaction(actor.tenancy) as session:
            meter = await usage_reports.meter(session, actor)
            load = await usage_reports.load(session, actor, livemode=True)
            used = await quotas.usage(session, actor, first=today - timedelta(days=CHART_DAYS - 1), last=today)
        self.usage = UsageTab(meter_view(meter), load_view(load), *by_day(used.days))

    async def _trail(self, actor: Actor, *, is_read_again: bool) -> None:
        async with transaction(actor.tenancy) as session:
            rows = await fleet.trail(session, actor, actor.require_partner(), is_read_again=is_read_again)
        self.entries = [audit_row(one, audit_entries.object_id(one.entry)) for one in rows]


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]
