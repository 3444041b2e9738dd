"""Assigning from the queue: to oneself, by a lead to others, moving tasks, and whether one is there at all."""

from typing import Any, Literal
from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.review_priorities import Band
from backoffice.models.reviewers import Availability
from backoffice.services import assignments, review_rooms, reviewers
from backoffice.services.access import Actor, Permission
from backoffice.services.assignments import Result
from backoffice.state.gate import requires
from backoffice.state.live import watch
from backoffice.state.notices import alarm, notice
from backoffice.state.review.picking import pick, picked_keys
from backoffice.state.review.queue import QueueState
from backoffice.state.session import signed_in
from backoffice.viewmodels.assignments import Outcome, Person, outcomes, people

Events = list[Any]
"""Reflex types a handler's call as a callback."""
BANDS: dict[str, Band] = {"urgent": "urgent", "high": "high", "normal": "normal", "low": "low"}


class AssigningState(rx.State):
    """What one tab does with the rows that are selected."""

    people: rx.Field[list[Person]] = rx.field(default_factory=list)
    asking: str = ""
    """assign or move while its dialog is open."""
    outcomes: rx.Field[list[Outcome]] = rx.field(default_factory=list)
    """What was refused of the last press, and why."""
    error: str = ""
    is_available: bool = False

    @rx.event
    @requires(Permission.QUEUE_READ)
    async def open(self) -> None:
        """Read who is there."""
        self.asking, self.outcomes, self.error = "", [], ""
        await watch(self, review_rooms.TOPIC, on_change=AssigningState.refresh)
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.QUEUE_READ)
    async def refresh(self) -> None:
        """Read again: somebody came, went or was set otherwise."""
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def be_available(self, wanted: bool) -> None:
        """Come or go."""
        actor = await signed_in(self)
        state = Availability.AVAILABLE if wanted else Availability.AWAY
        async with transaction(actor.tenancy) as session:
            await reviewers.set_availability(session, actor, _member(actor), state)
        self.is_available = wanted

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def take(self, task_id: str) -> Events:
        """Let one task be the reader's."""
        actor = await signed_in(self)
        return await self._assign(actor, [task_id], _member(actor))

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def take_selected(self) -> Events:
        """Let the selected tasks be the reader's."""
        actor = await signed_in(self)
        return await self._assign(actor, await self._chosen(), _member(actor))

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def assign(self, form: dict[str, str]) -> Events:
        """Let the selected tasks be somebody's, or nobody's."""
        actor, chosen = await signed_in(self), await self._chosen()
        if not form.get("whose"):
            return await self._each(actor, chosen, "unassigned")
        return await self._assign(actor, chosen, parse_public_id(Prefix.MEMBER, form["whose"]))

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def move(self, form: dict[str, str]) -> Events:
        """Move the selected tasks in the queue, for a reason."""
        self.error = "" if form.get("reason", "").strip() else "Say why: it stands on the row and in the audit log."
        if self.error:
            return []
        actor = await signed_in(self)
        return await self._each(actor, await self._chosen(), "moved", band=form.get("band", ""), reason=form["reason"])

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def ask(self, what: Literal["assign", "move"]) -> None:
        """Open a dialog for the selected rows."""
        self.asking, self.error, self.outcomes = what, "", []

    @rx.event
    @requires(Permission.QUEUE_READ)
    async def close(self) -> None:
        """Close what is open."""
        self.asking, self.error, self.outcomes = "", "", []

    async def _chosen(self) -> list[str]:
        """Answer what is selected, by what it matches or on the page."""
        queue = await self.get_state(QueueState)
        return [public_id(Prefix.REVIEW_TASK, key) for key in await picked_keys(self)] or queue.selected

    async def _assign(self, actor: Actor, task_ids: list[str], member_id: UUID) -> Events:
        keys = [parse_public_id(Prefix.REVIEW_TASK, task_id) for task_id in task_ids]
        results: list[Result] = []
        for begin in range(0, len(keys), assignments.MOST_TOGETHER):
            few = keys[begin : begin + assignments.MOST_TOGETHER]
            async with transaction(actor.tenancy) as session:
                results += await assignments.assign_all(session, actor, few, member_id)
        return await self._tell(results, "assigned")

    async def _each(self, actor: Actor, task_ids: list[str], done: str, band: str = "", reason: str = "") -> Events:
        """Do one thing with each task in a transaction of its own, and keep what was refused."""
        results: list[Result] = []
        for key in [parse_public_id(Prefix.REVIEW_TASK, task_id) for task_id in task_ids]:
            try:
                async with transaction(actor.tenancy) as session:
                    if done == "moved":
                        await assignments.reprioritise(session, actor, key, BANDS.get(band, "normal"), reason=reason)
                    else:
                        await assignments.unassign(session, actor, key)
                results.append(Result(key))
            except BackofficeError as error:
                results.append(Result(key, str(error)))
        return await self._tell(results, done)

    async def _tell(self, results: list[Result], done: str) -> Events:
        """Say how many went well; what did not stands in a dialog with its reason, and stays selected."""
        queue = await self.get_state(QueueState)
        refused = {public_id(Prefix.REVIEW_TASK, one.task_id): one.refusal for one in results if one.refusal}
        names = {row.task_id: row.reference for row in queue.rows}
        self.outcomes, self.asking = outcomes(refused, names) if len(results) > 1 else [], ""
        await pick(self, ())
        queue.selected = [task_id for task_id in queue.selected if task_id in refused]
        well, said = len(results) - len(refused), Events()
        if well:
            said.append(notice(f"{well} {'task' if well == 1 else 'tasks'} {done}."))
        elif len(refused) == 1:
            said.append(alarm(next(iter(refused.values()))))
        return [*said, QueueState.refresh]

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            found = await reviewers.roster(session, actor)
            state = await reviewers.availability(session, actor)
        self.people = people(
            [
                (one.member.id, one.member.name, one.profile.availability, one.load, one.profile.capacity)
                for one in found
            ]
        )
        self.is_available = state == Availability.AVAILABLE


def _member(actor: Actor) -> UUID:
    """Answer the person who acts; only members have a tab."""
    if actor.id is None:
        raise ValueError("a tab belongs to a person")
    return actor.id
