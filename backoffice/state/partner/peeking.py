"""One document beside its list, with the same masks as its own page: nothing unmasked before somebody said what for."""

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import document_tags, dossiers
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.session import signed_in
from backoffice.viewmodels.documents import DocumentHead, document_head, with_shown
from backoffice.viewmodels.workspaces import CheckView, FieldView, check_view, field_rows


class PeekState(rx.State):
    """What one tab looks at from the side."""

    id: str = ""
    """Empty while nothing is looked at."""
    status: str = "loading"
    """loading, ready or missing."""
    head: DocumentHead = DocumentHead()
    fields: rx.Field[list[FieldView]] = rx.field(default_factory=list)
    checks: rx.Field[list[CheckView]] = rx.field(default_factory=list)

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def peek(self, document_id: str) -> None:
        """Look at a document; looking again closes it."""
        if document_id == self.id:
            self.reset()
            return
        self.reset()
        self.id = document_id
        try:
            key = parse_public_id(Prefix.DOCUMENT, document_id)
            await watch(self, f"document:{key}", on_change=PeekState.refresh)
            await self._read(await signed_in(self), is_opening=True)
        except NotFound:
            self.status = "missing"

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def refresh(self) -> None:
        """Read again: something about this document changed."""
        if self.status == "ready" and not await has_left(self):
            await self._read(await signed_in(self), is_opening=False)

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def close(self) -> None:
        """Look at the list alone."""
        self.reset()

    async def _read(self, actor: Actor, *, is_opening: bool) -> None:
        key = parse_public_id(Prefix.DOCUMENT, self.id)
        async with transaction(actor.tenancy) as session:
            dossier = await dossiers.read(session, actor, key, is_opening=is_opening)
            tags = (await document_tags.of_documents(session, [key])).get(key, [])
        head = document_head(
            dossier.document,
            dossier.decision,
            checks=[check for check, _ in dossier.checks],
            labels=dossier.labels,
            is_masked=not actor.can(Permission.PERSONAL_READ),
            is_erased=dossier.is_erased,
        )
        self.head = with_shown(
            head, tags, is_hidden=dossier.is_hidden, until=dossier.shown_until, alone=dossier.shown_fields
        )
        self.fields = field_rows(dossier.given, dossier.extracted, is_hidden=dossier.is_hidden)
        self.checks = [check_view(check, words) for check, words in dossier.checks]
        self.status = "ready"
