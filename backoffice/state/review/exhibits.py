"""The pictures of the document whose timeline is open: fetched when somebody asks to see them."""

from typing import Any
from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import NotAllowed, NotFound
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import exhibits
from backoffice.services.access import Actor, Permission
from backoffice.services.exhibits import Exhibit
from backoffice.services.files import file_link
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.annotations import MarksView, marks_view
from backoffice.viewmodels.workspaces import PageView, boxes, field_rows, pages


class ExhibitsState(rx.State):
    """One tab's pictures; those of another document than the one in the address are not shown."""

    document_id: str = ""
    pages: rx.Field[list[PageView]] = rx.field(default_factory=list)
    marks: MarksView = MarksView()
    page: int = 0
    selected: str = ""

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def open(self) -> None:
        """Show the pictures, and hear of every mark from then on."""
        actor, name = await signed_in(self), self._name()
        self.reset()
        try:
            document_id = parse_public_id(Prefix.DOCUMENT, name)
            await watch(self, f"document:{document_id}", on_change=ExhibitsState.refresh)
            await self._read(actor, document_id)
        except (NotFound, NotAllowed):
            return
        self.document_id = name

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def close(self) -> None:
        """Put the pictures away."""
        self.reset()

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def refresh(self) -> None:
        """Read again: something about this document changed."""
        if self.document_id != self._name() or await has_left(self):
            return
        try:
            await self._read(await signed_in(self), parse_public_id(Prefix.DOCUMENT, self.document_id))
        except (NotFound, NotAllowed):
            self.reset()

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def turn_to(self, index: int) -> None:
        """Show another page."""
        self.page, self.selected = min(max(index, 0), max(len(self.pages) - 1, 0)), ""

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def light(self, box_id: str) -> Any:  # noqa: ANN401 Reflex types a handler as a callback
        """Light up a mark, a field or a check's evidence, on the page where it is."""
        if self.document_id != self._name():
            await self.open()
        places = [index for index, page in enumerate(self.pages) if self._is_on(page, box_id)]
        if not places:
            return notice("Nothing of it stands on the pictures any more, or it cannot be shown.", "warning")
        self.page, self.selected = places[0], box_id[:80]
        return None

    def _is_on(self, page: PageView, box_id: str) -> bool:
        drawn = self.marks.drawn.get(page.id, [])
        return any(one.id == box_id for one in (*page.boxes, *drawn))

    def _name(self) -> str:
        return self.router.url.path.rstrip("/").rpartition("/")[2]

    async def _read(self, actor: Actor, document_id: UUID) -> None:
        async with transaction(actor.tenancy) as session:
            found = await exhibits.read(session, actor, document_id)
        self._show(found, actor)

    def _show(self, found: Exhibit, actor: Actor) -> None:
        """Lay the pages out; a picture that is shown already keeps its address, so that nothing flickers."""
        dossier, known = found.dossier, {page.id: page.src for page in self.pages}
        rows = {row.name: row for row in field_rows(dossier.given, dossier.extracted)}
        drawn = boxes(dossier.extracted, dossier.checks, rows)
        self.pages = pages(
            dossier.files, dossier.renditions, drawn, lambda row: known.get(str(row.id)) or file_link(actor, row)
        )
        marked = [(one.annotation, one.by, one.note, one.picture_id) for one in found.marks]
        self.marks = marks_view(marked, {file.id: file for file in dossier.files}, dossier.labels, actor.id)
