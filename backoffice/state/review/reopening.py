"""Opening a decided document again from its timeline, and what was said of it before."""

from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.reopenings import ReopeningKind
from backoffice.services import reopenings
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.reopenings import PastView, QuestionView, past_view, question_view


class ReopeningState(rx.State):
    """One tab's document, as far as decisions on it are questioned."""

    past: rx.Field[list[PastView]] = rx.field(default_factory=list)
    questions: rx.Field[list[QuestionView]] = rx.field(default_factory=list)
    kinds: rx.Field[list[str]] = rx.field(default_factory=list)
    """Why this person may open it again; empty when they may not."""
    error: str = ""

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def open(self) -> None:
        """Read what was said before, and hear of every change from then on."""
        self.error = ""
        try:
            document_id = self._key()
            await watch(self, f"document:{document_id}", on_change=ReopeningState.refresh)
            await self._read(await signed_in(self), document_id)
        except BackofficeError:
            self.reset()

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def refresh(self) -> None:
        """Read again: something about this document changed."""
        if await has_left(self):
            return
        try:
            await self._read(await signed_in(self), self._key())
        except BackofficeError:
            self.reset()

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def reopen(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Put the document back on the queue, for the reason that was chosen and written."""
        actor, self.error = await signed_in(self), ""
        kind, why = form.get("kind", ""), form.get("why", "")
        try:
            async with transaction(actor.tenancy) as session:
                wanted = ReopeningKind(kind) if kind in self.kinds else ReopeningKind.CORRECTION
                await reopenings.reopen(session, actor, self._key(), kind=wanted, why=why)
        except BackofficeError as error:
            self.error = str(error)
            return None
        await self._read(actor, self._key())
        return notice("It is on the queue again. The decision stands until a new one is made.")

    def _key(self) -> UUID:
        return parse_public_id(Prefix.DOCUMENT, self.router.url.path.rstrip("/").rpartition("/")[2])

    async def _read(self, actor: Actor, document_id: UUID) -> None:
        async with transaction(actor.tenancy) as session:
            found = await reopenings.standing(session, actor, document_id)
        self.past = [past_view(one.reopening, one.decision, one.why, one.by, found.labels) for one in found.past]
        self.questions = [question_view(one.question, one.text, one.answer) for one in found.questions]
        self.kinds = list(found.kinds)
