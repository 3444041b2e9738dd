"""Asking a logged request again in the sandbox, from the panel of the log."""

from datetime import datetime
from uuid import UUID, uuid4

import reflex as rx

from backoffice.clock import present
from backoffice.db import transaction
from backoffice.errors import BackofficeError
from backoffice.i18n import N_, gettext
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import magic_documents, replays
from backoffice.services.access import Actor, Permission
from backoffice.services.replays import Kind, Lent, Replay
from backoffice.state.gate import requires
from backoffice.state.session import signed_in
from backoffice.viewmodels.replays import AnswerView, ReplayView, answer_view, replay_view

LATE = N_("The API did not answer in time. What it did stands; sending again does the same thing once.")
LEFT = 60
"""Seconds that a lent key must still have."""


class ReplayState(rx.State):
    """One tab's replay."""

    replay: ReplayView = ReplayView()
    """Open when it has an id."""
    answer: AnswerView = AnswerView()
    pictures: rx.Field[list[str]] = rx.field(default_factory=list)
    error: str = ""
    ticket: str = ""
    """One press: it comes with the form, so that the same press twice sends once, also when no answer came."""
    _token: str = ""
    _until: datetime | None = None
    _for: UUID | None = None
    """The key whose rights the lent one has."""

    @rx.event
    @requires(Permission.SANDBOX_USE, Permission.REQUESTS_READ)
    async def begin(self, request_id: str) -> None:
        """Say what can be asked again of one line of the log."""
        plan = await self._plan(await signed_in(self), request_id)
        self.replay = replay_view(plan.row, kind=plan.kind, why=plan.why, needs_test_ids=plan.needs_test_ids)
        self.pictures = [one.name for one in magic_documents.shipped()] if plan.kind == Kind.PICTURE else []
        self.answer, self.error, self.ticket = AnswerView(), "", uuid4().hex

    @rx.event
    @requires(Permission.REQUESTS_READ)
    async def close(self) -> None:
        """Close it; the lent key ends by itself."""
        self.replay, self.answer, self.error = ReplayView(), AnswerView(), ""

    @rx.event
    @requires(Permission.SANDBOX_USE, Permission.REQUESTS_READ, Permission.KEYS_WRITE)
    async def send(self, form: dict[str, str]) -> None:
        """Ask again, and show what came back; a press that has had its answer gets no other."""
        if not self.replay.id or form.get("ticket") != self.ticket:
            return
        actor = await signed_in(self)
        plan = await self._plan(actor, self.replay.id)
        path, query, picture = (form.get(name, "") for name in ("path", "query", "picture"))
        try:
            whole = replays.checked(plan, path or plan.row.path)
            token = await self._key(actor, plan)
            got = await replays.send(actor, plan, token, path=whole, once=self.ticket, query=query, picture=picture)
        except (BackofficeError, OSError) as error:
            self.error, self.answer = str(error) or gettext(LATE), AnswerView()
            return
        self.error, self.ticket = "", uuid4().hex
        self.answer = answer_view(got.status, got.headers, got.body, got.size, got.seconds)

    async def _plan(self, actor: Actor, request_id: str) -> Replay:
        async with transaction(actor.tenancy) as session:
            return await replays.plan(session, actor, parse_public_id(Prefix.API_REQUEST, request_id))

    async def _key(self, actor: Actor, plan: Replay) -> str:
        """Go on with the key of this tab while it lives and has the same rights."""
        is_good = self._until is not None and (self._until - present()).total_seconds() > LEFT
        if not (is_good and self._for == plan.row.key_id):
            lent: Lent = await replays.lend_key(actor, plan.row)
            self._token, self._until, self._for = lent.token, lent.until, plan.row.key_id
        return self._token
