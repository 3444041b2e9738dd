"""The team: who works now, how each queue stands, how the day goes; every change is pushed."""

import reflex as rx

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.models.sla import SlaAlert
from backoffice.services import review_rooms, sla_alerts, team
from backoffice.services.access import Actor, Permission
from backoffice.services.review_tasks import QUEUE
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.sla import AttainmentRow, attainment_rows
from backoffice.viewmodels.team import (
    AlertRow,
    BurnView,
    LaneRow,
    TeamHead,
    WorkerRow,
    burn_view,
    lane_rows,
    team_head,
    worker_rows,
)
from backoffice.viewmodels.times import iso

DAYS = 30


class TeamState(rx.State):
    """One lead's view of the team."""

    head: TeamHead = TeamHead()
    lanes: rx.Field[list[LaneRow]] = rx.field(default_factory=list)
    workers: rx.Field[list[WorkerRow]] = rx.field(default_factory=list)
    burn: BurnView = BurnView()
    attainment: rx.Field[list[AttainmentRow]] = rx.field(default_factory=list)
    alerts: rx.Field[list[AlertRow]] = rx.field(default_factory=list)
    at: str = ""
    is_loaded: bool = False

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def open(self) -> None:
        """Read everything, and hear of every change from then on."""
        names = (QUEUE, review_rooms.TOPIC, sla_alerts.TOPIC)
        await watch(self, *names, on_change=TeamState.refresh)
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def refresh(self) -> None:
        """Read again: somebody decided, came or went, or something became late."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    async def _read(self, actor: Actor) -> None:
        moment = now()
        async with transaction(actor.tenancy) as session:
            lanes, people = await team.lanes(session, actor), await team.workers(session, actor)
            day, kept = await team.burn(session, actor), await team.attainment(session, actor, days=DAYS)
            told = await sla_alerts.latest(session, actor)
        self.head, self.lanes, self.workers = team_head(lanes, people), lane_rows(lanes, moment), worker_rows(people)
        self.burn, self.attainment = burn_view(day), attainment_rows(kept)
        self.alerts = [_alert(one) for one in told]
        self.at, self.is_loaded = iso(moment), True


class AlertState(rx.State):
    """Tells a lead who works in the queue that something has become late."""

    _seen: str = ""

    @rx.event
    @requires(Permission.QUEUE_READ)
    async def listen(self) -> None:
        """Hear of alerts; what was told before is not told again."""
        actor = await signed_in(self)
        if actor.can(Permission.QUEUE_MANAGE):
            await watch(self, sla_alerts.TOPIC, on_change=AlertState.hear)
            self._seen = (await self._latest(actor)).id

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def hear(self) -> rx.event.EventSpec | None:
        """Show the newest alert once."""
        latest = await self._latest(await signed_in(self))
        if latest.id == self._seen:
            return None
        self._seen = latest.id
        return notice(latest.words, "warning")

    async def _latest(self, actor: Actor) -> AlertRow:
        async with transaction(actor.tenancy) as session:
            told = await sla_alerts.latest(session, actor, limit=1)
        return _alert(told[0]) if told else AlertRow("", "", "")


def _alert(one: SlaAlert) -> AlertRow:
    return AlertRow(one.id.hex, sla_alerts.words(one), iso(one.sent_at))
