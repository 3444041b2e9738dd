"""Asking what personal data is needed for, and showing it for a while."""

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import Invalid, NotAllowed, NotFound
from backoffice.i18n import gettext
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import reveals
from backoffice.services.access import Permission
from backoffice.state.gate import requires
from backoffice.state.notices import notice
from backoffice.state.partner.document import DocumentState
from backoffice.state.session import signed_in
from backoffice.viewmodels.words import FIELDS


class RevealState(rx.State):
    """The question of one tab."""

    is_asking: bool = False
    purpose: str = ""
    field: str = ""
    """Which value alone; empty is all of the document."""
    about: str = ""
    """What that value is called."""
    error: str = ""

    @rx.event
    @requires(Permission.PERSONAL_READ)
    async def ask(self, wanted: bool) -> None:
        """Open the question, or close it."""
        self.is_asking, self.purpose, self.error, self.field, self.about = bool(wanted), "", "", "", ""

    @rx.event
    @requires(Permission.PERSONAL_READ)
    async def ask_one(self, name: str) -> None:
        """Open the question for one value."""
        if name in FIELDS:
            self.is_asking, self.purpose, self.error = True, "", ""
            self.field, self.about = name, gettext(FIELDS[name])

    @rx.event
    @requires(Permission.PERSONAL_READ)
    async def choose(self, purpose: str) -> None:
        """Choose what it is needed for."""
        self.purpose, self.error = purpose[:20], ""

    @rx.event
    @requires(Permission.PERSONAL_READ)
    async def reveal(self, form: dict[str, str]) -> list[rx.event.EventType[()]]:
        """Show it: the purpose is written down first."""
        actor, self.error = await signed_in(self), ""
        try:
            key = parse_public_id(Prefix.DOCUMENT, form.get("document", ""))
            async with transaction(actor.tenancy) as session:
                note = form.get("note", "")
                await reveals.begin(session, actor, key, purpose=self.purpose, note=note, field=self.field)
        except (Invalid, NotFound, NotAllowed) as error:
            self.error = str(error)
            return []
        self.is_asking = False
        said = gettext("Shown for 15 minutes. Your purpose is in the audit trail.")
        return [notice(said, "info"), DocumentState.show]
