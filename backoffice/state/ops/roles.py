"""Roles and what they grant: read from where every service reads it."""

import reflex as rx

from backoffice.db import transaction
from backoffice.services import access_reviews, people
from backoffice.services.access import Permission
from backoffice.services.permissions import ROLE_PERMISSIONS
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.session import signed_in
from backoffice.viewmodels.access_reviews import (
    CustomRoleCard,
    PermissionRow,
    RoleCard,
    custom_role_cards,
    permission_rows,
    role_cards,
)


class RolesState(rx.State):
    """One tab's matrix."""

    cards: rx.Field[list[RoleCard]] = rx.field(default_factory=list)
    rows: rx.Field[list[PermissionRow]] = rx.field(default_factory=list)
    own: rx.Field[list[CustomRoleCard]] = rx.field(default_factory=list)
    """Roles that partners made for themselves."""
    is_loaded: bool = False

    @rx.event
    @requires(Permission.PARTNERS_READ, Permission.MEMBERS_READ)
    async def open(self) -> None:
        """Count who has which role, and hear of every change from then on."""
        await watch(self, people.TOPIC, on_change=RolesState.refresh)
        await self._read()

    @rx.event
    @requires(Permission.PARTNERS_READ, Permission.MEMBERS_READ)
    async def refresh(self) -> None:
        """Count again: somebody came, went, or was changed."""
        if not await has_left(self):
            await self._read()

    async def _read(self) -> None:
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            self.cards = role_cards(await access_reviews.roles(session, actor))
            self.own = custom_role_cards(await access_reviews.custom_roles(session, actor))
        granted = {str(role): frozenset(map(str, permissions)) for role, permissions in ROLE_PERMISSIONS.items()}
        self.rows, self.is_loaded = permission_rows(granted), True
