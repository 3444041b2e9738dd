"""API keys: the list, the dialog that makes one and shows it once, and the one that revokes."""

import reflex as rx

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import Invalid
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import api_keys
from backoffice.services.access import SCOPES, Actor, Permission
from backoffice.services.pages import MAX_LIMIT
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.api_keys import KeyRow, key_row


class KeysState(rx.State):
    """One tab's keys."""

    rows: rx.Field[list[KeyRow]] = rx.field(default_factory=list)
    is_loaded: bool = False
    is_creating: bool = False
    secret: str = ""
    """Shown once; closing the dialog forgets it."""
    error: str = ""
    revoking: str = ""
    """The id of the key that is asked about."""

    @rx.event
    @requires(Permission.KEYS_READ)
    async def open(self) -> None:
        """List the keys, and hear of every change from then on."""
        actor = await signed_in(self)
        await watch(self, f"partner:{actor.require_partner()}", on_change=KeysState.refresh)
        self._forget()
        await self._read(actor)

    @rx.event
    @requires(Permission.KEYS_READ)
    async def refresh(self) -> None:
        """Read again: something of this partner changed."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.KEYS_WRITE)
    async def begin(self) -> None:
        """Open the dialog that makes a key."""
        self._forget()
        self.is_creating = True

    @rx.event
    @requires(Permission.KEYS_READ)
    async def close(self) -> None:
        """Close every dialog and forget the secret."""
        self._forget()

    @rx.event
    @requires(Permission.KEYS_WRITE)
    async def create(self, form: dict[str, str | bool]) -> None:
        """Make the key, or say beside the field what is wrong."""
        actor = await signed_in(self)
        self.error = ""
        scopes = [scope for scope in sorted(SCOPES) if form.get(f"scope:{scope}")]
        try:
            async with transaction(actor.tenancy) as session:
                name, livemode = str(form.get("name", "")), form.get("mode") == "live"
                _, self.secret = await api_keys.create(session, actor, name=name, livemode=livemode, scopes=scopes)
        except Invalid as error:
            self.error = str(error)
            return
        await self._read(actor)

    @rx.event
    @requires(Permission.KEYS_WRITE)
    async def ask(self, key_id: str) -> None:
        """Ask before a key is revoked."""
        self.revoking = key_id

    @rx.event
    @requires(Permission.KEYS_WRITE)
    async def revoke(self) -> rx.event.EventSpec:
        """Refuse the key from the next request on."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            await api_keys.revoke(session, actor, parse_public_id(Prefix.API_KEY, self.revoking))
        self._forget()
        await self._read(actor)
        return notice("Revoked. The next request with it is refused.")

    def _forget(self) -> None:
        self.is_creating, self.secret, self.error, self.revoking = False, "", "", ""

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            page = await api_keys.page(session, actor, limit=MAX_LIMIT)
        at = now()
        self.rows = [key_row(key, at=at) for key in page.rows]
        self.is_loaded = True
