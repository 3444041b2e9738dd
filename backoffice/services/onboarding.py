"""Taking a partner on: itself and its first administrator in one step, and how far it has come since."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import Invalid
from backoffice.models.fleet_counts import Onboarding
from backoffice.models.members import Role
from backoffice.models.partners import Partner, Plan
from backoffice.services import invitees, members, partners
from backoffice.services.access import Actor, Permission
from backoffice.settings import DEFAULT_REGION

STEPS = text("""
select
    (select count(*) from invitations where partner_id = :partner and role = 'partner_admin' and ended_at is null),
    (select count(*) from members where partner_id = :partner and role = 'partner_admin' and disabled_at is null),
    (select count(*) from api_keys where partner_id = :partner and revoked_at is null and lent_for is null),
    (select count(*) from (select 1 from api_requests where partner_id = :partner limit 1) one),
    (select count(*) from webhook_endpoints where partner_id = :partner and deleted_at is null),
    (select count(*) from (
        select 1 from webhook_endpoints e join deliveries d on d.endpoint_id = e.id
        where e.partner_id = :partner and d.state = 'delivered' limit 1) one),
    (select count(*) from (select 1 from documents where partner_id = :partner limit 1) one),
    (select count(*) from (select 1 from documents where partner_id = :partner and livemode limit 1) one)
""")


async def onboard(  # noqa: PLR0913 a partner, and who begins there
    session: AsyncSession,
    actor: Actor,
    *,
    name: str,
    slug: str,
    plan: Plan,
    email: str,
    admin_name: str = "",
    region: str = DEFAULT_REGION,
) -> tuple[Partner, str]:
    """Take a partner on and invite its first administrator, both or neither; answers the link of the invitation, too.

    Raises Invalid, whose pointer names the field, and Conflict when the short name or the address is taken.
    """
    actor.require(Permission.PARTNERS_WRITE)
    actor.require(Permission.MEMBERS_WRITE)
    tidy = members.checked_email(email)
    called = " ".join(admin_name.split()) or tidy.partition("@")[0].replace(".", " ").title()
    if not called.isprintable() or len(called) > members.MAX_NAME:
        raise Invalid("This is not a name.", code="invalid_name", pointer="/admin_name")
    partner = await partners.create(session, actor, name=name, slug=slug, plan=plan, region=region)
    _, link = await invitees.send(session, actor.within(partner.id), email=tidy, name=called, role=Role.PARTNER_ADMIN)
    return partner, link


async def steps(session: AsyncSession, actor: Actor, partner_id: UUID) -> Onboarding:
    """Say how far a partner has come: what is there is counted, nothing is ticked off by hand."""
    actor.require(Permission.PARTNERS_READ)
    await partners.get(session, actor, partner_id)
    return Onboarding(*(await session.execute(STEPS, {"partner": partner_id})).one())
