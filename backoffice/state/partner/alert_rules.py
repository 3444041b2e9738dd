"""The rules of a partner's alerts: the form's fields live in the browser until they are asked to be saved."""

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, Invalid
from backoffice.i18n import gettext
from backoffice.models.alert_rules import Thresholds
from backoffice.services import alert_rules
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import alarm, notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.alerts import RuleField, read_rules, rule_changes, rule_fields
from backoffice.viewmodels.changes import Change


class AlertRulesState(rx.State):
    """One tab's form of rules."""

    fields: rx.Field[list[RuleField]] = rx.field(default_factory=list)
    version: int = 0
    changes: rx.Field[list[Change]] = rx.field(default_factory=list)
    is_asking: bool = False
    is_stale: bool = False
    """Somebody saved while this page was open; what was typed here still stands."""
    error: str = ""
    error_field: str = ""
    is_loaded: bool = False
    _held: Thresholds = Thresholds()
    _wanted: Thresholds = Thresholds()

    @rx.event
    @requires(Permission.ALERTS_READ)
    async def open(self) -> None:
        """Read what holds."""
        actor = await signed_in(self)
        await watch(self, alert_rules.topic(actor.require_partner()), on_change=AlertRulesState.refresh)
        await self._read(actor)

    @rx.event
    @requires(Permission.ALERTS_READ)
    async def refresh(self) -> None:
        """Tell that somebody saved other rules; only who asks for them loses what was typed."""
        if await has_left(self):
            return
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            self.is_stale = (await alert_rules.read(session, actor)).version != self._held.version

    @rx.event
    @requires(Permission.ALERTS_READ)
    async def reload(self) -> None:
        """Begin again with what holds."""
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.ALERTS_MANAGE)
    async def ask(self, form: dict[str, str | bool]) -> rx.event.EventType[()]:
        """Show what would change, or say beside the field what is wrong."""
        self.error = self.error_field = ""
        try:
            self._wanted = alert_rules.checked(read_rules(form, self._held.version))
        except Invalid as error:
            self.error, self.error_field = str(error), (error.pointer or "").strip("/")
            return []
        self.changes = rule_changes(self._held, self._wanted)
        self.is_asking = bool(self.changes)
        return [] if self.changes else notice(gettext("Nothing differs from what holds."), "info")

    @rx.event
    @requires(Permission.ALERTS_READ)
    async def close(self) -> None:
        """Go back to the form."""
        self.is_asking = False

    @rx.event
    @requires(Permission.ALERTS_MANAGE)
    async def save(self) -> rx.event.EventType[()]:
        """Let them hold, once however often it is pressed."""
        if not self.is_asking:
            return []
        actor = await signed_in(self)
        self.is_asking = False
        try:
            async with transaction(actor.tenancy) as session:
                await alert_rules.save(session, actor, self._wanted)
        except BackofficeError as error:
            return alarm(str(error))
        await self._read(actor)
        return notice(gettext("Saved. The rules are gone through now."))

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            self._held = await alert_rules.read(session, actor)
        self.fields, self.version = rule_fields(self._held), self._held.version
        self.is_asking, self.is_stale, self.error, self.error_field = False, False, "", ""
        self.is_loaded = True
