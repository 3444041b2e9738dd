"""The partner's people: the list, and the questions that its administrators are asked before anything changes."""

from uuid import UUID

import reflex as rx

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import BackofficeError, Conflict, NotFound, StepUpRequired
from backoffice.i18n import gettext, ngettext
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.custom_roles import BASE_ROLE
from backoffice.services import colleagues, custom_roles, members
from backoffice.services.access import Actor, Permission
from backoffice.services.permissions import asks_second_factor
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import alarm, notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.colleagues import ColleagueRow, RoleChange, colleague_row, role_change, role_words
from backoffice.viewmodels.sessions import SessionRow, session_row

NOBODY = ColleagueRow()
QUESTIONS = frozenset({"role", "remove", "sessions", "factor", "reset"})


class ColleaguesState(rx.State):
    """One tab's list of people."""

    rows: rx.Field[list[ColleagueRow]] = rx.field(default_factory=list)
    removed: rx.Field[list[ColleagueRow]] = rx.field(default_factory=list)
    is_loaded: bool = False
    asking: str = ""
    """role, remove, sessions or factor while its dialog is open."""
    one: ColleagueRow = NOBODY
    """Who is asked about."""
    change: RoleChange = RoleChange()
    chosen: str = ""
    """The role that is chosen in the dialog."""
    keys: rx.Field[list[str]] = rx.field(default_factory=list)
    places: rx.Field[list[SessionRow]] = rx.field(default_factory=list)
    error: str = ""

    @rx.event
    @requires(Permission.MEMBERS_READ)
    async def open(self) -> None:
        """List the people, and hear of every change from then on."""
        self._forget()
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.MEMBERS_READ)
    async def refresh(self) -> None:
        """Read again: somebody came, went or was changed."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def ask(self, question: str, member_id: str) -> None:
        """Open one of the questions about one person, with what its answer would touch."""
        actor, row = await signed_in(self), next((row for row in self.rows if row.id == member_id), NOBODY)
        self._forget()
        if question not in QUESTIONS or not row.id:
            return
        async with transaction(actor.tenancy) as session:
            self.keys = await colleagues.keys_of(session, actor, _key(row.id)) if question == "remove" else []
            found = await colleagues.sessions_of(session, actor, _key(row.id)) if question == "sessions" else []
        self.places = [session_row(one, current=actor.session_id, at=now()) for one in found]
        self.one, self.chosen, self.asking = row, row.role, question

    @rx.event
    @requires(Permission.MEMBERS_READ)
    async def close(self) -> None:
        """Leave it as it is."""
        self._forget()

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def choose(self, role: str) -> None:
        """Show what another role would mean, ours or one of the company's own."""
        actor, row = await signed_in(self), self.one
        if not row.id:
            return
        key = custom_roles.key_of(role)
        async with transaction(actor.tenancy) as session:
            name, after = await custom_roles.meaning_of(session, actor, key)
        asks = asks_second_factor(BASE_ROLE, after) if name else asks_second_factor(role, None)
        called, self.chosen = name or role_words(role), role
        self.change = RoleChange() if role == row.role else role_change(row, called, after, asks_factor=asks)

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def change_role(self) -> rx.event.EventType[()]:
        """Give the role that was chosen."""
        actor, row = await signed_in(self), self.one
        if not self.chosen:
            return []
        try:
            role = custom_roles.key_of(self.chosen)
            async with transaction(actor.tenancy) as session:
                member = await colleagues.change_role(session, actor, _key(row.id), role, before=row.role)
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return self._refused(error)
        called = member.role_name or role_words(member.role)
        words = gettext("{name} is {role} now and signs in again.", name=row.name, role=called)
        return await self._done(actor, words)

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def remove(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """Take the login away of the person whose name was typed."""
        actor, row = await signed_in(self), self.one
        try:
            async with transaction(actor.tenancy) as session:
                await colleagues.remove(session, actor, _key(row.id), typed=form.get("typed", ""))
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return self._refused(error)
        return await self._done(actor, gettext("{name} is out. Every session of theirs has ended.", name=row.name))

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def restore(self, member_id: str) -> rx.event.EventType[()]:
        """Let a removed person in again."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            row = await colleagues.restore(session, actor, _key(member_id))
        return await self._done(actor, gettext("{name} can sign in again.", name=row.name))

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def end_sessions(self) -> rx.event.EventType[()]:
        """Sign the person out everywhere."""
        actor, row = await signed_in(self), self.one
        try:
            async with transaction(actor.tenancy) as session:
                count = await colleagues.end_sessions(session, actor, _key(row.id))
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return self._refused(error)
        words = ngettext("{name}: {count} session ended.", "{name}: {count} sessions ended.", count, name=row.name)
        return await self._done(actor, words)

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def reset_factor(self) -> rx.event.EventType[()]:
        """Forget the person's second factor."""
        actor, row = await signed_in(self), self.one
        try:
            async with transaction(actor.tenancy) as session:
                await colleagues.reset_second_factor(session, actor, _key(row.id))
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return self._refused(error)
        words = gettext("{name} sets a new second factor up at the next sign-in.", name=row.name)
        return await self._done(actor, words)

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def send_reset(self) -> rx.event.EventType[()]:
        """Have the person sent a link for a new password."""
        actor, row = await signed_in(self), self.one
        try:
            async with transaction(actor.tenancy) as session:
                await colleagues.send_reset(session, actor, _key(row.id))
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return self._refused(error)
        return await self._done(actor, gettext("A link is on its way to {email}.", email=row.email))

    async def _done(self, actor: Actor, words: str) -> rx.event.EventType[()]:
        self._forget()
        await self._read(actor)
        return notice(words)

    def _refused(self, error: BackofficeError) -> rx.event.EventType[()]:
        """Say in the open dialog why not; what has moved on or is not theirs closes it."""
        if isinstance(error, Conflict | NotFound):
            self._forget()
            return [ColleaguesState.refresh, alarm(str(error))]
        self.error = str(error)
        return []

    def _forget(self) -> None:
        self.asking = self.error = self.chosen = ""
        self.one, self.change, self.keys, self.places = NOBODY, RoleChange(), [], []

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            found = await colleagues.people(session, actor)
        names = {f"member:{one.id}" for one in found}
        await watch(self, members.topic(actor.require_partner()), *names, on_change=ColleaguesState.refresh)
        shown = [colleague_row(one) for one in found]
        self.rows = [row for row in shown if not row.is_removed]
        self.removed = [row for row in shown if row.is_removed]
        self.is_loaded = True


def _key(member_id: str) -> UUID:
    return parse_public_id(Prefix.MEMBER, member_id)
