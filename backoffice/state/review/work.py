"""The review workspace: one task on the desk, the next one ready, the last verdict still to undo."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import reflex as rx

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.review_tasks import Outcome
from backoffice.services import decisions, review_claims, review_metrics, review_rooms, review_tasks, workspaces
from backoffice.services.access import Permission
from backoffice.services.decisions import Verdict
from backoffice.state.gate import requires
from backoffice.state.live import watch
from backoffice.state.notices import notice
from backoffice.state.review.desks import desk_of
from backoffice.state.review.presence import looks
from backoffice.state.session import signed_in
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.workspaces import DeskView, PageView, UndoView, page_of

OUTCOMES = {"reject": Outcome.REJECTED, "resubmit": Outcome.RESUBMISSION_REQUESTED}
SAID = {
    Outcome.APPROVED: "approved",
    Outcome.REJECTED: "rejected",
    Outcome.RESUBMISSION_REQUESTED: "asked again",
}
ASIDE = {"escalate": review_claims.escalate, "hold": review_claims.hold, "skip": review_claims.skip}
PAGE_STEPS = {"next-page": 1, "previous-page": -1}
MAX_SKIPPED = 50
MOST_LEFT = 10


class WorkState(rx.State):
    """One reviewer's desk."""

    desk: DeskView = DeskView()
    status: str = "loading"
    """loading, ready, or empty when nothing waits."""
    page: int = 0
    selected: str = ""
    is_heat: bool = False
    """Whether the heat-map stands where the picture was."""
    undoable: UndoView = UndoView()
    upcoming: rx.Field[list[str]] = rx.field(default_factory=list)
    """Pictures of the next task, which the browser fetches ahead."""
    _next: DeskView = DeskView()
    _skipped: rx.Field[list[str]] = rx.field(default_factory=list)
    _left: rx.Field[list[str]] = rx.field(default_factory=list)
    """Tasks whose place another took on the desk while the address still named them, the latest last."""

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def begin(self) -> rx.event.EventSpec | None:
        """Give the best task of the queue: `/review/work`."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            task = await review_claims.next_task(session, actor, exclude=self._leave_out())
        if task is not None:
            name = public_id(Prefix.REVIEW_TASK, task.id)
            if name != self.desk.task_id:  # what was there before must not stand under another task's address
                self.desk, self.status = DeskView(), "loading"
            return rx.redirect(work_url(name), replace=True)
        self.status, self.desk = "empty", DeskView()
        last = [f"review:{_key(self.undoable.task_id)}"] if self.undoable.task_id else []
        await watch(self, review_tasks.QUEUE, *last, on_change=WorkState.settle)
        return None

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def look_again(self) -> rx.event.EventSpec | None:
        """Give the best task again, also one that was skipped."""
        self._skipped = []
        return await self.begin()

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def open(self) -> Any:  # noqa: ANN401 Reflex types a handler as a callback
        """Put the task of the URL on the desk and take it; fetch the next one ahead."""
        task_id, actor = self._addressed(), await signed_in(self)
        with suppress(NotFound):
            await self._watch(task_id)
            async with transaction(actor.tenancy) as session:
                found = await workspaces.enter(session, actor, _key(task_id))
            await looks.at(self, actor, task_id)
            was_shown = self.desk.task_id == task_id
            self._show(desk_of(found, actor, self.desk.pages))
            if was_shown and self._next.task_id not in {"", task_id}:
                return None
            self._next, self.upcoming = DeskView(), []  # it was fetched beside another task
            return WorkState.prefetch
        self.status, self.desk = "missing", DeskView()
        return None

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def prefetch(self) -> None:
        """Claim the task after this one and read it, so that it shows at once."""
        if self.desk.is_mine:
            self._next = await self._fetch(self._next.pages)
            self.upcoming = [page.src for page in self._next.pages]

    async def _fetch(self, keep: Sequence[PageView] = ()) -> DeskView:
        actor, here = await signed_in(self), self.desk.task_id
        leave_out = [*self._leave_out(), *([_key(here)] if here else [])]
        async with transaction(actor.tenancy) as session:
            task = await review_claims.next_task(session, actor, exclude=leave_out)
            found = await workspaces.look(session, actor, task.id) if task else None
        return desk_of(found, actor, keep) if found else DeskView()

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def refresh(self) -> None:
        """Read the task again: something about it changed; not while the address still names the one before."""
        if self._addressed() == self.desk.task_id:
            await self._look(keep=self.desk.pages)

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def settle(self) -> None:
        """Offer no more to take the last verdict back, once it is too late for that."""
        if self.undoable.until and self.undoable.until <= iso(now()):
            self.undoable = UndoView()

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def recheck(self) -> Any:  # noqa: ANN401 see open
        """Read again what is on the desk and what comes next: somebody may be barred from it since."""
        self._next, self.upcoming = DeskView(), []
        await self._look(keep=self.desk.pages)
        return WorkState.prefetch

    async def _look(self, *, keep: Sequence[PageView]) -> None:
        if not self.desk.task_id:
            return
        actor = await signed_in(self)
        try:
            async with transaction(actor.tenancy) as session:
                found = await workspaces.look(session, actor, _key(self.desk.task_id))
        except NotFound:
            self.desk, self._next, self.upcoming, self.status = DeskView(), DeskView(), [], "missing"
            return
        shown = desk_of(found, actor, keep)
        if shown != self.desk:  # what is the same need not travel and be drawn again
            self.desk = shown

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def approve(self, task_id: str) -> Any:  # noqa: ANN401 see open
        """Approve the task that was on the screen when the key was pressed."""
        return await self._sign(task_id, Outcome.APPROVED)

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def decide(self, chosen: dict[str, Any]) -> Any:  # noqa: ANN401 see open
        """Reject or ask again with the reasons that were ticked."""
        return await self._sign(*choice(chosen))

    async def _sign(
        self, task_id: str, outcome: Outcome, codes: Sequence[str] = (), note: str = "", message: str = ""
    ) -> Any:  # noqa: ANN401 see open
        if task_id != self.desk.task_id:
            return None
        actor, version = await signed_in(self), self.desk.version
        async with transaction(actor.tenancy) as session:
            verdict = await decisions.sign(
                session, actor, _key(task_id), outcome=outcome, reasons=codes, note=note, message=message,
                version=version,
            )  # fmt: skip
        self.undoable = _undo_view(verdict, self.desk)
        return await self._advance()

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def put_aside(self, how: str, task_id: str) -> Any:  # noqa: ANN401 see open
        """Escalate, hold or skip the task that was on the screen."""
        if task_id != self.desk.task_id or how not in ASIDE:
            return None
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await ASIDE[how](session, actor, _key(task_id))
        return await self._leave(task_id)

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def undo(self) -> Any:  # noqa: ANN401 see open
        """Take the last verdict back and return to its task."""
        last = self.undoable
        if not last.verdict_id:
            return []
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await decisions.undo(session, actor, parse_public_id(Prefix.DECISION, last.verdict_id))
        self.undoable, self._left = UndoView(), []
        back = [notice("Taken back. Nothing was sent.", "info"), rx.redirect(work_url(last.task_id), replace=True)]
        return [*back, WorkState.open()] if self._addressed() == last.task_id else back  # there is no way to here

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def tally(self, verdict_id: str, counts: dict[str, int]) -> None:
        """Keep what the browser counted for a verdict; without it the verdict stands as well."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await review_metrics.note(session, actor, parse_public_id(Prefix.DECISION, verdict_id), counts)

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def renew(self) -> None:
        """Hold on to the task while its screen is open and in use."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await review_claims.renew(session, actor, _key(self.desk.task_id))
        await self._look(keep=self.desk.pages[self.page : self.page + 1])

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def take(self) -> Any:  # noqa: ANN401 see open
        """Claim the task on the screen again, as after its lease has ended."""
        return await self.open()

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def select(self, box_id: str) -> None:
        """Light up one field or check, on the page where it stands."""
        self.selected = "" if box_id == self.selected else box_id[:60]
        place = page_of(self.desk, self.selected)
        if place >= 0 and place != self.page:
            self.page, self.is_heat = place, False

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def turn_to(self, page: int) -> None:
        """Show another picture; beyond either end it starts again."""
        self.page, self.is_heat = int(page) % max(len(self.desk.pages), 1), False

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def command(self, name: str) -> None:
        """Do what a key asks for that no button does."""
        if name == "next-check" and self.desk.unresolved:
            order = [f"check-{one.name}" for one in self.desk.unresolved]
            place = order.index(self.selected) + 1 if self.selected in order else 0
            await self.select(order[place % len(order)])
        elif name == "heat":
            self.is_heat = not self.is_heat and bool(self.desk.pages and self.desk.pages[self.page].heat)
        elif name in PAGE_STEPS:
            await self.turn_to(self.page + PAGE_STEPS[name])

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def leave(self, task_id: str) -> Any:  # noqa: ANN401 see open
        """Show the next task, and do not give this one again before somebody looks again."""
        return await self._leave(task_id) if task_id == self.desk.task_id else None

    async def _leave(self, task_id: str) -> Any:  # noqa: ANN401 see open
        self._skipped = [*self._skipped, task_id][-MAX_SKIPPED:]
        return await self._advance()

    async def _advance(self) -> Any:  # noqa: ANN401 see open
        """Show the prefetched task at once; what follows waits until it is painted, for it would be in its way.

        Who is quicker than the fetching gets it here, without a way round by `/review/work`.
        """
        following = self._next if self._next.task_id else await self._fetch()
        if not following.task_id:
            self.desk, self.status = DeskView(), "loading"
            return rx.redirect("/review/work", replace=True)
        self._left = [*self._left, self._addressed()][-MOST_LEFT:]
        self._show(following)
        self._next, self.upcoming = DeskView(), []
        return None

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def follow(self, task_id: str) -> Any:  # noqa: ANN401 see open
        """Let the address follow the task on the desk, which takes it for good, and fetch the next one.

        Only from the address of a task before it: a page that was loaded since shows what its own address names.
        """
        here = self._addressed()
        if task_id != self.desk.task_id or task_id == here or here not in self._left:
            return None
        return [rx.redirect(work_url(task_id), replace=True), WorkState.prefetch]

    def _show(self, view: DeskView) -> None:
        if view.task_id != self.desk.task_id:
            self.page, self.selected, self.is_heat = 0, "", False
        self.desk, self.status = view, "ready"

    def _addressed(self) -> str:
        return self.router.url.path.rstrip("/").rsplit("/", 1)[-1]

    def _leave_out(self) -> list[UUID]:
        return [_key(task_id) for task_id in self._skipped]

    async def _watch(self, task_id: str) -> None:
        await watch(self, f"review:{_key(task_id)}", on_change=WorkState.refresh)
        if self.undoable.task_id:
            await watch(self, f"review:{_key(self.undoable.task_id)}", on_change=WorkState.settle)
        await watch(self, review_rooms.TOPIC, on_change=WorkState.recheck)


def work_url(task_id: str) -> str:
    """Write the address of one task."""
    return f"/review/work/{task_id}"


def choice(chosen: dict[str, Any]) -> tuple[str, Outcome, list[str], str, str]:
    """Read what the reasons' panel sends: for what, which outcome, why, the note and the message."""
    codes = [str(code) for code in chosen.get("codes", [])][:20]
    outcome = OUTCOMES.get(str(chosen.get("mode")), Outcome.REJECTED)
    return str(chosen.get("task")), outcome, codes, str(chosen.get("note") or ""), str(chosen.get("message") or "")


def _key(task_id: str) -> UUID:
    return parse_public_id(Prefix.REVIEW_TASK, task_id)


def _undo_view(verdict: Verdict, shown: DeskView) -> UndoView:
    name = public_id(Prefix.DECISION, verdict.id)
    return UndoView(name, shown.task_id, shown.name, SAID[verdict.outcome], iso(verdict.final_at))
