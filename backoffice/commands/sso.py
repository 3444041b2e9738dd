"""Single sign-on from the command line: who has it, a domain that is proven, and switching it off."""

from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.commands.console import out
from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.models.partners import Partner
from backoffice.models.single_sign_on import record_of
from backoffice.services import partners, sso_connections, sso_domains
from backoffice.services.access import Actor

ACTOR = Actor.system(name="command line")


async def show() -> None:
    """List the partners with single sign-on, and every domain that is claimed."""
    async with transaction(ACTOR.tenancy) as session:
        rows = await sso_connections.everyone(session, ACTOR)
        claimed = await sso_domains.everyone(session, ACTOR)
    connections = Table("Partner", "State", "Kind", "Issuer", "Second factor", box=None, pad_edge=False)
    for partner, row in rows:
        state = "off" if not row.is_on else "the only way in" if row.is_only_way else "on"
        connections.add_row(partner.slug, state, row.kind, row.issuer, "theirs" if row.asks_second_factor else "ours")
    out.print(connections if rows else "No partner signs in by a provider.", soft_wrap=True)
    for partner, domain in claimed:
        name, text = record_of(domain)
        proven = f"proven {domain.confirmed_at:%Y-%m-%d} by {domain.confirmed_by}" if domain.confirmed_at else ""
        out.print(f"{partner.slug}: {domain.domain} {proven or f'waits for TXT {name} = {text}'}", soft_wrap=True)


async def confirm(partner_slug: str, domain: str) -> None:
    """Note that the record of a domain was seen in the DNS."""
    async with transaction(ACTOR.tenancy) as session:
        partner = await _partner(session, partner_slug)
    row = await sso_domains.confirm(ACTOR, partner.id, domain)
    out.print(f"{row.domain} is proven for {partner.name}: people with an address there may come in.")


async def disable(partner_slug: str) -> None:
    """Switch a partner's single sign-on off: its sessions end, and passwords work for everybody again."""
    async with transaction(ACTOR.tenancy) as session:
        partner = await _partner(session, partner_slug)
        was_on = await sso_connections.switch_off(session, ACTOR, partner.id)
    out.print("Single sign-on is off. People sign in with their passwords." if was_on else "It was off already.")


async def unlink(email: str) -> None:
    """Forget who somebody is at their provider; the next sign-in with their address links them anew."""
    async with transaction(ACTOR.tenancy) as session:
        await sso_connections.unlink(session, ACTOR, email)
    out.print(f"{email} is linked anew at the next single sign-on.")


async def _partner(session: AsyncSession, slug: str) -> Partner:
    partner = await partners.by_slug(session, ACTOR, slug)
    if partner is None:
        raise NotFound(f"There is no partner with the short name {slug}.")
    return partner
