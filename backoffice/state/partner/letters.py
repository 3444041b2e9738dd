"""Which optional letters the viewer gets: each switch takes effect at once."""

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.i18n import gettext
from backoffice.models.letter_kinds import LetterKind
from backoffice.services import letter_preferences
from backoffice.services.access import Actor
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.workspace_settings import LetterRow, letter_rows


class LettersState(rx.State):
    """One member's own letters."""

    rows: rx.Field[list[LetterRow]] = rx.field(default_factory=list)

    @rx.event
    @requires()
    async def open(self) -> None:
        """Read what the viewer gets, and hear of the link in a letter."""
        actor = await signed_in(self)
        await watch(self, f"member:{actor.id}", on_change=LettersState.refresh)
        await self._read(actor)

    @rx.event
    @requires()
    async def refresh(self) -> None:
        """Read again: a link in a letter was followed, or another tab chose."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires()
    async def choose(self, kind: str, wanted: bool) -> rx.event.EventSpec:
        """Get letters of a kind, or not."""
        if kind not in set(LetterKind):
            raise NotFound("There are no such letters.")
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await letter_preferences.choose(session, actor, LetterKind(kind), wanted=wanted)
        await self._read(actor)
        return notice(gettext("You get them.") if wanted else gettext("You do not get them any more."))

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            self.rows = letter_rows(await letter_preferences.mine(session, actor))
