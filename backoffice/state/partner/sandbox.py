"""The sandbox: pictures to send, what became of them, live, and a test event for an endpoint."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import reflex as rx

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.i18n import gettext
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.documents import Document
from backoffice.models.webhooks import WebhookEndpoint
from backoffice.services import documents, magic_documents, sandbox, webhook_endpoints
from backoffice.services.access import Actor, Permission
from backoffice.services.pages import MAX_LIMIT
from backoffice.settings import settings
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.documents import DocumentRow, document_row
from backoffice.viewmodels.sandbox import MagicCard, magic_card
from backoffice.viewmodels.webhook_endpoints import EndpointView, endpoint_view

LANGUAGES = ("bash", "python", "javascript")


class SandboxState(rx.State):
    """One tab's sandbox."""

    cards: rx.Field[list[MagicCard]] = rx.field(default_factory=list)
    rows: rx.Field[list[DocumentRow]] = rx.field(default_factory=list)
    """The partner's latest test documents."""
    endpoints: rx.Field[list[EndpointView]] = rx.field(default_factory=list)
    ticket: str = ""
    """One press: it comes with the button, so that the same press twice sends once."""
    base: str = ""
    """The address of this installation."""
    chosen: str = "approved"
    """The picture whose call is written out."""
    language: str = "bash"
    is_read: bool = False
    _sent: rx.Field[dict[str, UUID]] = rx.field(default_factory=dict)

    @rx.event
    @requires(Permission.SANDBOX_USE)
    async def open(self) -> None:
        """Read what there is, and hear of every change from then on."""
        actor = await signed_in(self)
        await watch(self, f"partner:{actor.require_partner()}", on_change=SandboxState.refresh)
        self.ticket, self.base = uuid4().hex, settings().url
        await self._read(actor)
        self.is_read = True

    @rx.event
    @requires(Permission.SANDBOX_USE)
    async def refresh(self) -> None:
        """Read again what became of the documents."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.SANDBOX_USE)
    async def send(self, name: str, ticket: str) -> rx.event.EventSpec:
        """Post one picture as a test document; the same press twice posts it once."""
        actor = await signed_in(self)
        self._sent = self._sent | {name: await sandbox.send(actor, name, f"{ticket[:64]}:{name}")}
        self.ticket, self.chosen = uuid4().hex, name
        await self._read(actor)
        return notice(gettext("Sent. Watch it go through its states."))

    @rx.event
    @requires(Permission.SANDBOX_USE)
    async def choose(self, name: str) -> None:
        """Write out the call of one picture."""
        self.chosen = magic_documents.named(name).name

    @rx.event
    @requires(Permission.SANDBOX_USE)
    async def speak(self, language: str) -> None:
        """Write the call in another language."""
        self.language = language if language in LANGUAGES else LANGUAGES[0]

    @rx.event
    @requires(Permission.WEBHOOKS_WRITE)
    async def send_test(self, endpoint_id: str, ticket: str) -> rx.event.EventSpec:
        """Send an endpoint of test data an event that says nothing happened; the same press twice sends it once."""
        actor = await signed_in(self)
        key = parse_public_id(Prefix.WEBHOOK_ENDPOINT, endpoint_id)
        await sandbox.send_test(actor, key, f"{ticket[:64]}:{endpoint_id}")
        self.ticket = uuid4().hex
        return notice(gettext("A test event is on its way."))

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            rows = await sandbox.recent(session, actor)
            sent = await documents.some(session, actor, self._sent.values())
            endpoints = await _endpoints(session, actor)
        fresh = [document_row(row, ()) for row in rows]
        cards = _cards({row.id: row for row in sent}, self._sent)
        if (fresh, cards) != (self.rows, self.cards):
            self.rows, self.cards = fresh, cards
        self.endpoints = [endpoint_view(one, None, at=now()) for one in endpoints]


async def _endpoints(session: Any, actor: Actor) -> Sequence[WebhookEndpoint]:  # noqa: ANN401 a database session
    """List where test events can be sent, for who sees that."""
    if not actor.can(Permission.WEBHOOKS_READ):
        return ()
    return (await webhook_endpoints.page(session, actor, livemode=False, limit=MAX_LIMIT)).rows


def _cards(found: dict[UUID, Document], sent: dict[str, UUID]) -> list[MagicCard]:
    return [
        magic_card(
            name=one.name,
            says=one.says,
            outcome=one.outcome or "in_review",
            reasons=one.reasons,
            applicant=one.applicant,
            sent=found.get(sent.get(one.name, UUID(int=0))),
        )
        for one in magic_documents.shipped()
    ]
