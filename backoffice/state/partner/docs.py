"""API documentation: the one test key that stands in this tab's snippets."""

import reflex as rx

from backoffice.db import transaction
from backoffice.services import api_keys
from backoffice.services.access import Permission
from backoffice.state.gate import requires
from backoffice.state.session import signed_in

KEY_NAME = "Docs"


class DocsState(rx.State):
    """One tab's documentation."""

    secret: str = ""
    """Shown in this tab only; leaving the page, and opening it anew, forgets it."""
    is_ready: bool = False
    """Whether the page has begun: a key made before that would be forgotten at once."""

    @rx.event
    @requires()
    async def open(self) -> None:
        """Begin without a key."""
        self.secret, self.is_ready = "", True

    @rx.event
    @requires()
    async def leave(self) -> None:
        """Forget the key with the page."""
        self.secret, self.is_ready = "", False

    @rx.event
    @requires(Permission.KEYS_WRITE)
    async def create_key(self) -> None:
        """Create a test key and put it into every snippet of this tab."""
        actor = await signed_in(self)
        scopes = api_keys.handed_on(actor) - (set() if actor.can(Permission.AUDIT_READ) else {Permission.AUDIT_READ})
        async with transaction(actor.tenancy) as session:
            _, self.secret = await api_keys.create(session, actor, name=KEY_NAME, livemode=False, scopes=scopes)
