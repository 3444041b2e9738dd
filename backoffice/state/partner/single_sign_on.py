"""Single sign-on on the settings page: each change takes effect at once, and asks first who sits here."""

from dataclasses import replace

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, StepUpRequired
from backoffice.i18n import gettext, reworded
from backoffice.models.single_sign_on import Kind
from backoffice.services import saml_settings, sso_connections, sso_domains
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import alarm, notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.single_sign_on import (
    CertificateRow,
    DomainRow,
    FindingRow,
    SamlFields,
    SsoView,
    certificate_rows,
    domain_rows,
    finding_rows,
    read_sso,
    sso_view,
)

DIALOGS = frozenset({"connection", "off"})


class SsoState(rx.State):
    """One tab's view of it."""

    view: SsoView = SsoView()
    domains: rx.Field[list[DomainRow]] = rx.field(default_factory=list)
    findings: rx.Field[list[FindingRow]] = rx.field(default_factory=list)
    asking: str = ""
    """connection, off, or a domain that is asked about."""
    error: str = ""
    error_field: str = ""
    is_loaded: bool = False
    kind: str = "oidc"
    """What the open dialog is about."""
    fields: SamlFields = SamlFields()
    certificates: rx.Field[list[CertificateRow]] = rx.field(default_factory=list)

    @rx.event
    @requires()
    async def open(self) -> None:
        """Read what holds, for those who may."""
        actor = await signed_in(self)
        if actor.can(Permission.MEMBERS_READ) and actor.partner_id:
            await watch(self, sso_domains.topic(actor.partner_id), on_change=SsoState.refresh)
            self._forget()
            await self._read(actor)

    @rx.event
    @requires(Permission.MEMBERS_READ)
    async def refresh(self) -> None:
        """Read again: a domain was proven, or somebody changed the connection."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def ask(self, what: str) -> None:
        """Open a dialog: of the connection, of switching off, or of one domain's removal."""
        self._forget()
        names = {one.domain for one in self.domains}
        self.asking = what if what in DIALOGS | names else ""
        self.kind, self.fields = self.view.kind, replace(self.view.saml, number=self.fields.number + 1)

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def choose(self, kind: str) -> None:
        """Show the fields of another kind of provider."""
        self.error = self.error_field = ""
        self.kind = kind if kind in set(Kind) else self.kind

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def read_metadata(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """Fill the fields with what pasted metadata says; nothing is kept yet."""
        actor = await signed_in(self)
        try:
            told = await saml_settings.read(actor, form.get("metadata", ""))
        except BackofficeError as error:
            return self._refused(error)
        self.error = self.error_field = ""
        self.fields = SamlFields(told.entity_id, told.sign_in_url, told.certificates, self.fields.number + 1)
        return notice(gettext("Filled in. Look at it, then save."))

    @rx.event
    @requires(Permission.MEMBERS_READ)
    async def close(self) -> None:
        """Leave it as it is."""
        self._forget()

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def save(self, form: dict[str, str | bool]) -> rx.event.EventType[()]:
        """Let another connection hold, or say beside the field what is wrong."""
        actor = await signed_in(self)
        try:
            async with transaction(actor.tenancy) as session:
                await sso_connections.save(session, actor, read_sso(form, self.view.version, self.kind))
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return self._refused(error)
        return await self._done(actor, gettext("Saved. Single sign-on is on; test it now."))

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def claim(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """Claim a domain."""
        actor = await signed_in(self)
        try:
            await sso_domains.claim(actor, form.get("domain", ""))
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return self._refused(error)
        return await self._done(actor, gettext("Now publish the record that stands beside it."))

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def remove(self) -> rx.event.EventType[()]:
        """Give up the domain that was asked about."""
        actor, domain = await signed_in(self), self.asking
        try:
            await sso_domains.remove(actor, domain)
        except StepUpRequired:
            raise
        except BackofficeError as error:
            self._forget()
            return alarm(str(error))
        return await self._done(actor, gettext("Removed."))

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def switch_off(self) -> rx.event.EventType[()]:
        """Let nobody come in by the provider any more."""
        actor = await signed_in(self)
        try:
            async with transaction(actor.tenancy) as session:
                await sso_connections.switch_off(session, actor, actor.require_partner())
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return self._refused(error)
        return await self._done(actor, gettext("Single sign-on is off. People sign in with their passwords."))

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def test(self) -> rx.event.EventType[()]:
        """Ask the provider what a sign-in would ask."""
        actor = await signed_in(self)
        try:
            found = await sso_connections.try_out(actor)
        except BackofficeError as error:
            return alarm(str(error))
        self.findings = [FindingRow(reworded(one.words), one.is_good) for one in finding_rows(found)]
        return []

    async def _done(self, actor: Actor, words: str) -> rx.event.EventType[()]:
        self._forget()
        await self._read(actor)
        return notice(words)

    def _refused(self, error: BackofficeError) -> rx.event.EventType[()]:
        self.error, self.error_field = str(error), (error.pointer or "").strip("/")
        return []

    def _forget(self) -> None:
        self.asking = self.error = self.error_field = ""

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            found = await sso_connections.look(session, actor)
        view, domains = sso_view(found), domain_rows(found.domains)
        if (view, domains) != (self.view, list(self.domains)):
            self.findings = []  # a test is of what was there then
        self.view, self.domains, self.is_loaded = view, domains, True
        self.certificates = certificate_rows(found)
