"""Being the second person of a large export: approving it, or declining it with a reason."""

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.i18n import gettext
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.exports import ExportStatus
from backoffice.services import export_approvals
from backoffice.services.access import Permission
from backoffice.state.gate import requires
from backoffice.state.notices import alarm, notice
from backoffice.state.partner.exports import ExportsState
from backoffice.state.session import signed_in


class ApprovingState(rx.State):
    """What one tab is about to decline."""

    declining: str = ""
    """Which export; empty while nobody is asked why."""
    about: str = ""
    error: str = ""

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def approve(self, export_id: str) -> list[rx.event.EventType[()]]:
        """Let it be written."""
        actor = await signed_in(self)
        try:
            async with transaction(actor.tenancy) as session:
                row = await export_approvals.approve(session, actor, parse_public_id(Prefix.EXPORT, export_id))
        except (Conflict, NotAllowed, NotFound) as error:
            return [alarm(str(error)), ExportsState.refresh]
        if row.status == ExportStatus.FAILED:
            return [alarm(row.failure), ExportsState.refresh]
        return [notice(gettext("Approved. It is being written now.")), ExportsState.refresh]

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def ask(self, export_id: str, about: str) -> None:
        """Ask why it is declined."""
        self.declining, self.about, self.error = export_id[:40], about[:200], ""

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def close(self) -> None:
        """Decline nothing."""
        self.declining, self.error = "", ""

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def decline(self, form: dict[str, str]) -> list[rx.event.EventType[()]]:
        """Refuse it, with words for who asked."""
        actor, self.error = await signed_in(self), ""
        try:
            key = parse_public_id(Prefix.EXPORT, self.declining)
            async with transaction(actor.tenancy) as session:
                await export_approvals.decline(session, actor, key, form.get("reason", ""))
        except Invalid as error:
            self.error = str(error)
            return []
        except (Conflict, NotAllowed, NotFound) as error:
            self.declining = ""
            return [alarm(str(error)), ExportsState.refresh]
        self.declining = ""
        return [notice(gettext("Declined. Who asked is told.")), ExportsState.refresh]
