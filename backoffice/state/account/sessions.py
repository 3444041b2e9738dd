"""The account: who I am here, where I am signed in, and in which browsers I am known."""

from uuid import UUID

import reflex as rx

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.i18n import gettext, ngettext
from backoffice.services import known_browsers, members, sessions
from backoffice.services.access import Actor
from backoffice.state.gate import requires
from backoffice.state.live import watch
from backoffice.state.notices import notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.sessions import BrowserRow, Profile, SessionRow, browser_row, profile, session_row


class AccountState(rx.State):
    """One member's own account."""

    me: Profile = Profile()
    rows: list[SessionRow] = []  # noqa: RUF012 Reflex copies defaults per tab
    browsers: list[BrowserRow] = []  # noqa: RUF012 Reflex copies defaults per tab
    is_loaded: bool = False

    @rx.event
    @requires()
    async def open(self) -> None:
        """Read the account, and hear of sessions that begin or end."""
        actor = await signed_in(self)
        await watch(self, f"member:{actor.id}", on_change=AccountState.refresh)
        await self._read(actor)

    @rx.event
    @requires()
    async def refresh(self) -> None:
        """Read again: a session began or ended."""
        await self._read(await signed_in(self))

    @rx.event
    @requires()
    async def end(self, session_id: str) -> rx.event.EventSpec:
        """Sign out in one other browser."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await sessions.revoke(session, actor, _key(session_id))
        await self._read(actor)
        return notice(gettext("Signed out there."))

    @rx.event
    @requires()
    async def end_others(self) -> rx.event.EventSpec:
        """Sign out everywhere but here."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            count = await sessions.revoke_others(session, actor)
        await self._read(actor)
        return notice(ngettext("Signed out in {count} other place.", "Signed out in {count} other places.", count))

    @rx.event
    @requires()
    async def forget(self, browser_id: str) -> rx.event.EventSpec:
        """Let one browser be known no more; twice is as once."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await known_browsers.forget(session, actor, _key(browser_id))
        await self._read(actor)
        return notice(gettext("This browser is known no more."))

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            member = await members.myself(session, actor)
            found = await sessions.mine(session, actor)
            known = await known_browsers.mine(session, actor)
        self.me = profile(member)
        self.rows = [session_row(row, current=actor.session_id, at=now()) for row in found]
        here = next((row.known_browser_id for row in found if row.id == actor.session_id), None)
        self.browsers = [browser_row(row, current=here) for row in known]
        self.is_loaded = True


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is nothing here with this id.") from None
