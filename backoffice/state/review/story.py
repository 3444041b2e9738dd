"""One document's story: what happened to it, and for leads whether its answer is settled as gold."""

from typing import Any
from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, NotAllowed, NotFound
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.review_tasks import Outcome
from backoffice.services import gold_documents, reasons, review_timelines
from backoffice.services.access import Actor, Permission
from backoffice.services.review_timelines import Timeline
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import alarm, notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.review_timelines import (
    DecisionRow,
    EntryRow,
    GoldView,
    StoryHead,
    decision_rows,
    entry_row,
    gold_view,
    story_head,
)
from backoffice.viewmodels.workspaces import UNRESOLVED, CheckView, ReasonView, check_view, reason_view


class StoryState(rx.State):
    """One tab's document."""

    head: StoryHead = StoryHead()
    entries: rx.Field[list[EntryRow]] = rx.field(default_factory=list)
    decisions: rx.Field[list[DecisionRow]] = rx.field(default_factory=list)
    unresolved: rx.Field[list[CheckView]] = rx.field(default_factory=list)
    passed: rx.Field[list[CheckView]] = rx.field(default_factory=list)
    gold: GoldView = GoldView()
    choices: rx.Field[list[ReasonView]] = rx.field(default_factory=list)
    """Reasons that a right answer can have."""
    wanted: str = ""
    """The outcome whose reasons are being chosen; empty while nobody does."""
    status: str = "loading"
    """loading, ready, missing or blind."""
    is_lead: bool = False
    _opened: UUID | None = None
    """The document whose opening was written down: nothing else is ever read again."""

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def open(self) -> None:
        """Read the document that the URL names, and hear of every change from then on."""
        actor, self.wanted = await signed_in(self), ""
        self.is_lead = actor.can(Permission.QUEUE_MANAGE)
        try:
            document_id = self._key()
            await watch(self, f"document:{document_id}", on_change=StoryState.refresh)
            await self._read(actor, is_opening=True)
            self._opened = document_id
        except NotFound:
            self.reset()
            self.status = "missing"
        except NotAllowed:
            self.reset()
            self.status = "blind"

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def refresh(self) -> None:
        """Read again: something about this document changed."""
        if not await has_left(self) and self.status == "ready" and self._opened == self._key():
            await self._read(await signed_in(self), is_opening=False)

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def want(self, outcome: str) -> None:
        """Choose the right outcome, whose reasons come next."""
        self.wanted = outcome if outcome in set(Outcome) else ""

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def settle(self, chosen: dict[str, Any]) -> rx.event.EventSpec:
        """Make the document gold with the outcome and the reasons that were chosen."""
        codes = [str(code) for code in chosen.get("codes", [])][:20]
        actor = await signed_in(self)
        try:
            async with transaction(actor.tenancy) as session:
                await gold_documents.mark(session, actor, self._key(), outcome=Outcome(self.wanted), codes=codes)
        except (BackofficeError, ValueError) as error:
            return alarm(str(error) if isinstance(error, BackofficeError) else "Choose an outcome first.")
        self.wanted = ""
        await self._read(actor, is_opening=False)
        return notice("It will be handed out among the samples.")

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def retire(self) -> rx.event.EventSpec:
        """Hand the document out no more."""
        actor = await signed_in(self)
        try:
            async with transaction(actor.tenancy) as session:
                await gold_documents.retire(session, actor, self._key())
        except BackofficeError as error:
            return alarm(str(error))
        await self._read(actor, is_opening=False)
        return notice("It is handed out no more.")

    def _key(self) -> UUID:
        return parse_public_id(Prefix.DOCUMENT, self.router.url.path.rstrip("/").rpartition("/")[2])

    async def _read(self, actor: Actor, *, is_opening: bool) -> None:
        async with transaction(actor.tenancy) as session:
            found = await review_timelines.read(session, actor, self._key(), is_opening=is_opening)
            known = await reasons.catalogue(session, actor) if self.is_lead else []
        self._show(found)
        self.choices = [reason_view(row) for row in known if not row.needs_note]
        self.status = "ready"

    def _show(self, found: Timeline) -> None:
        labels = found.labels
        self.head = story_head(found.document, found.partner)
        self.entries = [entry_row(one.entry, one.changes, labels) for one in found.entries]
        self.decisions = decision_rows([(one.decision, one.signers) for one in found.decisions], labels)
        checks = [check_view(check, words) for check, words in found.checks]
        self.unresolved = [one for one in checks if one.status in UNRESOLVED]
        self.passed = [one for one in checks if one.status not in UNRESOLVED]
        self.gold = gold_view(found.gold, found.document, len(found.decisions), labels)
