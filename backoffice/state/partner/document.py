"""One document of the partner: each tab of the page is a tab of the URL, and everything moves by itself."""

from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import NotAllowed, NotFound
from backoffice.i18n import gettext
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import deliveries, document_tags, documents, dossiers
from backoffice.services.access import Actor, Permission
from backoffice.services.dossiers import Dossier
from backoffice.services.files import file_link
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import notice
from backoffice.state.partner.documents import DocumentsState
from backoffice.state.session import signed_in
from backoffice.viewmodels.deliveries import DeliveryRow, delivery_row
from backoffice.viewmodels.documents import (
    DocumentHead,
    FileRow,
    Neighbours,
    document_head,
    file_row,
    neighbours,
    raw,
    with_shown,
)
from backoffice.viewmodels.events import EventRow, event_row
from backoffice.viewmodels.workspaces import CheckView, FieldView, PageView, boxes, check_view, field_rows, pages

TABS = ("overview", "files", "checks", "timeline", "deliveries", "raw")


class DocumentState(rx.State):
    """One tab's document."""

    status: str = "loading"
    """loading, ready or missing."""
    tab: str = "overview"
    head: DocumentHead = DocumentHead()
    fields: rx.Field[list[FieldView]] = rx.field(default_factory=list)
    checks: rx.Field[list[CheckView]] = rx.field(default_factory=list)
    pages: rx.Field[list[PageView]] = rx.field(default_factory=list)
    files: rx.Field[list[FileRow]] = rx.field(default_factory=list)
    timeline: rx.Field[list[EventRow]] = rx.field(default_factory=list)
    deliveries: rx.Field[list[DeliveryRow]] = rx.field(default_factory=list)
    raw: str = ""
    beside: Neighbours = Neighbours()
    _opened: str = ""
    """The document whose opening was written down: nothing else is ever read again."""

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def open(self) -> None:
        """Read the document that the URL names, and hear of every change from then on."""
        asked = self.router.url.query_parameters.get("tab", "")
        self.tab = asked if asked in TABS else TABS[0]
        actor, text = await signed_in(self), id_in(self)
        self.pages = []
        try:
            document_id = parse_public_id(Prefix.DOCUMENT, text)
            await watch(self, f"document:{document_id}", on_change=DocumentState.refresh)
            await self._read(actor, document_id, is_opening=True)
            self._opened = text
            list_ = await self.get_state(DocumentsState)
            self.beside = neighbours(list_.rows, text, list_.url)
        except (NotFound, NotAllowed):
            self.reset()
            self.status = "missing"

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def refresh(self) -> None:
        """Read again: something about this document changed."""
        opened = self._opened  # the address may change while this waits
        if not await has_left(self) and opened == id_in(self):
            await self._read(await signed_in(self), parse_public_id(Prefix.DOCUMENT, opened), is_opening=False)

    @rx.event
    @requires(Permission.PERSONAL_READ)
    async def show(self) -> None:
        """Read again what may be shown now: somebody said what for, or the time for it is over."""
        if self._opened == id_in(self):
            await self._read(await signed_in(self), parse_public_id(Prefix.DOCUMENT, self._opened), is_opening=True)

    @rx.event
    @requires(Permission.WEBHOOKS_WRITE)
    async def resend(self, delivery_id: str) -> rx.event.EventSpec:
        """Try one delivery again now."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await deliveries.resend(session, actor, parse_public_id(Prefix.DELIVERY, delivery_id))
        return notice(gettext("It is sent again now."))

    async def _read(self, actor: Actor, document_id: UUID, *, is_opening: bool) -> None:
        can_see_deliveries = actor.can(Permission.WEBHOOKS_READ)
        async with transaction(actor.tenancy) as session:
            dossier = await dossiers.read(session, actor, document_id, is_opening=is_opening)
            tags = (await document_tags.of_documents(session, [document_id])).get(document_id, [])
            owed = await deliveries.of_subject(session, actor, document_id) if can_see_deliveries else []
        self._show(actor, dossier, tags)
        self.deliveries = [delivery_row(one.delivery, one.event, one.endpoint) for one in owed]
        self.status = "ready"

    def _show(self, actor: Actor, dossier: Dossier, tags: list[str]) -> None:
        can_read = actor.can(Permission.PERSONAL_READ)
        head = document_head(
            dossier.document,
            dossier.decision,
            checks=[check for check, _ in dossier.checks],
            labels=dossier.labels,
            is_masked=not can_read,
            is_erased=dossier.is_erased,
        )
        self.head = with_shown(
            head, tags, is_hidden=dossier.is_hidden, until=dossier.shown_until, alone=dossier.shown_fields
        )
        rows = field_rows(dossier.given, dossier.extracted, is_hidden=dossier.is_hidden)
        found = boxes(dossier.extracted, dossier.checks, {row.name: row for row in rows}) if dossier.renditions else {}
        self.fields = rows
        self.checks = [check_view(check, words) for check, words in dossier.checks]
        self.files = [file_row(file) for file in dossier.files]
        self.timeline = [event_row(event) for event in reversed(dossier.history)]
        self.raw = raw(documents.snapshot(dossier.document, dossier.decision))
        pictures = pages(dossier.files, dossier.renditions, found, lambda row: file_link(actor, row))
        if [one.id for one in pictures] != [one.id for one in self.pages]:
            self.pages = pictures


def id_in(state: rx.State) -> str:
    """Read from the URL which document it names."""
    return state.router.url.path.rstrip("/").rpartition("/")[2]
