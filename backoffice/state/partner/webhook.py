"""One webhook endpoint: how it does, what it was sent, and what can be done about it."""

from urllib.parse import urlencode
from uuid import UUID, uuid4

import reflex as rx

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.i18n import N_, gettext
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.webhooks import DeliveryState
from backoffice.services import deliveries, event_lists, webhook_endpoints
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.deliveries import DeliveryRow, DeliveryView, delivery_row, delivery_view
from backoffice.viewmodels.documents import Choice
from backoffice.viewmodels.webhook_endpoints import PLACE, EndpointView, endpoint_view

PAGE_SIZE = 50
VIEWS = ((N_("All"), ""), (N_("Failed"), "failed"), (N_("Pending"), "pending"), (N_("Delivered"), "delivered"))


class WebhookState(rx.State):
    """One tab's endpoint."""

    status: str = "loading"
    """loading, ready or missing."""
    endpoint: EndpointView = EndpointView()
    rows: rx.Field[list[DeliveryRow]] = rx.field(default_factory=list)
    views: rx.Field[list[Choice]] = rx.field(default_factory=list)
    opened: DeliveryView = DeliveryView()
    """The delivery beside the log; without an id none is open."""
    more_url: str = ""
    secret: str = ""
    """Shown once, right after a rotation."""
    asking: str = ""
    """What needs a yes: rotate or disable."""
    ticket: str = ""
    """Goes with the next test event."""

    @rx.event
    @requires(Permission.WEBHOOKS_READ)
    async def open(self) -> None:
        """Read the endpoint that the URL names, and hear of every change from then on."""
        self.secret, self.asking, self.ticket = "", "", uuid4().hex
        try:
            await watch(self, f"webhook_endpoint:{self._id()}", on_change=WebhookState.refresh)
            await self._read(await signed_in(self))
        except NotFound:
            self.reset()
            self.status = "missing"

    @rx.event
    @requires(Permission.WEBHOOKS_READ)
    async def refresh(self) -> None:
        """Read again: something about the endpoint or its deliveries changed."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.WEBHOOKS_READ)
    async def close_delivery(self) -> rx.event.EventType[()]:
        """Close the panel beside the log."""
        return rx.redirect(self._url(self.router.url.query_parameters.get("status", "")))

    @rx.event
    @requires(Permission.WEBHOOKS_WRITE)
    async def resend(self, delivery_id: str) -> rx.event.EventSpec:
        """Try one delivery again now."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await deliveries.resend(session, actor, parse_public_id(Prefix.DELIVERY, delivery_id))
        await self._read(actor)
        return notice(gettext("It is sent again now."))

    @rx.event
    @requires(Permission.WEBHOOKS_WRITE)
    async def send_test(self, ticket: str) -> rx.event.EventType[()]:
        """Send an event that says nothing happened; the same press twice sends it once."""
        actor = await signed_in(self)
        if ticket != self.ticket:
            return []
        async with transaction(actor.tenancy) as session:
            await webhook_endpoints.send_test(session, actor, self._id())
        self.ticket = uuid4().hex
        return notice(gettext("A test event is on its way."))

    @rx.event
    @requires(Permission.WEBHOOKS_WRITE)
    async def ask(self, what: str) -> None:
        """Ask before a secret is rotated or an endpoint is switched off."""
        self.asking = what if what in {"rotate", "disable"} else ""
        self.secret = ""

    @rx.event
    @requires(Permission.WEBHOOKS_READ)
    async def close(self) -> None:
        """Close the dialog and forget the secret."""
        self.secret, self.asking = "", ""

    @rx.event
    @requires(Permission.WEBHOOKS_WRITE)
    async def rotate(self) -> None:
        """Make a new secret, once for one question; the old one signs beside it for a day."""
        actor = await signed_in(self)
        if self.secret:
            return
        async with transaction(actor.tenancy) as session:
            _, self.secret = await webhook_endpoints.rotate_secret(session, actor, self._id())
        await self._read(actor)

    @rx.event
    @requires(Permission.WEBHOOKS_WRITE)
    async def disable(self) -> None:
        """Send nothing any more."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await webhook_endpoints.disable(session, actor, self._id())
        self.asking = ""
        await self._read(actor)

    @rx.event
    @requires(Permission.WEBHOOKS_WRITE)
    async def enable(self) -> rx.event.EventSpec:
        """Send again, first what is still owed."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await webhook_endpoints.enable(session, actor, self._id())
        await self._read(actor)
        return notice(gettext("Switched on. What is still owed is sent first."))

    def _id(self) -> UUID:
        text = self.router.url.path.rstrip("/").rpartition("/")[2]
        return parse_public_id(Prefix.WEBHOOK_ENDPOINT, text)

    def _url(self, status: str, **more: str) -> str:
        asked = {name: value for name, value in ({"status": status} | more).items() if value}
        place = f"{PLACE}/{public_id(Prefix.WEBHOOK_ENDPOINT, self._id())}"
        return f"{place}?{urlencode(asked)}" if asked else place

    async def _read(self, actor: Actor) -> None:
        asked, endpoint_id = self.router.url.query_parameters, self._id()
        status = asked.get("status", "")
        async with transaction(actor.tenancy) as session:
            endpoint = await webhook_endpoints.get(session, actor, endpoint_id)
            health = await deliveries.health(session, actor, [endpoint_id])
            page = await deliveries.page(
                session,
                actor,
                endpoint_id,
                state=DeliveryState(status) if status in {"pending", "delivered"} else None,
                is_failing=status == "failed",
                cursor=asked.get("cursor"),
                limit=PAGE_SIZE,
            )
        self.endpoint = endpoint_view(endpoint, health.get(endpoint_id), at=now())
        self.rows = [delivery_row(one.delivery, one.event, one.endpoint) for one in page.rows]
        self.views = [Choice(gettext(words), self._url(value), value == status) for words, value in VIEWS]
        self.more_url = self._url(status, cursor=page.next_cursor) if page.next_cursor else ""
        self.opened = await self._delivery(actor, asked.get("delivery", ""))
        self.status = "ready"

    async def _delivery(self, actor: Actor, text: str) -> DeliveryView:
        if not text:
            return DeliveryView()
        async with transaction(actor.tenancy) as session:
            entry = await deliveries.entry(session, actor, parse_public_id(Prefix.DELIVERY, text))
            tries = await deliveries.attempts_of(session, actor, entry.id)
        told, _ = event_lists.payload(actor, entry.event)
        return delivery_view(entry.delivery, entry.event, tries, told)
