"""Deciding many tasks from the queue: the question with its number, the job's progress, and taking it back."""

from typing import Any, Literal
from uuid import UUID, uuid4

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.bulk_actions import BulkStatus
from backoffice.models.review_tasks import Outcome
from backoffice.services import bulk_actions, bulk_walks, reasons
from backoffice.services.access import Actor, Permission
from backoffice.services.bulk_actions import Press
from backoffice.services.bulk_texts import Texts
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import alarm, notice
from backoffice.state.review.picking import picked_keys
from backoffice.state.review.queue import QueueState
from backoffice.state.session import signed_in
from backoffice.viewmodels.bulk_actions import BulkView, ReasonChoice, bulk_view, reason_choices

OUTCOMES = {"reject": Outcome.REJECTED, "resubmit": Outcome.RESUBMISSION_REQUESTED}
Events = list[Any]
"""Reflex types a handler's call as a callback."""


class BulkState(rx.State):
    """What one tab decides by the dozen."""

    asking: str = ""
    """reject or resubmit while its dialog is open."""
    amount: int = 0
    """How many documents the question is about."""
    choices: rx.Field[list[ReasonChoice]] = rx.field(default_factory=list)
    codes: rx.Field[list[str]] = rx.field(default_factory=list)
    error: str = ""
    progress: BulkView = BulkView()
    _keys: rx.Field[list[UUID]] = rx.field(default_factory=list)
    _press: UUID | None = None

    @rx.event
    @requires(Permission.QUEUE_READ)
    async def open(self) -> None:
        """Show an action of this person that still runs, also when another tab began it."""
        actor, self.asking = await signed_in(self), ""
        self.progress = BulkView()
        if not actor.can(Permission.DOCUMENTS_DECIDE):
            return
        async with transaction(actor.tenancy) as session:
            action = await bulk_actions.newest(session, actor)
        if action is not None and action.status == BulkStatus.RUNNING:
            await self._follow(actor, action.id)

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def ask(self, what: Literal["reject", "resubmit"]) -> None:
        """Ask before anything happens, about exactly what is selected now."""
        actor, queue = await signed_in(self), await self.get_state(QueueState)
        self._keys = await picked_keys(self) or [parse_public_id(Prefix.REVIEW_TASK, one) for one in queue.selected]
        async with transaction(actor.tenancy) as session:
            found = await reasons.catalogue(session, actor)
        self.choices, self.codes, self.error = reason_choices(found, OUTCOMES[what]), [], ""
        self.amount, self._press = len(self._keys), uuid4()
        self.asking = what if self._keys else ""

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def tick(self, code: str) -> None:
        """Give a reason, or take it away."""
        if code in self.codes:
            self.codes = [one for one in self.codes if one != code]
        elif any(one.code == code for one in self.choices):
            self.codes = [*self.codes, code]

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def confirm(self, written: dict[str, Any]) -> Events:
        """Let a job decide them, with what was written for all."""
        actor, outcome = await signed_in(self), OUTCOMES.get(self.asking)
        if outcome is None or self._press is None:
            return []
        try:
            async with transaction(actor.tenancy) as session:
                texts = Texts(*(str(written.get(name) or "").strip() for name in ("bulk-note", "bulk-message")))
                press = Press(self._press, outcome, self.codes, self._keys, texts)
                action = await bulk_actions.begin(session, actor, press)
        except BackofficeError as error:
            self.error = str(error)
            return []
        self.asking, self.error = "", ""
        await self._follow(actor, action.id)
        return [QueueState.select_none]

    @rx.event
    @requires(Permission.QUEUE_READ)
    async def close(self) -> None:
        """Close the question."""
        self.asking, self.error = "", ""

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def refresh(self) -> None:
        """Read again how far it has come."""
        if self.progress.id and not await has_left(self):
            await self._read(await signed_in(self), UUID(self.progress.id))

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def stop(self) -> None:
        """Leave the rest alone."""
        actor = await signed_in(self)
        if self.progress.id:
            async with transaction(actor.tenancy) as session:
                await bulk_actions.stop(session, actor, UUID(self.progress.id))
            await self._read(actor, UUID(self.progress.id))

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def undo(self) -> Events:
        """Take back what is not final yet."""
        actor = await signed_in(self)
        if not self.progress.id:
            return []
        async with transaction(actor.tenancy) as session:
            taken, late = await bulk_actions.undo_all(session, actor, UUID(self.progress.id))
        await self._read(actor, UUID(self.progress.id))
        if not taken:
            return [alarm("It is too late to undo: the decisions are final.")]
        more = f" {late} were final already." if late else ""
        return [notice(f"{taken} taken back.{more}", "warning" if late else "success"), QueueState.refresh]

    @rx.event
    @requires(Permission.QUEUE_READ)
    async def dismiss(self) -> None:
        """Put the result away."""
        self.progress = BulkView()

    async def _follow(self, actor: Actor, action_id: UUID) -> None:
        await watch(self, bulk_walks.topic(action_id), on_change=BulkState.refresh)
        await self._read(actor, action_id)

    async def _read(self, actor: Actor, action_id: UUID) -> None:
        async with transaction(actor.tenancy) as session:
            self.progress = bulk_view(await bulk_actions.progress(session, actor, action_id))
