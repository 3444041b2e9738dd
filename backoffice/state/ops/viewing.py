"""Looking at one partner's workspace: the question what for, and the way there."""

from uuid import uuid4

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, StepUpRequired
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import viewings
from backoffice.services.access import Permission
from backoffice.services.audiences import PARTNERS_PLACE
from backoffice.state.gate import requires
from backoffice.state.session import signed_in


class ViewingState(rx.State):
    """One tab's open question."""

    is_asking: bool = False
    error: str = ""
    goes_to: str = ""
    """Where the browser goes, once somebody may look there."""
    ticket: str = ""
    """Goes with it: a tab that comes back to this page is not sent there again."""

    @rx.event
    @requires(Permission.PARTNERS_READ)
    async def close(self) -> None:
        """Leave it."""
        self.is_asking, self.error, self.goes_to = False, "", ""

    @rx.event
    @requires(Permission.WORKSPACES_LOOK)
    async def ask(self) -> None:
        """Ask what for."""
        self.is_asking, self.error, self.goes_to = True, "", ""

    @rx.event
    @requires(Permission.WORKSPACES_LOOK)
    async def start(self, form: dict[str, str]) -> None:
        """Begin to look at the partner of this page."""
        actor, self.error = await signed_in(self), ""
        try:
            async with transaction(actor.tenancy) as session:
                key = parse_public_id(Prefix.PARTNER, self.router.url.path.rstrip("/").rpartition("/")[2])
                await viewings.start(session, actor, key, purpose=form.get("purpose", ""))
        except StepUpRequired:
            raise
        except BackofficeError as error:
            self.error = str(error)
            return
        self.is_asking, self.goes_to, self.ticket = False, PARTNERS_PLACE, uuid4().hex
