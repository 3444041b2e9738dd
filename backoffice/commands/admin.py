"""Partners, people and keys from the command line: the first ones, and for scripts."""

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.commands.console import explain, out, stop
from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import PARTNER_ROLES, Role
from backoffice.models.partners import Partner, Plan
from backoffice.services import (
    api_keys,
    factor_resets,
    invitations,
    partners,
    password_resets,
    suspensions,
    workspace_settings,
)
from backoffice.services.access import Actor, Permission
from backoffice.services.permissions import SCOPES
from backoffice.settings import settings

ACTOR = Actor.system(name="command line")


async def create_partner(name: str, slug: str, plan: Plan, region: str) -> None:
    """Take a partner on and print its id."""
    with explain():
        async with transaction(ACTOR.tenancy) as session:
            partner = await partners.create(session, ACTOR, name=name, slug=slug, plan=plan, region=region)
    out.print(public_id(Prefix.PARTNER, partner.id))


async def invite_member(email: str, name: str, role: Role, partner_slug: str) -> None:
    """Invite a person and print their link, once: whoever follows it chooses the password."""
    if (role in PARTNER_ROLES) != bool(partner_slug):
        stop("Roles of a partner need --partner-slug; staff belong to none.")
    async with transaction(ACTOR.tenancy) as session:
        partner_id = (await by_slug(session, partner_slug)).id if partner_slug else None
        _, token = await invitations.create(session, ACTOR, email=email, name=name, role=role, partner_id=partner_id)
    out.print(f"{settings().url}{invitations.PATH}/{token}", soft_wrap=True)


async def reset_link(email: str) -> None:
    """Print the link of a new password, for who gets no letters: only its person chooses the password."""
    async with transaction(ACTOR.tenancy) as session:
        try:
            out.print(await password_resets.link_of(session, ACTOR, email), soft_wrap=True)
        except NotFound:
            stop(f"Nobody signs in with {email}.")


async def reset_factor(email: str) -> None:
    """Forget somebody's second factor, for who has lost it and whom no administrator helps; a letter tells them."""
    async with transaction(ACTOR.tenancy) as session:
        try:
            had_one = await factor_resets.reset(session, ACTOR, email)
        except NotFound:
            stop(f"Nobody signs in with {email}.")
    told = f"The second factor of {email} is forgotten, and they were signed out everywhere. A letter tells them."
    out.print(told if had_one else f"{email} has no second factor.", soft_wrap=True)


async def create_key(partner_slug: str, name: str, *, live: bool, scopes: list[str]) -> None:
    """Make an API key; it is printed once."""
    unknown = set(scopes) - SCOPES
    if unknown:
        stop(f"There is no scope {', '.join(sorted(unknown))}. Scopes: {', '.join(sorted(SCOPES))}.")
    async with transaction(ACTOR.tenancy) as session:
        partner = await by_slug(session, partner_slug)
        actor = Actor.system(partner.id, name="command line")
        allowed = [Permission(scope) for scope in scopes] or sorted(SCOPES)
        _, secret = await api_keys.create(session, actor, name=name, livemode=live, scopes=allowed)
    out.print(secret, soft_wrap=True)


async def open_networks(partner_slug: str) -> None:
    """Let the people of a partner in from everywhere again, after they locked themselves out."""
    async with transaction(ACTOR.tenancy) as session:
        partner = await by_slug(session, partner_slug)
        was_bound = await workspace_settings.open_to_all_networks(session, ACTOR, partner.id)
    out.print("People come in from everywhere again." if was_bound else "They came in from everywhere already.")


async def suspend(partner_slug: str, reason: str) -> None:
    """Shut a partner out until it is resumed."""
    async with transaction(ACTOR.tenancy) as session:
        partner = await by_slug(session, partner_slug)
        await suspensions.suspend(session, ACTOR, partner.id, reason=reason)
    out.print(f"{partner.name} is suspended: no key works, and nobody of theirs is signed in.")


async def resume(partner_slug: str) -> None:
    """Let a suspended partner in again."""
    async with transaction(ACTOR.tenancy) as session:
        partner = await by_slug(session, partner_slug)
        await suspensions.resume(session, ACTOR, partner.id)
    out.print(f"{partner.name} works again. People sign in anew where their sessions have ended meanwhile.")


async def by_slug(session: AsyncSession, slug: str) -> Partner:
    """Find a partner, or end with a sentence."""
    partner = await partners.by_slug(session, ACTOR, slug)
    if partner is None:
        stop(f"There is no partner with the short name {slug}.")
    return partner
