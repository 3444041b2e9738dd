"""Deciding a test document: an outcome, and reasons of the catalogue where it takes any."""

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid
from backoffice.i18n import gettext
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.documents import DocumentStatus
from backoffice.services import documents, sandbox
from backoffice.services.access import Permission
from backoffice.services.simulations import FROM, USUAL_REASON, Fate
from backoffice.state.gate import requires
from backoffice.state.notices import notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.sandbox import ReasonChip, reason_chip
from backoffice.viewmodels.words import plain

MOST_REASONS = 10


class SimulationState(rx.State):
    """One tab's question what becomes of a document."""

    document_id: str = ""
    """Open when there is one."""
    fates: rx.Field[list[str]] = rx.field(default_factory=list)
    """What it can become from where it is."""
    fate: str = ""
    takes_reasons: bool = False
    codes: rx.Field[list[str]] = rx.field(default_factory=list)
    catalogue: rx.Field[list[ReasonChip]] = rx.field(default_factory=list)
    error: str = ""

    @rx.event
    @requires(Permission.SANDBOX_USE)
    async def begin(self, document_id: str) -> None:
        """Ask what becomes of a document."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            key = parse_public_id(Prefix.DOCUMENT, document_id)
            document = await documents.get(session, sandbox.hand_of(actor), key)
            known = await sandbox.reasons(session, actor)
        self.fates = [fate for fate in Fate if DocumentStatus(document.status) in FROM[fate]]
        self.catalogue = [reason_chip(one) for one in known]
        self.document_id, self.error = public_id(Prefix.DOCUMENT, key), ""
        self._choose(self.fates[0] if self.fates else "")

    @rx.event
    @requires(Permission.SANDBOX_USE)
    async def choose(self, fate: str) -> None:
        """Choose an outcome."""
        self._choose(fate if fate in self.fates else "")

    def _choose(self, fate: str) -> None:
        self.fate, self.codes, self.error = fate, [], ""
        self.takes_reasons = fate in USUAL_REASON

    @rx.event
    @requires(Permission.SANDBOX_USE)
    async def tick(self, code: str) -> None:
        """Give a reason, or not."""
        self.codes = [one for one in self.codes if one != code] if code in self.codes else [*self.codes, code]
        self.codes = self.codes[-MOST_REASONS:]

    @rx.event
    @requires(Permission.SANDBOX_USE)
    async def close(self) -> None:
        """Leave the document alone."""
        self.reset()

    @rx.event
    @requires(Permission.SANDBOX_USE)
    async def simulate(self) -> rx.event.EventSpec | None:
        """Let it happen, by the moves that a real one makes."""
        if not self.document_id or not self.fate:
            return None
        actor = await signed_in(self)
        key, fate = parse_public_id(Prefix.DOCUMENT, self.document_id), Fate(self.fate)
        try:
            document = await sandbox.simulate(actor, key, fate, self.codes)
        except (Conflict, Invalid) as error:
            self.error = str(error)
            return None
        self.reset()
        return notice(gettext("The document is {status} now.", status=plain(document.status).lower()))
