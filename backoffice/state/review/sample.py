"""One sample: the document blind, then both verdicts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, Conflict, NotAllowed, NotFound
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.review_tasks import Outcome
from backoffice.models.samples import Cause
from backoffice.services import reasons, sample_desks, samples
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.notices import alarm, notice
from backoffice.state.review.desks import desk_of
from backoffice.state.review.samples import NOTHING, PLACE
from backoffice.state.review.work import PAGE_STEPS, choice
from backoffice.state.session import signed_in
from backoffice.viewmodels.samples import LookRow, blind, look_row
from backoffice.viewmodels.workspaces import DeskView, page_of


class SampleState(rx.State):
    """One tab's sample."""

    desk: DeskView = DeskView()
    look: LookRow = LookRow()
    status: str = "loading"
    """loading, blind, revealed or missing."""
    page: int = 0
    selected: str = ""

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def open(self) -> None:
        """Show the sample of the URL: blind while it is to be judged, with both verdicts afterwards."""
        actor = await signed_in(self)
        self.desk, self.look, self.page, self.selected = DeskView(), LookRow(), 0, ""
        try:
            sample_id = parse_public_id(Prefix.SAMPLE, self.router.url.path.rstrip("/").rpartition("/")[2])
            await self._enter(actor, sample_id)
        except (Conflict, NotAllowed, NotFound):
            self.status = "missing"

    async def _enter(self, actor: Actor, sample_id: UUID) -> None:
        try:
            async with transaction(actor.tenancy) as session:
                sample, found = await sample_desks.enter(session, actor, sample_id)
            self.desk, self.status = blind(desk_of(found, actor, self.desk.pages), sample), "blind"
        except (Conflict, NotAllowed):
            await self._reveal(actor, sample_id)

    async def _reveal(self, actor: Actor, sample_id: UUID) -> None:
        async with transaction(actor.tenancy) as session:
            look, sample, found = await sample_desks.reveal(session, actor, sample_id)
            labels = await reasons.labels(session)
        self.look = look_row(look, labels, is_lead=actor.can(Permission.QUEUE_MANAGE))
        self.desk, self.status = blind(desk_of(found, actor, self.desk.pages), sample), "revealed"

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def approve(self, sample_id: str) -> rx.event.EventSpec | None:
        """Judge that the document should be approved."""
        return await self._answer(sample_id, Outcome.APPROVED)

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def decide(self, chosen: dict[str, Any]) -> rx.event.EventSpec | None:
        """Judge that it should be rejected or asked for again, with the reasons that were ticked."""
        return await self._answer(*choice(chosen)[:4])

    async def _answer(
        self, sample_id: str, outcome: Outcome, codes: Sequence[str] = (), note: str = ""
    ) -> rx.event.EventSpec | None:
        if sample_id != self.desk.task_id or self.status != "blind":
            return None
        actor, key = await signed_in(self), parse_public_id(Prefix.SAMPLE, sample_id)
        try:
            async with transaction(actor.tenancy) as session:
                await samples.answer(session, actor, key, outcome=outcome, reasons=codes, note=note)
        except BackofficeError as error:
            return alarm(str(error))
        await self._reveal(actor, key)
        return None

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def mark(self, cause: Cause) -> None:
        """Say why the two verdicts differ."""
        actor, key = await signed_in(self), parse_public_id(Prefix.SAMPLE, self.look.id)
        async with transaction(actor.tenancy) as session:
            await samples.mark(session, actor, key, Cause(cause))
        await self._reveal(actor, key)

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def following(self) -> rx.event.EventSpec:
        """Take the next sample."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            sample = await samples.take(session, actor)
        return rx.redirect(f"{PLACE}/{public_id(Prefix.SAMPLE, sample.id)}") if sample else notice(NOTHING, "info")

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def select(self, box_id: str) -> None:
        """Light up one field or check, on the page where it stands."""
        self.selected = "" if box_id == self.selected else box_id[:60]
        place = page_of(self.desk, self.selected)
        self.page = place if place >= 0 else self.page

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def turn_to(self, page: int) -> None:
        """Show another picture; beyond either end it starts again."""
        self.page = int(page) % max(len(self.desk.pages), 1)

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def command(self, name: str) -> None:
        """Do what a key asks for that no button does."""
        if name == "next-check" and self.desk.unresolved:
            order = [f"check-{one.name}" for one in self.desk.unresolved]
            place = order.index(self.selected) + 1 if self.selected in order else 0
            await self.select(order[place % len(order)])
        elif name in PAGE_STEPS:
            await self.turn_to(self.page + PAGE_STEPS[name])
