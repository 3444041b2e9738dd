"""All that is held about the person of the document on the screen: asked for, written by a job, and fetched."""

from uuid import UUID, uuid4

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, NotFound, StepUpRequired
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import documents, exports, person_exports
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.partner.document import id_in
from backoffice.state.session import signed_in
from backoffice.viewmodels.exports import ExportRow, export_row


class PersonState(rx.State):
    """What one tab knows of the export of its document's person."""

    export: rx.Field[list[ExportRow]] = rx.field(default_factory=list)
    """The reader's last one; none before it was asked for."""
    error: str = ""

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def open(self) -> None:
        """Show an export that is there already, and hear how far one has come from then on."""
        actor, self.export, self.error = await signed_in(self), [], ""
        if not actor.can(Permission.PERSONAL_READ):
            return
        await watch(self, exports.topic(actor.require_partner()), on_change=PersonState.refresh)
        await self._read(actor)

    @rx.event
    @requires(Permission.PERSONAL_READ)
    async def refresh(self) -> None:
        """Read again: an export of the partner has come further."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.PERSONAL_READ)
    async def ask(self) -> None:
        """Have everything written; while it is being written, that one is it."""
        actor, self.error = await signed_in(self), ""
        if any(one.is_under_way for one in self.export):
            return
        try:
            applicant_id, key = await self._person(actor), await exports.wrap_key(actor.require_partner())
            async with transaction(actor.tenancy) as session:
                await person_exports.ask(session, actor, applicant_id, press=uuid4(), key=key)
        except StepUpRequired:
            raise  # the frame asks who is there
        except BackofficeError as error:
            self.error = str(error)
        await self._read(actor)

    @rx.event
    @requires(Permission.PERSONAL_READ)
    async def stop(self) -> None:
        """Stop one that is still being written."""
        actor = await signed_in(self)
        if self.export and self.export[0].is_under_way:
            async with transaction(actor.tenancy) as session:
                await exports.cancel(session, actor, parse_public_id(Prefix.EXPORT, self.export[0].id))
            await self._read(actor)

    async def _person(self, actor: Actor) -> UUID:
        async with transaction(actor.tenancy) as session:
            return (await documents.get(session, actor, parse_public_id(Prefix.DOCUMENT, id_in(self)))).applicant_id

    async def _read(self, actor: Actor) -> None:
        try:
            applicant_id = await self._person(actor)
        except NotFound:
            return
        async with transaction(actor.tenancy) as session:
            row = await person_exports.newest(session, actor, applicant_id)
        self.export = [export_row(row, "")] if row is not None else []
