"""The evidence pack of the document on the screen: asked for, written by a job, and fetched."""

from uuid import uuid4

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, NotFound, StepUpRequired
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import evidence_packs, exports
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.partner.document import id_in
from backoffice.state.session import signed_in
from backoffice.viewmodels.exports import ExportRow, export_row


class EvidenceState(rx.State):
    """What one tab knows of the pack of its document."""

    pack: rx.Field[list[ExportRow]] = rx.field(default_factory=list)
    """The person's last one; none before it was asked for."""
    error: str = ""

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def open(self) -> None:
        """Show a pack that is there already, and hear how far one has come from then on."""
        actor, self.pack, self.error = await signed_in(self), [], ""
        await watch(self, exports.topic(actor.require_partner()), on_change=EvidenceState.refresh)
        await self._read(actor)

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def refresh(self) -> None:
        """Read again: an export of the partner has come further."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def ask(self) -> None:
        """Have the pack written, with what this person sees now; while one is being written, that one is it."""
        actor, self.error = await signed_in(self), ""
        if any(one.is_under_way for one in self.pack):
            return
        try:
            document_id = parse_public_id(Prefix.DOCUMENT, id_in(self))
            key = await exports.wrap_key(actor.require_partner())
            async with transaction(actor.tenancy) as session:
                await evidence_packs.ask(session, actor, document_id, press=uuid4(), key=key)
        except StepUpRequired:
            raise
        except BackofficeError as error:
            self.error = str(error)
        await self._read(actor)

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def stop(self) -> None:
        """Stop one that is still being written."""
        actor = await signed_in(self)
        if self.pack and self.pack[0].is_under_way:
            async with transaction(actor.tenancy) as session:
                await exports.cancel(session, actor, parse_public_id(Prefix.EXPORT, self.pack[0].id))
            await self._read(actor)

    async def _read(self, actor: Actor) -> None:
        try:
            document_id = parse_public_id(Prefix.DOCUMENT, id_in(self))
        except NotFound:
            return
        async with transaction(actor.tenancy) as session:
            row = await evidence_packs.newest(session, actor, document_id)
        self.pack = [export_row(row, "")] if row is not None else []
