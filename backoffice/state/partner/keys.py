"""API keys: the list, the dialog that makes one and shows it once, and the one that revokes."""

from datetime import datetime, timedelta

import reflex as rx

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import Invalid, NotAllowed
from backoffice.i18n import gettext
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import api_keys
from backoffice.services.access import Actor, Permission
from backoffice.services.pages import MAX_LIMIT
from backoffice.services.permissions import SCOPES
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.api_keys import KeyRow, key_row

GRACES = {"0": "ends at once", "1": "works for an hour", "24": "works for a day", "168": "works for a week"}
"""How long an old secret may live on, in hours."""
LIVES = {"": "Never", "30": "In 30 days", "90": "In 90 days", "365": "In a year"}
"""How long a key may live, in days."""


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
    rotating: str = ""

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
        try:
            async with transaction(actor.tenancy) as session:
                _, self.secret = await api_keys.create(
                    session,
                    actor,
                    name=str(form.get("name", "")),
                    livemode=form.get("mode") == "live",
                    scopes=[scope for scope in sorted(SCOPES) if form.get(f"scope:{scope}")],
                    denied_attributes=[name for name in sorted(api_keys.DENIABLE) if form.get(f"deny:{name}")],
                    expires_at=_expiry(str(form.get("expires", ""))),
                )
        except (Invalid, NotAllowed) as error:
            self.error = str(error)
            return
        await self._read(actor)

    @rx.event
    @requires(Permission.KEYS_WRITE)
    async def ask_rotate(self, key_id: str) -> None:
        """Ask how long the old secret may live on."""
        self._forget()
        self.rotating = key_id

    @rx.event
    @requires(Permission.KEYS_WRITE)
    async def rotate(self, form: dict[str, str]) -> None:
        """Make a new secret; it takes over when it is used first."""
        actor, hours = await signed_in(self), form.get("grace", "")
        grace = timedelta(hours=int(hours)) if hours in GRACES else api_keys.DEFAULT_GRACE
        async with transaction(actor.tenancy) as session:
            key_id = parse_public_id(Prefix.API_KEY, self.rotating)
            _, self.secret = await api_keys.rotate(session, actor, key_id, grace=grace)
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
        return notice(gettext("Revoked. The next request with it is refused."))

    def _forget(self) -> None:
        self.is_creating, self.secret, self.error, self.revoking, self.rotating = False, "", "", "", ""

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            page = await api_keys.page(session, actor, limit=MAX_LIMIT)
            secrets = await api_keys.secrets_of(session, [key.id for key in page.rows])
        at = now()
        self.rows = [key_row(key, secrets.get(key.id, []), at=at) for key in page.rows]
        self.is_loaded = True


def _expiry(days: str) -> datetime | None:
    return now() + timedelta(days=int(days)) if days and days in LIVES else None
