"""What operators do about one person, each asked first; and the invitation of somebody new to staff."""

from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, StepUpRequired
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.members import STAFF_ROLES, Role
from backoffice.services import people
from backoffice.services.access import Permission
from backoffice.state.gate import requires
from backoffice.state.notices import notice
from backoffice.state.ops.users import UsersState
from backoffice.state.session import signed_in
from backoffice.viewmodels.people import NAMES, PersonRow, RoleChoice, role_choices

NOBODY = PersonRow()
QUESTIONS = frozenset({"role", "disable", "enable", "sessions", "reset"})


class UserActsState(rx.State):
    """One tab's open question."""

    asking: str = ""
    """role, disable, enable, sessions, reset or invite while its dialog is open."""
    one: PersonRow = NOBODY
    """Who is asked about."""
    roles: rx.Field[list[RoleChoice]] = rx.field(default_factory=list)
    chosen: str = ""
    link: str = ""
    """Shown once; closing the dialog forgets it."""
    sent_to: str = ""
    error: str = ""
    error_field: str = ""

    @rx.event
    @requires(Permission.MEMBERS_READ)
    async def close(self) -> None:
        """Leave it as it is."""
        self.reset()

    @rx.event
    @requires(Permission.PARTNERS_WRITE, Permission.MEMBERS_WRITE)
    async def ask(self, question: str, member_id: str) -> None:
        """Open one of the questions about one person."""
        listed = await self.get_state(UsersState)
        self.reset()
        self.one = next((row for row in listed.rows if row.id == member_id), NOBODY)
        self.asking = question if question in QUESTIONS and self.one.id else ""
        self.roles, self.chosen = role_choices(is_staff=self.one.is_staff), self.one.role

    @rx.event
    @requires(Permission.PARTNERS_WRITE, Permission.MEMBERS_WRITE)
    async def begin(self) -> None:
        """Open the form that invites somebody to staff."""
        self.reset()
        self.asking = "invite"

    @rx.event
    @requires(Permission.PARTNERS_WRITE, Permission.MEMBERS_WRITE)
    async def choose(self, role: str) -> None:
        """Look at another role."""
        self.chosen = role if role in set(Role) else self.one.role

    @rx.event
    @requires(Permission.PARTNERS_WRITE, Permission.MEMBERS_WRITE)
    async def change_role(self) -> rx.event.EventType[()]:
        """Give the role that was chosen."""
        actor, row = await signed_in(self), self.one
        if self.chosen not in set(Role):
            return []
        try:
            async with transaction(actor.tenancy) as session:
                await people.change_role(session, actor, _key(row.id), Role(self.chosen), before=row.role)
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return self._refused(error)
        return self._done(f"{row.name} is {NAMES[self.chosen].lower()} now and signs in again.")

    @rx.event
    @requires(Permission.PARTNERS_WRITE, Permission.MEMBERS_WRITE)
    async def disable(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """Take the login away of the person whose address was typed."""
        actor, row = await signed_in(self), self.one
        try:
            async with transaction(actor.tenancy) as session:
                await people.disable(session, actor, _key(row.id), typed=form.get("typed", ""))
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return self._refused(error)
        return self._done(f"{row.name} is out. Every session of theirs has ended.")

    @rx.event
    @requires(Permission.PARTNERS_WRITE, Permission.MEMBERS_WRITE)
    async def enable(self) -> rx.event.EventType[()]:
        """Give the login back."""
        actor, row = await signed_in(self), self.one
        try:
            async with transaction(actor.tenancy) as session:
                await people.enable(session, actor, _key(row.id))
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return self._refused(error)
        return self._done(f"{row.name} can sign in again.")

    @rx.event
    @requires(Permission.PARTNERS_WRITE, Permission.MEMBERS_WRITE)
    async def end_sessions(self) -> rx.event.EventType[()]:
        """Sign the person out everywhere."""
        actor, row = await signed_in(self), self.one
        try:
            async with transaction(actor.tenancy) as session:
                count = await people.end_sessions(session, actor, _key(row.id))
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return self._refused(error)
        return self._done(f"{row.name}: {count} {'session' if count == 1 else 'sessions'} ended.")

    @rx.event
    @requires(Permission.PARTNERS_WRITE, Permission.MEMBERS_WRITE)
    async def send_reset(self) -> rx.event.EventType[()]:
        """Have the person sent a link for a new password."""
        actor, row = await signed_in(self), self.one
        try:
            async with transaction(actor.tenancy) as session:
                await people.send_reset(session, actor, _key(row.id))
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return self._refused(error)
        return self._done(f"A link is on its way to {row.email}.")

    @rx.event
    @requires(Permission.PARTNERS_WRITE, Permission.MEMBERS_WRITE)
    async def invite(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """Invite somebody to staff, or say beside the field what is wrong."""
        actor, role, email = await signed_in(self), form.get("role", ""), form.get("email", "")
        self.error = self.error_field = ""
        asked = Role(role) if role in STAFF_ROLES else Role.REVIEWER
        try:
            async with transaction(actor.tenancy) as session:
                self.link = await people.invite(session, actor, email=email, name=form.get("name", ""), role=asked)
        except StepUpRequired:
            raise
        except BackofficeError as error:
            self.error, self.error_field = str(error), (error.pointer or "/email").strip("/")
            return []
        self.sent_to = email.strip()
        return []

    def _done(self, words: str) -> rx.event.EventType[()]:
        self.reset()
        return [UsersState.refresh, notice(words)]

    def _refused(self, error: BackofficeError) -> rx.event.EventType[()]:
        self.error, self.error_field = str(error), (error.pointer or "").strip("/")
        return []


def _key(member_id: str) -> UUID:
    return parse_public_id(Prefix.MEMBER, member_id)
