"""What stands beside the shown page: another page, the selfie, or a related document."""

from typing import Any
from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import NotAllowed, NotFound
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import related
from backoffice.services.access import Permission
from backoffice.services.files import file_link
from backoffice.state.gate import requires
from backoffice.state.notices import alarm
from backoffice.state.review.work import WorkState
from backoffice.state.session import signed_in
from backoffice.viewmodels.related import Choice, RelatedRow, choices, related_row
from backoffice.viewmodels.words import SIDES

MODES = ("", "side", "overlay", "blink")
"""Off, side by side, laid over each other, in turn."""
OWN = "page:"


class CompareState(rx.State):
    """One reviewer's second picture."""

    task_id: str = ""
    mode: str = ""
    related: rx.Field[list[RelatedRow]] = rx.field(default_factory=list)
    choices: rx.Field[list[Choice]] = rx.field(default_factory=list)
    """Pictures of related documents."""
    chosen: str = ""
    src: str = ""
    label: str = ""

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def open(self) -> None:
        """Read what is related to the task in the address."""
        mode = self.mode
        self.reset()
        self.task_id = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        actor = await signed_in(self)
        try:
            async with transaction(actor.tenancy) as session:
                found = await related.of_task(session, actor, _task(self.task_id))
        except (NotFound, NotAllowed):
            self.reset()
            return
        self.related = [related_row(one.document, one.tie, len(one.pictures)) for one in found]
        shown = zip(self.related, found, strict=True)
        self.choices = [choice for row, one in shown for choice in choices(row, one.pictures)]
        if mode:
            await self._begin(mode)

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def cycle(self) -> Any:  # noqa: ANN401 Reflex types a handler as a callback
        """Go on to the next way to compare, and from the last to none."""
        following = MODES[(MODES.index(self.mode) + 1) % len(MODES)] if self.mode in MODES else ""
        return await self._begin(following)

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def show(self, mode: str) -> Any:  # noqa: ANN401 as above
        """Compare in one way; an unknown one ends it."""
        return await self._begin(mode if mode in MODES else "")

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def choose(self, value: str) -> None:
        """Put another picture beside the shown one."""
        await self._choose(value)
        self.mode = self.mode or "side"

    async def _begin(self, mode: str) -> Any:  # noqa: ANN401 as above
        self.mode = mode
        if mode and not self.src:
            work = await self.get_state(WorkState)
            others = [page for index, page in enumerate(work.desk.pages) if index != work.page]
            selfies = [page for page in others if page.label == SIDES["selfie"]]
            values = [f"{OWN}{page.id}" for page in (*selfies, *others)] + [one.value for one in self.choices]
            if not values:
                self.mode = ""
                return alarm("There is nothing to compare with: one picture, and no related document.")
            await self._choose(values[0])
        return None

    async def _choose(self, value: str) -> None:
        work = await self.get_state(WorkState)
        if value.startswith(OWN):
            page = next((one for one in work.desk.pages if one.id == value.removeprefix(OWN)), None)
            if page is None:
                raise NotFound("There is no such picture.")
            self.chosen, self.src, self.label = value, page.src, page.label
            return
        name, _, place = value.partition(":")
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            document_id = parse_public_id(Prefix.DOCUMENT, name)
            one = await related.open_one(session, actor, _task(self.task_id), document_id)
        offered = choices(related_row(one.document, one.tie, len(one.pictures)), one.pictures)
        picked = [index for index, choice in enumerate(offered) if choice.value == f"{name}:{place}"]
        if not picked:
            raise NotFound("There is no such picture.")
        self.chosen, self.label = value, offered[picked[0]].label
        self.src = file_link(actor, one.pictures[picked[0]][0])


def _task(task_id: str) -> UUID:
    return parse_public_id(Prefix.REVIEW_TASK, task_id)
