"""Inviting colleagues: who waits, a new letter with its link, and taking one back."""

from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, NotFound, StepUpRequired
from backoffice.i18n import gettext
from backoffice.models.members import Role
from backoffice.services import custom_roles, invitees, members
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.colleagues import InviteeRow, invitee_row


class InvitingState(rx.State):
    """One tab's open invitations."""

    rows: rx.Field[list[InviteeRow]] = rx.field(default_factory=list)
    is_asking: bool = False
    link: str = ""
    """Shown once; closing the dialog forgets it."""
    sent_to: str = ""
    error: str = ""
    error_field: str = ""
    withdrawing: str = ""
    """The id of the invitation that is asked about."""

    @rx.event
    @requires(Permission.MEMBERS_READ)
    async def open(self) -> None:
        """List who was invited, and hear of every change from then on."""
        actor = await signed_in(self)
        await watch(self, members.topic(actor.require_partner()), on_change=InvitingState.refresh)
        self._forget()
        await self._read(actor)

    @rx.event
    @requires(Permission.MEMBERS_READ)
    async def refresh(self) -> None:
        """Read again: somebody was invited or has come."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def begin(self) -> None:
        """Open the form."""
        self._forget()
        self.is_asking = True

    @rx.event
    @requires(Permission.MEMBERS_READ)
    async def close(self) -> None:
        """Close every dialog and forget the link."""
        self._forget()

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def invite(self, form: dict[str, str]) -> None:
        """Send the letter and show the link, or say beside the field what is wrong."""
        actor, role = await signed_in(self), form.get("role", "")
        self.error = self.error_field = ""
        try:
            async with transaction(actor.tenancy) as session:
                row, link = await invitees.invite(
                    session,
                    actor,
                    email=form.get("email", ""),
                    name=form.get("name", ""),
                    role=custom_roles.key_of(role) if role else Role.PARTNER_ANALYST,
                )
        except StepUpRequired:
            raise  # the frame asks who is there
        except BackofficeError as error:
            self.error, self.error_field = str(error), (error.pointer or "/email").strip("/")
            return
        self.link, self.sent_to = link, row.email
        await self._read(actor)

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def resend(self, invitation_id: str) -> None:
        """Send a new letter; the link of the one before ends."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            row, link = await invitees.resend(session, actor, _key(invitation_id))
        self._forget()
        self.is_asking, self.link, self.sent_to = True, link, row.email
        await self._read(actor)

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def ask_withdraw(self, invitation_id: str) -> None:
        """Ask before an invitation is taken back."""
        self._forget()
        self.withdrawing = invitation_id

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def withdraw(self) -> rx.event.EventSpec:
        """Take it back: its link has ended."""
        actor, asked = await signed_in(self), self.withdrawing
        self._forget()
        async with transaction(actor.tenancy) as session:
            await invitees.withdraw(session, actor, _key(asked))
        await self._read(actor)
        return notice(gettext("Withdrawn. The link does not work any more."))

    def _forget(self) -> None:
        self.is_asking, self.link, self.sent_to, self.error, self.withdrawing = False, "", "", "", ""
        self.error_field = ""

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            self.rows = [invitee_row(one) for one in await invitees.waiting(session, actor)]


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is no open invitation with this id.") from None
