"""Blackening a page at once: areas that are drawn for one copy and are no marks; they are kept only in the copy."""

from typing import Any
from uuid import uuid4

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import annotations, copies
from backoffice.services.access import Permission
from backoffice.state.gate import requires
from backoffice.state.notices import alarm, notice
from backoffice.state.review.marks import MAX_BLACK, numbers, row_key
from backoffice.state.review.work import WorkState
from backoffice.state.session import signed_in
from backoffice.viewmodels.annotations import area_view
from backoffice.viewmodels.workspaces import BoxView, PageView


class RedactingState(rx.State):
    """One page that is being blackened."""

    task_id: str = ""
    """Empty while nothing is; the page of another task than the one on the desk is not shown."""
    page: PageView = PageView()
    areas: rx.Field[list[BoxView]] = rx.field(default_factory=list)
    selected: str = ""
    link: str = ""
    error: str = ""
    _document_id: str = ""

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def open(self) -> None:
        """Begin with the page that is shown on the desk."""
        work = await self.get_state(WorkState)
        self.reset()
        if work.desk.pages:
            self.page = work.desk.pages[min(work.page, len(work.desk.pages) - 1)]
            self.task_id, self._document_id = work.desk.task_id, work.desk.document_id

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def close(self) -> None:
        """Forget what was drawn."""
        self.reset()

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def draw(self, mark: dict[str, Any]) -> Any:  # noqa: ANN401 Reflex types a handler as a callback
        """Add an area."""
        if len(self.areas) >= MAX_BLACK:
            return alarm(f"At most {MAX_BLACK} areas at a time.")
        try:
            box = annotations.box_of(numbers(mark.get("box")))
        except BackofficeError as error:
            return alarm(str(error))
        self.areas, self.link = [*self.areas, area_view(uuid4().hex, len(self.areas) + 1, box)], ""
        return None

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def select(self, area_id: str) -> None:
        """Light one area up."""
        self.selected = area_id[:40]

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def remove(self, area_id: str) -> None:
        """Take one area away."""
        kept = [one for one in self.areas if one.id != area_id]
        self.areas = [area_view(one.id, number, one.box) for number, one in enumerate(kept, 1)]
        self.link = ""

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def make(self, written: dict[str, Any]) -> Any:  # noqa: ANN401 as above
        """Order the copy of the page with these areas blackened."""
        actor, why, boxes = await signed_in(self), str(written.get("area-why") or ""), [one.box for one in self.areas]
        try:
            document_id, picture = parse_public_id(Prefix.DOCUMENT, self._document_id), row_key(self.page.id)
            async with transaction(actor.tenancy) as session:
                link = await copies.redact(session, actor, document_id, picture_id=picture, boxes=boxes, why=why)
        except BackofficeError as error:
            self.error = str(error)
            return None
        self.error, self.link = "", link
        return notice("The copy is ready. Its link is good for five minutes.")
