"""What reviewers ask about one document, the answers, and an appeal against its rejection."""

from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError
from backoffice.i18n import gettext
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import questions, reopenings
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.reopenings import QuestionView, question_view


class QuestionsState(rx.State):
    """One tab's document."""

    rows: rx.Field[list[QuestionView]] = rx.field(default_factory=list)
    can_appeal: bool = False
    is_appealing: bool = False
    error: str = ""

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def open(self) -> None:
        """Read the questions, and hear of every change from then on."""
        self.error, self.is_appealing = "", False
        try:
            document_id = self._key()
            await watch(self, f"document:{document_id}", on_change=QuestionsState.refresh)
            await self._read(await signed_in(self), document_id)
        except BackofficeError:
            self.reset()

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def refresh(self) -> None:
        """Read again: something about this document changed."""
        if not await has_left(self):
            await self._read(await signed_in(self), self._key())

    @rx.event
    @requires(Permission.DOCUMENTS_WRITE)
    async def answer(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Answer one question; the review goes on at once."""
        actor, self.error = await signed_in(self), ""
        try:
            async with transaction(actor.tenancy) as session:
                key = parse_public_id(Prefix.QUESTION, form.get("question", ""))
                await questions.answer(session, actor, key, form.get("answer", ""), document_id=self._key())
        except BackofficeError as error:
            self.error = str(error)
            return None
        await self._read(actor, self._key())
        return notice(gettext("Sent. The review goes on."))

    @rx.event
    @requires(Permission.DOCUMENTS_WRITE)
    async def ask_appeal(self, wanted: bool) -> None:
        """Open the form for an appeal, or close it."""
        self.is_appealing, self.error = bool(wanted), ""

    @rx.event
    @requires(Permission.DOCUMENTS_WRITE)
    async def appeal(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Have the rejection looked at by somebody who did not sign it."""
        actor, self.error = await signed_in(self), ""
        try:
            async with transaction(actor.tenancy) as session:
                await reopenings.appeal(session, actor, self._key(), why=form.get("why", ""))
        except BackofficeError as error:
            self.error = str(error)
            return None
        self.is_appealing = False
        await self._read(actor, self._key())
        return notice(gettext("Your appeal is on its way to somebody who did not decide before."))

    def _key(self) -> UUID:
        return parse_public_id(Prefix.DOCUMENT, self.router.url.path.rstrip("/").rpartition("/")[2])

    async def _read(self, actor: Actor, document_id: UUID) -> None:
        async with transaction(actor.tenancy) as session:
            found = await questions.of_document(session, actor, document_id)
            self.can_appeal = await reopenings.can_appeal(session, actor, document_id)
        self.rows = [question_view(one.question, one.text, one.answer) for one in reversed(found)]
