"""Tags of the document on the screen: put on and taken off at once."""

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import document_tags
from backoffice.services.access import Permission
from backoffice.state.gate import requires
from backoffice.state.partner.document import DocumentState
from backoffice.state.session import signed_in


class TaggingState(rx.State):
    """What one tab writes on its document."""

    error: str = ""
    known: rx.Field[list[str]] = rx.field(default_factory=list)
    """Tags that the partner uses already."""
    turn: int = 0
    """Grows with every tag, so that the box is empty again."""

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def open(self) -> None:
        """Read which tags there are."""
        actor, self.error = await signed_in(self), ""
        mode = (await self.get_state(DocumentState)).head.mode
        async with transaction(actor.tenancy) as session:
            self.known = await document_tags.in_use(session, actor, livemode=mode != "test")

    @rx.event
    @requires(Permission.DOCUMENTS_TAG)
    async def add(self, form: dict[str, str]) -> rx.event.EventType[()] | None:
        """Put a tag on the document."""
        actor, self.error = await signed_in(self), ""
        key = parse_public_id(Prefix.DOCUMENT, form.get("document", ""))
        try:
            async with transaction(actor.tenancy) as session:
                await document_tags.add(session, actor, key, form.get("tag", ""))
        except (Invalid, Conflict) as error:
            self.error = str(error)
            return None
        self.turn += 1
        return DocumentState.refresh

    @rx.event
    @requires(Permission.DOCUMENTS_TAG)
    async def remove(self, document_id: str, tag: str) -> rx.event.EventType[()] | None:
        """Take a tag off the document."""
        actor, self.error = await signed_in(self), ""
        try:
            async with transaction(actor.tenancy) as session:
                await document_tags.remove(session, actor, parse_public_id(Prefix.DOCUMENT, document_id), tag)
        except Conflict as error:
            self.error = str(error)
        return DocumentState.refresh
