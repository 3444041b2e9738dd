"""Exports: asking for what a list shows, and the files that are there."""

from uuid import UUID, uuid4

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError
from backoffice.i18n import gettext
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.exports import WHOLE, Asked, ExportFormat, ExportKind, ExportStatus
from backoffice.services import export_approvals, exports, members
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import notice
from backoffice.state.partner.numbers import is_live
from backoffice.state.session import signed_in
from backoffice.viewmodels.exports import KINDS, ExportRow, export_row, narrowed

MAX_VALUE = 200
SHOWN = 50


class ExportsState(rx.State):
    """One tab's exports."""

    rows: rx.Field[list[ExportRow]] = rx.field(default_factory=list)
    is_loaded: bool = False
    asking: str = ""
    """Which list is asked for."""
    title: str = ""
    narrowed: str = ""
    error: str = ""
    _press: str = ""
    _filters: rx.Field[dict[str, str]] = rx.field(default_factory=dict)

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def open(self) -> None:
        """Read the exports, and hear of every change from then on."""
        actor = await signed_in(self)
        await watch(self, exports.topic(actor.require_partner()), on_change=ExportsState.refresh)
        await self._read(actor)

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def refresh(self) -> None:
        """Read again: an export has come further."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def ask(self, kind: str) -> None:
        """Ask in which form what the list shows is wanted."""
        if kind not in set(ExportKind) - WHOLE:
            return
        given = self.router.url.query_parameters
        wanted = exports.names_of(ExportKind(kind))
        self._ask(ExportKind(kind), {name: given[name][:MAX_VALUE] for name in wanted if given.get(name)})

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def close(self) -> None:
        """Leave it."""
        self.asking, self.error = "", ""

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def begin(self, form: str) -> list[rx.event.EventSpec]:
        """Have it written; a double click is one export."""
        if not self.asking or form not in set(ExportFormat):
            return []
        actor = await signed_in(self)
        asked = Asked(
            UUID(self._press), ExportKind(self.asking), ExportFormat(form), is_live(self), dict(self._filters)
        )
        try:
            key = await exports.wrap_key(actor.require_partner())
            async with transaction(actor.tenancy) as session:
                row = await exports.begin(session, actor, asked, key)
        except BackofficeError as error:
            self.error = str(error)
            return []
        self.asking, self.error = "", ""
        waits = gettext("It holds so many documents that a second person has to approve it.")
        written = gettext("It is being written. You get an e-mail when it is ready.")
        return [
            notice(waits if row.status == ExportStatus.AWAITING else written, "info"),
            rx.redirect("/partner/exports"),
        ]

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def stop(self, export_id: str) -> None:
        """Stop one that is still being written."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await exports.cancel(session, actor, parse_public_id(Prefix.EXPORT, export_id))
        await self._read(actor)

    def _ask(self, kind: ExportKind, filters: dict[str, str]) -> None:
        self._filters, self.asking, self.title = filters, kind, gettext(KINDS[kind])
        self.narrowed, self.error, self._press = narrowed(filters), "", str(uuid4())

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            page = await exports.page(session, actor, limit=SHOWN)
            people = {row.member_id for row in page.rows} | {row.decided_by for row in page.rows if row.decided_by}
            names = await members.names(session, people)
        self.rows = [
            export_row(
                row,
                names.get(row.member_id, ""),
                names.get(row.decided_by, "") if row.decided_by else "",
                may_decide=export_approvals.may_decide(actor, row),
            )
            for row in page.rows
        ]
        self.is_loaded = True


async def ask_for(state: rx.State, kind: ExportKind, filters: dict[str, str]) -> None:
    """Ask in which form what another part of the page has selected is wanted."""
    (await state.get_state(ExportsState))._ask(kind, filters)  # noqa: SLF001 kept from the browser, not from its module
