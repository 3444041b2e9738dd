"""Sending again what an endpoint missed: what was given up, and what it was never owed."""

from datetime import timedelta

import reflex as rx

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import Conflict
from backoffice.i18n import gettext, number
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import deliveries
from backoffice.services.access import Permission
from backoffice.services.deliveries import Recovered
from backoffice.state.gate import requires
from backoffice.state.notices import notice
from backoffice.state.session import signed_in

RANGES = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


class RecoverState(rx.State):
    """One tab's question how far back."""

    is_open: bool = False
    error: str = ""

    @rx.event
    @requires(Permission.WEBHOOKS_WRITE)
    async def begin(self) -> None:
        """Ask how far back."""
        self.is_open, self.error = True, ""

    @rx.event
    @requires(Permission.WEBHOOKS_READ)
    async def close(self) -> None:
        """Close the dialog."""
        self.is_open, self.error = False, ""

    @rx.event
    @requires(Permission.WEBHOOKS_WRITE)
    async def recover(self, form: dict[str, str | bool]) -> rx.event.EventSpec | None:
        """Owe everything of the range again; the log shows it as it goes."""
        length = RANGES.get(str(form.get("range")))
        if length is None:
            self.error = gettext("Choose how far back.")
            return None
        actor, missing = await signed_in(self), bool(form.get("missing"))
        endpoint_id = parse_public_id(Prefix.WEBHOOK_ENDPOINT, self.router.url.path.rstrip("/").rpartition("/")[2])
        try:
            async with transaction(actor.tenancy) as session:
                since = now() - length
                done = await deliveries.recover(session, actor, endpoint_id, since, missing=missing)
        except Conflict as error:
            self.error = str(error)
            return None
        self.is_open = False
        return notice(words(done))


def words(done: Recovered) -> str:
    """Say what is sent now."""
    if not done.retried and not done.added:
        return gettext("Nothing was missed in that time.")
    retried, added = number(done.retried), number(done.added)
    if not done.added:
        said = gettext("On their way again: {retried} given up.", retried=retried)
    elif not done.retried:
        said = gettext("On their way again: {added} never sent.", added=added)
    else:
        said = gettext("On their way again: {retried} given up and {added} never sent.", retried=retried, added=added)
    more = gettext("There is more: recover again when these are through.")
    return f"{said} {more}" if done.has_more else said
