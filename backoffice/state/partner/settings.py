"""Settings of the workspace: the form's fields live in the browser until they are asked to be saved."""

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, Invalid, StepUpRequired
from backoffice.i18n import gettext
from backoffice.models.workspace_settings import Rules
from backoffice.services import regions, workspace_settings
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import alarm, notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.changes import Change
from backoffice.viewmodels.workspace_settings import (
    BrandView,
    SettingsForm,
    brand_view,
    effects,
    read_form,
    setting_changes,
    settings_form,
)


class SettingsState(rx.State):
    """One tab's settings."""

    form: SettingsForm = SettingsForm()
    brand: BrandView = BrandView()
    changes: rx.Field[list[Change]] = rx.field(default_factory=list)
    effects: rx.Field[list[str]] = rx.field(default_factory=list)
    is_asking: bool = False
    is_stale: bool = False
    """Somebody saved while this page was open; what was typed here still stands."""
    error: str = ""
    error_field: str = ""
    own_address: str = ""
    region: str = ""
    is_loaded: bool = False
    _held: Rules = Rules()
    _wanted: Rules = Rules()

    @rx.event
    @requires()
    async def open(self) -> None:
        """Read what holds, for those who may; the others come for their letters."""
        actor = await signed_in(self)
        if actor.can(Permission.MEMBERS_READ) and actor.partner_id:
            await watch(self, workspace_settings.topic(actor.partner_id), on_change=SettingsState.refresh)
            await self._read(actor)

    @rx.event
    @requires(Permission.MEMBERS_READ)
    async def refresh(self) -> None:
        """Tell that somebody saved other settings; only who asks for them loses what was typed."""
        if await has_left(self):
            return
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            self.is_stale = (await workspace_settings.read(session, actor)).version != self._held.version

    @rx.event
    @requires(Permission.MEMBERS_READ)
    async def reload(self) -> None:
        """Begin again with what holds."""
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def ask(self, form: dict[str, str | bool]) -> rx.event.EventType[()]:
        """Show what would change and what that does, or say beside the field what is wrong."""
        actor = await signed_in(self)
        self.error = self.error_field = ""
        try:
            self._wanted = workspace_settings.checked(read_form(form, self._held.version))
            async with transaction(actor.tenancy) as session:
                effect = await workspace_settings.effect(session, actor, self._wanted)
        except Invalid as error:
            self.error, self.error_field = str(error), (error.pointer or "").strip("/")
            return []
        self.changes, self.effects = setting_changes(self._held, self._wanted), effects(effect)
        self.is_asking = bool(self.changes)
        return [] if self.changes else notice(gettext("Nothing differs from what holds."), "info")

    @rx.event
    @requires(Permission.MEMBERS_READ)
    async def close(self) -> None:
        """Go back to the form."""
        self.is_asking = False

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def save(self) -> rx.event.EventType[()]:
        """Let them hold."""
        actor = await signed_in(self)
        self.is_asking = False
        try:
            async with transaction(actor.tenancy) as session:
                await workspace_settings.save(session, actor, self._wanted)
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return alarm(str(error))
        await self._read(actor)
        return notice(gettext("Saved. It holds from now on."))

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            self._held = await workspace_settings.read(session, actor)
            brand = await workspace_settings.brand_of(session, actor.require_partner())
            self.region = await regions.of(session, actor.require_partner())
        self.form = settings_form(self._held, workspace_settings.most())
        self.brand = brand_view(brand)
        self.own_address = actor.ip
        self.is_asking, self.is_stale, self.error, self.error_field = False, False, "", ""
        self.is_loaded = True
