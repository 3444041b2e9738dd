"""How the list of documents looks to this person: columns, the height of rows, and the sheet of filters on a phone."""

from typing import Literal

import reflex as rx

from backoffice.db import transaction
from backoffice.services import list_looks
from backoffice.services.access import Permission
from backoffice.services.list_looks import Density, Looks
from backoffice.state.gate import requires
from backoffice.state.session import signed_in

LIST = "documents"


class LooksState(rx.State):
    """One tab's looks."""

    hidden: rx.Field[list[str]] = rx.field(default_factory=list)
    density: str = Density.COMFORTABLE
    is_filtering: bool = False
    """Whether the sheet of filters is open."""

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def open(self) -> None:
        """Read how this person wants the list."""
        actor, self.is_filtering = await signed_in(self), False
        async with transaction(actor.tenancy) as session:
            self._put(await list_looks.read(session, actor, LIST))

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def toggle(self, column: str) -> None:
        """Hide a column, or show it again."""
        there = [name for name in self.hidden if name != column]
        await self._keep(there if column in self.hidden else [*self.hidden, column], self.density)

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def choose(self, density: Literal["comfortable", "compact"]) -> None:
        """Make rows higher or lower."""
        await self._keep(self.hidden, density)

    @rx.event
    @requires(Permission.DOCUMENTS_READ)
    async def filters(self, wanted: bool) -> None:
        """Open the sheet of filters, or close it."""
        self.is_filtering = bool(wanted)

    async def _keep(self, hidden: list[str], density: str) -> None:
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            self._put(await list_looks.keep(session, actor, LIST, hidden, density))

    def _put(self, looks: Looks) -> None:
        self.hidden, self.density = list(looks.hidden), looks.density
