"""Single sign-on of one partner for our own people: which domains it claims, and that their records were seen."""

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, NotFound, StepUpRequired
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import sso_connections, sso_domains
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import alarm, notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.single_sign_on import DomainRow, SsoView, domain_rows, sso_view


class PartnerSsoState(rx.State):
    """One tab's view of it."""

    view: SsoView = SsoView()
    domains: rx.Field[list[DomainRow]] = rx.field(default_factory=list)
    asking: str = ""
    """The domain whose confirmation is asked about."""

    @rx.event
    @requires(Permission.PARTNERS_READ)
    async def open(self) -> None:
        """Read what holds, and hear of every change from then on."""
        self.asking = ""
        try:
            actor = await self._actor()
            await watch(self, sso_domains.topic(actor.require_partner()), on_change=PartnerSsoState.refresh)
            await self._read(actor)
        except NotFound:
            self.reset()

    @rx.event
    @requires(Permission.PARTNERS_READ)
    async def refresh(self) -> None:
        """Read again: a domain was claimed or proven."""
        if not await has_left(self):
            await self._read(await self._actor())

    @rx.event
    @requires(Permission.PARTNERS_READ)
    async def close(self) -> None:
        """Leave it as it is."""
        self.asking = ""

    @rx.event
    @requires(Permission.PARTNERS_WRITE)
    async def ask(self, domain: str) -> None:
        """Ask whether the record of a domain was seen."""
        self.asking = domain if domain in {one.domain for one in self.domains} else ""

    @rx.event
    @requires(Permission.PARTNERS_WRITE)
    async def confirm(self) -> rx.event.EventType[()]:
        """Note that it was."""
        actor, domain = await self._actor(), self.asking
        try:
            await sso_domains.confirm(actor, actor.require_partner(), domain)
        except StepUpRequired:
            raise
        except BackofficeError as error:
            self.asking = ""
            return alarm(str(error))
        self.asking = ""
        await self._read(actor)
        return notice(f"{domain} is proven: people with an address there may come in.")

    async def _actor(self) -> Actor:
        actor = await signed_in(self)
        return actor.within(parse_public_id(Prefix.PARTNER, self.router.url.path.rstrip("/").rpartition("/")[2]))

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            found = await sso_connections.look(session, actor)
        self.view, self.domains = sso_view(found), domain_rows(found.domains)
