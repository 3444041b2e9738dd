"""The end of a look at a partner's workspace, from the banner over its pages."""

import reflex as rx

from backoffice.db import transaction
from backoffice.services import viewings
from backoffice.services.access import Permission
from backoffice.state.gate import requires
from backoffice.state.session import SessionState, signed_in


class LookingState(rx.State):
    """What the banner does; it acts as the operator, who alone begins and ends a look."""

    @rx.event
    @requires(Permission.WORKSPACES_LOOK)
    async def stop(self) -> rx.event.EventType[()]:
        """End the look of this session and go back to the console; its other tabs follow by themselves."""
        actor, place = await signed_in(self), (await self.get_state(SessionState)).look.href
        async with transaction(actor.tenancy) as session:
            await viewings.stop(session, actor)
        return rx.redirect(place or "/ops")
