"""Webhook endpoints: the list with its health, and the dialog that makes one and shows its secret once."""

import reflex as rx

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import Invalid
from backoffice.services import deliveries, webhook_endpoints
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.partner.numbers import is_live
from backoffice.state.session import signed_in
from backoffice.viewmodels.webhook_endpoints import EndpointView, endpoint_view


class WebhooksState(rx.State):
    """One tab's list of endpoints."""

    rows: rx.Field[list[EndpointView]] = rx.field(default_factory=list)
    is_loaded: bool = False
    is_creating: bool = False
    secret: str = ""
    """Shown once, right after it was made; closing the dialog forgets it."""
    made: str = ""
    """The page of the endpoint that was made."""
    error: str = ""
    url: str = ""

    @rx.event
    @requires(Permission.WEBHOOKS_READ)
    async def open(self) -> None:
        """List the endpoints, and hear of every change from then on."""
        actor = await signed_in(self)
        await watch(self, f"partner:{actor.require_partner()}", on_change=WebhooksState.refresh)
        self._forget()
        await self._read(actor)

    @rx.event
    @requires(Permission.WEBHOOKS_READ)
    async def refresh(self) -> None:
        """Read again: something about the endpoints changed."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.WEBHOOKS_WRITE)
    async def begin(self) -> None:
        """Open the dialog."""
        self._forget()
        self.is_creating = True

    @rx.event
    @requires(Permission.WEBHOOKS_READ)
    async def close(self) -> None:
        """Close the dialog and forget the secret."""
        self._forget()

    @rx.event
    @requires(Permission.WEBHOOKS_WRITE)
    async def create(self, form: dict[str, str | bool]) -> None:
        """Make the endpoint, or say beside the field what is wrong with it."""
        actor = await signed_in(self)
        self.url, self.error = str(form.get("url", "")), ""
        try:
            await webhook_endpoints.check_url(self.url)
            await self._create(actor, form)
        except Invalid as error:
            self.error = str(error)
            return
        await self._read(actor)

    async def _create(self, actor: Actor, form: dict[str, str | bool]) -> None:
        types = [name for name in webhook_endpoints.EVENT_TYPES if form.get(f"type:{name}")]
        async with transaction(actor.tenancy) as session:
            endpoint, self.secret = await webhook_endpoints.create(
                session,
                actor,
                url=self.url,
                livemode=is_live(self),
                event_types=types,
                description=str(form.get("description", "")),
                fifo=bool(form.get("fifo")),
            )
        self.made = endpoint_view(endpoint, None, at=now()).href

    def _forget(self) -> None:
        self.is_creating, self.secret, self.made, self.error, self.url = False, "", "", "", ""

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            rows = (await webhook_endpoints.page(session, actor, livemode=is_live(self))).rows
            health = await deliveries.health(session, actor, [row.id for row in rows])
        at = now()
        self.rows = [endpoint_view(row, health.get(row.id), at=at) for row in rows]
        self.is_loaded = True
