"""Who is signed in at a tab: the actor for handlers, the viewer for the frame around every page."""

from dataclasses import replace

import reflex as rx

from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed, NotSignedIn
from backoffice.i18n import gettext
from backoffice.services import partners, viewings
from backoffice.services.access import Actor, Permission
from backoffice.services.audiences import home_of, is_partners, pages
from backoffice.state import looks
from backoffice.state.gate import actor_behind, admitted_actor, public, sign_in_url
from backoffice.state.partner.boards import boards
from backoffice.viewmodels.sessions import WORKSPACES, Look, Viewer, WorkspaceLink, look, viewer


async def signed_in(state: rx.State) -> Actor:
    """Answer who acts in this tab, as things stand now.

    Raises NotSignedIn, which the page's error handler turns into the way to the sign-in, and NotAllowed to one of our
    people in a partner's workspace whose look ended since the gate let them in: as themselves they are nobody there.
    """
    module = type(state).__module__
    actor = admitted_actor() or await actor_behind(state.router_data, module, is_active=False)
    if actor is None:
        raise NotSignedIn("Your session has ended. Sign in again.")
    if actor.is_staff and looks.is_partners_state(module):
        raise NotAllowed("You look at no company now. Open its workspace from its page in the console.")
    return actor


class SessionState(rx.State):
    """What the frame shows of the person at the screen."""

    viewer: Viewer = Viewer()
    workspaces: rx.Field[list[WorkspaceLink]] = rx.field(default_factory=list)
    look: Look = Look()
    """At whom one of our people looks here; its company is empty for everybody else."""
    denied: str = ""
    """What the viewer lacks for this page; empty when it is open."""

    @rx.event
    @public
    async def enter(self) -> rx.event.EventSpec | None:
        """Run before a page's own `on_load`: without a session go and sign in, with the wrong role say so."""
        await boards.leave(self.router.session.client_token)
        try:
            actor = await signed_in(self)
        except NotSignedIn:
            return rx.redirect(sign_in_url(self.router_data))
        audience, token = pages.audience_of(self.router.url.path), self.router.session.client_token
        if actor.can(Permission.WORKSPACES_LOOK) and is_partners(self.router.url.path):
            return rx.redirect(home_of(actor))
        self.denied = "" if audience and audience.admits(actor) else audience.missing(actor) if audience else ""
        self.viewer = _viewer(actor, (actor.partner_id and self.viewer.partner) or await _partner_name(actor))
        self.workspaces = _workspaces(actor)
        self.look = await _look(actor)
        looks.enter(token, self.look.href)
        return None


async def _partner_name(actor: Actor) -> str:
    if actor.partner_id is None:
        return ""
    async with transaction(actor.tenancy) as session:
        return (await partners.get(session, actor, actor.partner_id)).name


async def _look(actor: Actor) -> Look:
    if not actor.is_looking:
        return Look()
    async with transaction(Tenancy.everyone()) as session:
        found = await viewings.get(session, actor)
    return look(*found) if found else Look()


def _viewer(actor: Actor, partner: str) -> Viewer:
    return viewer(
        name=actor.name,
        role=str(actor.role or ""),
        role_name=actor.role_name,
        partner=partner,
        home=home_of(actor),
        permissions=actor.permissions,
    )


def _workspaces(actor: Actor) -> list[WorkspaceLink]:
    """List the workspaces whose first page is open to the actor; a partner's begins where its person does."""
    own = home_of(actor)
    places = [replace(link, href=own) if link.key == "partner" and is_partners(own) else link for link in WORKSPACES]
    asked = [(link, pages.audience_of(link.href)) for link in places]
    admitted = [link for link, audience in asked if audience is not None and audience.admits(actor)]
    return [replace(link, label=gettext(link.label)) for link in admitted]
