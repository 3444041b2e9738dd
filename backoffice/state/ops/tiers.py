"""Plans side by side, and the exceptions from them."""

import reflex as rx

from backoffice.db import transaction
from backoffice.services import partners, tiers
from backoffice.services.access import Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.session import signed_in
from backoffice.viewmodels.limits import GrantedRow, TierRow, granted_rows, tier_rows

READS = (Permission.PARTNERS_READ, Permission.BILLING_READ, Permission.POLICIES_READ)


class TiersState(rx.State):
    """One tab's table."""

    rows: rx.Field[list[TierRow]] = rx.field(default_factory=list)
    granted: rx.Field[list[GrantedRow]] = rx.field(default_factory=list)
    is_loaded: bool = False

    @rx.event
    @requires(*READS)
    async def open(self) -> None:
        """Read the plans, and hear of partners that change from then on."""
        await watch(self, partners.TOPIC, on_change=TiersState.refresh)
        await self._read()

    @rx.event
    @requires(*READS)
    async def refresh(self) -> None:
        """Read again: a partner came, or changed."""
        if not await has_left(self):
            await self._read()

    async def _read(self) -> None:
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            found = await tiers.read(session, actor)
        self.rows, self.granted, self.is_loaded = tier_rows(found), granted_rows(found.granted), True
