"""The marks on the picture of the task on the desk, and copies of its page with some of them blackened."""

from typing import Any
from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, NotAllowed, NotFound
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import annotations, copies, documents, reasons
from backoffice.services.access import Permission
from backoffice.state.gate import requires
from backoffice.state.live import watch
from backoffice.state.notices import alarm, notice
from backoffice.state.review.work import WorkState
from backoffice.state.session import signed_in
from backoffice.viewmodels.annotations import MarksView, marks_view

MAX_BLACK = copies.MAX_BOXES


class MarksState(rx.State):
    """One reviewer's pen."""

    task_id: str = ""
    """Whose marks these are: those of another task than the one on the desk are not shown."""
    marks: MarksView = MarksView()
    editing: str = ""
    black: rx.Field[list[str]] = rx.field(default_factory=list)
    """Ids of the marks that are to be blackened."""
    link: str = ""
    """Where the copy is that was just ordered."""

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def open(self) -> None:
        """Read the marks of the task in the address."""
        self.reset()
        self.task_id = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        try:
            await watch(self, f"review:{_task(self.task_id)}", on_change=MarksState.refresh)
            await self._read()
        except (NotFound, NotAllowed):
            self.reset()

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def refresh(self) -> None:
        """Read again: something about the task changed."""
        if self.task_id:
            await self._read()

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def drawn(self, task_id: str, picture: str, mark: dict[str, Any]) -> None:
        """Keep a rectangle that was just drawn, and ask what it means."""
        actor, box = await signed_in(self), numbers(mark.get("box"))
        async with transaction(actor.tenancy) as session:
            made = await annotations.add(session, actor, _task(task_id), picture_id=row_key(picture), box=box)
        self.editing = str(made)
        await self._read()

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def edit(self, mark_id: str) -> None:
        """Open one mark to write what it means; again, or an unknown one, closes it."""
        self.editing = "" if mark_id == self.editing else mark_id[:40]

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def save(self, written: dict[str, Any]) -> Any:  # noqa: ANN401 Reflex types a handler as a callback
        """Write note and reason of the mark that is open."""
        actor = await signed_in(self)
        note, reason = str(written.get("mark-note") or ""), str(written.get("mark-reason") or "")
        try:
            async with transaction(actor.tenancy) as session:
                task, mark = _task(self.task_id), row_key(self.editing)
                await annotations.change(session, actor, task, mark, note=note, reason=reason)
        except BackofficeError as error:
            return alarm(str(error))
        self.editing = ""
        await self._read()
        return notice("The mark is kept.")

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def remove(self, mark_id: str) -> Any:  # noqa: ANN401 Reflex types a handler as a callback
        """Take one's own mark off."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await annotations.remove(session, actor, _task(self.task_id), row_key(mark_id))
        self.editing = ""
        await self._read()
        return notice("The mark is removed.")

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def choose(self, mark_id: str) -> Any:  # noqa: ANN401 Reflex types a handler as a callback
        """Light a mark up, on the page where it is."""
        mark = next((one for one in self.marks.rows if one.id == mark_id), None)
        work = await self.get_state(WorkState)
        places = [index for index, page in enumerate(work.desk.pages) if mark and page.id == mark.picture]
        turn = [WorkState.turn_to(places[0])] if places and places[0] != work.page else []
        return [*turn, WorkState.select(mark.id)] if mark else []

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def blacken(self, mark_id: str) -> None:
        """Choose one mark for blackening, or not any more."""
        kept = [one for one in self.black if one != mark_id]
        self.black = kept if len(kept) < len(self.black) else [*kept, mark_id[:40]][:MAX_BLACK]
        self.link = ""

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def copy(self, picture: str, written: dict[str, Any]) -> Any:  # noqa: ANN401 as above
        """Order a copy of the shown page with the chosen marks blackened."""
        actor, why = await signed_in(self), str(written.get("copy-why") or "")
        boxes = [one.box for one in self.marks.rows if one.id in self.black and one.picture == picture]
        work = await self.get_state(WorkState)
        try:
            document_id = parse_public_id(Prefix.DOCUMENT, work.desk.document_id)
            async with transaction(actor.tenancy) as session:
                self.link = await copies.redact(
                    session, actor, document_id, picture_id=row_key(picture), boxes=boxes, why=why
                )
        except BackofficeError as error:
            return alarm(str(error))
        return notice("The copy is ready. Its link is good for five minutes.")

    async def _read(self) -> None:
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            found = await annotations.of_task(session, actor, _task(self.task_id))
            labels = await reasons.labels(session)
            ids = {one.annotation.document_id for one in found}
            files = {file.id: file for rows in (await documents.files_of(session, ids)).values() for file in rows}
        marked = [(one.annotation, one.by, one.note, one.picture_id) for one in found]
        self.marks = marks_view(marked, files, labels, actor.id)


def _task(task_id: str) -> UUID:
    return parse_public_id(Prefix.REVIEW_TASK, task_id)


def row_key(key: str) -> UUID:
    """Read a row's key as the screen has it.

    Raises NotFound for anything else.
    """
    try:
        return UUID(key)
    except ValueError:
        raise NotFound("There is no such mark or picture.") from None


def numbers(box: object) -> list[float]:
    """Take the numbers out of what a client calls a box; the service judges them."""
    values = box if isinstance(box, list) else []
    return [float(value) for value in values if isinstance(value, int | float)]
