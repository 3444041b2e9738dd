"""Suspensions: a partner that is shut out for a while, with everybody and everything that acts for it.

What holds is read where somebody comes in, every time: by `sessions` for people and their open pages, by `api_keys`
for programs, by `workspace_settings` for the sign-in. What was accepted before goes on: reviews end, webhooks go out.
"""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import live
from backoffice.clock import now
from backoffice.errors import Conflict, Invalid
from backoffice.models.partners import SUSPENSION, Partner, PartnerStatus
from backoffice.services import audit, partners, plan_changes, viewings, workspace_settings
from backoffice.services.access import Actor, Permission


async def suspend(session: AsyncSession, actor: Actor, partner_id: UUID, *, reason: str, typed: str = "") -> Partner:
    """Shut a partner out: no key of theirs works, nobody signs in, and open pages end within a second.

    `typed` is the partner's short name, written to be sure; members of staff have to, commands need not. Raises
    NotFound, Invalid without a reason or for another name, Conflict when it is suspended already.
    """
    actor.require(Permission.PARTNERS_WRITE)
    actor.require_fresh()
    partner = await plan_changes.locked(session, partner_id)
    if partner.status == PartnerStatus.SUSPENDED:
        raise Conflict(f"{partner.name} is suspended already.", code="nothing_changed")
    told = partners.checked_reason(reason)
    if actor.role is not None and typed.strip() != partner.slug:
        raise Invalid(f"Write {partner.slug} to be sure.", code="name_differs", pointer="/typed")
    partner.settings = partner.settings | {
        SUSPENSION: {"reason": told, "at": now().isoformat(timespec="seconds"), "by": actor.name}
    }
    await _turn(session, actor, partner, PartnerStatus.SUSPENDED, {"reason": told})
    return partner


async def resume(session: AsyncSession, actor: Actor, partner_id: UUID) -> Partner:
    """Let a suspended partner in again; sessions that are still in their time work on.

    Raises NotFound, Conflict when it is not suspended.
    """
    actor.require(Permission.PARTNERS_WRITE)
    actor.require_fresh()
    partner = await plan_changes.locked(session, partner_id)
    if partner.status != PartnerStatus.SUSPENDED:
        raise Conflict(f"{partner.name} is not suspended.", code="nothing_changed")
    partner.settings = {name: value for name, value in partner.settings.items() if name != SUSPENSION}
    await _turn(session, actor, partner, PartnerStatus.ACTIVE, {})
    return partner


async def _turn(
    session: AsyncSession, actor: Actor, partner: Partner, status: PartnerStatus, more: dict[str, object]
) -> None:
    before, partner.status = partner.status, status
    await session.flush()
    await audit.record(
        session,
        actor,
        "partner.suspended" if status == PartnerStatus.SUSPENDED else "partner.resumed",
        subject_type="partner",
        subject_id=partner.id,
        partner_id=partner.id,
        changes={"status": [before, str(status)], **more},
    )
    if status == PartnerStatus.SUSPENDED:
        await viewings.end_of_partner(session, partner.id)
    live.announce(session, *partners.topics(partner.id), workspace_settings.security_topic(partner.id))
