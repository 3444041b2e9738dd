"""Changing many documents from the list: the question with its number, the job's progress, and taking it back."""

from typing import Any, Literal
from uuid import UUID, uuid4

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError
from backoffice.i18n import gettext
from backoffice.models.bulk_actions import BulkOutcome
from backoffice.models.exports import ExportKind
from backoffice.services import bulk_walks, document_actions, document_tags
from backoffice.services.access import Actor, Permission
from backoffice.services.document_actions import Press
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import alarm
from backoffice.state.partner.documents import DocumentsState, asked_of
from backoffice.state.partner.exports import ask_for
from backoffice.state.partner.numbers import is_live
from backoffice.state.partner.selecting import SelectionState, picked
from backoffice.state.session import signed_in
from backoffice.viewmodels.bulk_actions import BulkView, bulk_view

OUTCOMES = {"cancel": BulkOutcome.CANCELED, "tag": BulkOutcome.TAGGED, "untag": BulkOutcome.UNTAGGED}
Events = list[Any]
"""Reflex types a handler's call as a callback."""


class DocumentBulkState(rx.State):
    """What one tab changes by the dozen."""

    asking: str = ""
    """cancel, tag or untag while its dialog is open."""
    amount: int = 0
    """How many documents the question is about."""
    known: rx.Field[list[str]] = rx.field(default_factory=list)
    """Tags that the partner uses already."""
    error: str = ""
    progress: BulkView = BulkView()
    _keys: rx.Field[list[UUID]] = rx.field(default_factory=list)
    _press: UUID | None = None
    _dismissed: str = ""
    """The action whose result was put away."""

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def open(self) -> None:
        """Show an action of this person that still runs or can be taken back, also when another tab began it."""
        actor, self.asking, self.progress = await signed_in(self), "", BulkView()
        if actor.is_staff:
            return
        async with transaction(actor.tenancy) as session:
            action = await document_actions.newest(session, actor)
            shown = action and bulk_view(await document_actions.progress(session, actor, action.id))
        if shown and shown.id != self._dismissed and (shown.is_running or shown.undo_until):
            await self._follow(actor, UUID(shown.id))

    @rx.event
    @requires(Permission.DOCUMENTS_TAG)
    async def ask(self, what: Literal["cancel", "tag", "untag"]) -> None:
        """Ask before anything happens, about exactly what is selected now."""
        actor, self._keys, self._press = await signed_in(self), await picked(self), uuid4()
        async with transaction(actor.tenancy) as session:
            self.known = await document_tags.in_use(session, actor, livemode=is_live(self))
        self.amount, self.error = len(self._keys), ""
        self.asking = what if self._keys else ""

    @rx.event
    @requires(Permission.DOCUMENTS_TAG)
    async def confirm(self, written: dict[str, Any]) -> Events:
        """Let a job change them; to cancel, the number is written by hand."""
        actor, outcome = await signed_in(self), OUTCOMES.get(self.asking)
        if outcome is None or self._press is None:
            return []
        if outcome == BulkOutcome.CANCELED and str(written.get("bulk-count") or "").strip() != str(self.amount):
            self.error = gettext("Type {count} to cancel as many documents.", count=self.amount)
            return []
        try:
            async with transaction(actor.tenancy) as session:
                press = Press(self._press, outcome, self._keys, str(written.get("bulk-tag") or ""))
                action = await document_actions.begin(session, actor, press)
        except BackofficeError as error:
            self.error = str(error)
            return []
        self.asking, self.error, self._keys = "", "", []
        await self._follow(actor, action.id)
        return [SelectionState.select_none]

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def close(self) -> None:
        """Close the question."""
        self.asking, self.error = "", ""

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def export(self) -> None:
        """Ask in which form the selection is wanted: rows by their ids, everything that matches by the filters."""
        selection, asked = await self.get_state(SelectionState), asked_of(self)
        if selection.selected:
            ids = {} if selection.is_whole else {"ids": ",".join(selection.selected)}
            await ask_for(self, ExportKind.DOCUMENTS, (asked if selection.is_whole else {}) | ids)

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def refresh(self) -> Events:
        """Read again how far it has come; its end changes the rows."""
        if not self.progress.id or await has_left(self):
            return []
        await self._read(await signed_in(self), UUID(self.progress.id))
        return [] if self.progress.is_running else [DocumentsState.refresh]

    @rx.event
    @requires(Permission.DOCUMENTS_TAG)
    async def stop(self) -> None:
        """Leave the rest alone."""
        actor = await signed_in(self)
        if self.progress.id:
            async with transaction(actor.tenancy) as session:
                await document_actions.stop(session, actor, UUID(self.progress.id))
            await self._read(actor, UUID(self.progress.id))

    @rx.event
    @requires(Permission.DOCUMENTS_TAG)
    async def undo(self) -> Events:
        """Let the job take back what it did."""
        actor = await signed_in(self)
        if not self.progress.id:
            return []
        try:
            async with transaction(actor.tenancy) as session:
                await document_actions.undo(session, actor, UUID(self.progress.id))
        except BackofficeError as error:
            return [alarm(str(error))]
        await self._read(actor, UUID(self.progress.id))
        return []

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def dismiss(self) -> None:
        """Put the result away."""
        self._dismissed, self.progress = self.progress.id, BulkView()

    async def _follow(self, actor: Actor, action_id: UUID) -> None:
        await watch(self, bulk_walks.topic(action_id), on_change=DocumentBulkState.refresh)
        await self._read(actor, action_id)

    async def _read(self, actor: Actor, action_id: UUID) -> None:
        async with transaction(actor.tenancy) as session:
            self.progress = bulk_view(await document_actions.progress(session, actor, action_id))
