"""A person's own keys, read once per tab and kept on the server."""

from typing import Any

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError
from backoffice.services import hotkeys
from backoffice.state.gate import requires
from backoffice.state.notices import alarm
from backoffice.state.session import signed_in


class HotkeysState(rx.State):
    """What the keys of every page go by."""

    on: bool = True
    keys: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    is_read: bool = False
    _owner: str = ""

    @rx.event
    @requires()
    async def read(self) -> None:
        """Read them, once for each person at this tab."""
        actor = await signed_in(self)
        owner = f"{actor.id} {actor.viewing_id or ''}"
        if self.is_read and self._owner == owner:
            return
        async with transaction(actor.tenancy) as session:
            own = await hotkeys.read(session, actor)
        self.on, self.keys, self.is_read, self._owner = own.on, dict(own.keys), True, owner

    @rx.event
    @requires()
    async def keep(self, wanted: dict[str, Any]) -> rx.event.EventSpec | None:
        """Keep what was changed on the sheet."""
        actor = await signed_in(self)
        try:
            async with transaction(actor.tenancy) as session:
                own = await hotkeys.keep(session, actor, wanted)
        except BackofficeError as error:
            return alarm(str(error))
        self.on, self.keys = own.on, dict(own.keys)
        return None
