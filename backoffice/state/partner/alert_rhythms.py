"""How the viewer hears of alerts by e-mail: each choice takes effect at once."""

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.i18n import gettext
from backoffice.models.alerts import AlertKind, Rhythm
from backoffice.models.letter_kinds import LetterKind
from backoffice.services import alert_preferences, letter_preferences
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.alerts import RHYTHMS, RhythmRow, rhythm_rows


class AlertRhythmsState(rx.State):
    """One member's own choices."""

    rows: rx.Field[list[RhythmRow]] = rx.field(default_factory=list)
    is_stopped: bool = False
    """The link in a letter, or the settings page, stopped all of them."""

    @rx.event
    @requires(Permission.ALERTS_READ)
    async def open(self) -> None:
        """Read what was chosen, and hear of the link in a letter."""
        actor = await signed_in(self)
        await watch(self, f"member:{actor.id}", on_change=AlertRhythmsState.refresh)
        await self._read(actor)

    @rx.event
    @requires(Permission.ALERTS_READ)
    async def refresh(self) -> None:
        """Read again: a link in a letter was followed, or another tab chose."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.ALERTS_READ)
    async def choose(self, kind: str, rhythm: str) -> rx.event.EventSpec:
        """Hear of one kind otherwise."""
        if kind not in set(AlertKind) or rhythm not in set(Rhythm):
            raise NotFound("There is no such choice.")
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await alert_preferences.choose(session, actor, AlertKind(kind), Rhythm(rhythm))
        await self._read(actor)
        return notice(gettext("Kept: {rhythm}.", rhythm=gettext(RHYTHMS[Rhythm(rhythm)]).lower()))

    @rx.event
    @requires(Permission.ALERTS_READ)
    async def resume(self) -> rx.event.EventSpec:
        """Get letters about alerts again."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await letter_preferences.choose(session, actor, LetterKind.ALERTS, wanted=True)
        await self._read(actor)
        return notice(gettext("You get them again."))

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            self.rows = rhythm_rows(await alert_preferences.mine(session, actor))
            self.is_stopped = not (await letter_preferences.mine(session, actor))[LetterKind.ALERTS]
