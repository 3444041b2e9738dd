"""What this installation runs with; the URL holds the search, and nothing here can be changed."""

import asyncio
from urllib.parse import urlencode

import reflex as rx

from backoffice.services import installation, setting_risks
from backoffice.services.access import Permission
from backoffice.state.gate import requires
from backoffice.state.session import signed_in
from backoffice.viewmodels.installation import (
    RiskRow,
    SettingGroup,
    VersionRow,
    amount,
    groups,
    risk_rows,
    version_rows,
)

PLACE = "/ops/settings"
MAX_QUERY = 80


class InstallationState(rx.State):
    """One tab's list."""

    groups: rx.Field[list[SettingGroup]] = rx.field(default_factory=list)
    risks: rx.Field[list[RiskRow]] = rx.field(default_factory=list)
    versions: rx.Field[list[VersionRow]] = rx.field(default_factory=list)
    q: str = ""
    shown: str = ""
    is_loaded: bool = False

    @rx.event
    @requires(Permission.JOBS_READ)
    async def open(self) -> None:
        """Read what holds, and what the URL searches for in it."""
        actor = await signed_in(self)
        self.q = self.router.url.query_parameters.get("q", "")[:MAX_QUERY]
        self.groups = groups(installation.listed(actor), self.q)
        risks = await asyncio.to_thread(setting_risks.found, actor)
        self.risks, self.shown = risk_rows(risks), amount(self.groups)
        self.versions, self.is_loaded = version_rows(await installation.versions(actor)), True

    @rx.event
    @requires(Permission.JOBS_READ)
    async def search(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """Put the search into the URL, which reads it."""
        words = form.get("q", "").strip()[:MAX_QUERY]
        return rx.redirect(f"{PLACE}?{urlencode({'q': words})}" if words else PLACE)

    @rx.event
    @requires(Permission.JOBS_READ)
    async def clear(self) -> rx.event.EventType[()]:
        """Show every setting again."""
        return rx.redirect(PLACE)
