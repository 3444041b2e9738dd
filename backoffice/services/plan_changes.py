"""A partner changes its plan: upwards at once, downwards at the end of the month that is paid for.

Everybody who changes a plan, or bills by it, locks the partner first, so that no invoice is cut in the middle of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import present
from backoffice.errors import Conflict, NotFound
from backoffice.models.base import Prefix, public_id
from backoffice.models.invoices import Month
from backoffice.models.partners import Partner, Plan
from backoffice.models.plan_changes import PlanChange
from backoffice.models.plans import on_plan
from backoffice.services import audit, events, partners, quotas
from backoffice.services.access import Actor, ActorType, Permission, found

ORDER = tuple(Plan)
BATCH = 100


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change would do, and when."""

    before: Plan
    after: Plan
    effective_at: datetime
    is_at_once: bool


def effect(before: Plan, after: Plan, moment: datetime) -> Effect:
    """Say when a change takes effect.

    Raises Conflict when there is nothing to change.
    """
    if before == after:
        raise Conflict(f"You are on the plan {after} already.", code="same_plan")
    is_at_once = ORDER.index(after) > ORDER.index(before)
    return Effect(before, after, moment if is_at_once else Month.of(moment).ends, is_at_once)


async def change(session: AsyncSession, actor: Actor, to_plan: Plan) -> PlanChange:
    """Change the plan of the actor's partner, or arrange that it changes; one that waited before is canceled.

    Raises Conflict for the plan that is in force or already arranged.
    """
    actor.require(Permission.BILLING_WRITE)
    actor.require_fresh()
    partner = await locked(session, actor.require_partner())
    await _apply(session, actor, partner)
    planned = effect(Plan(partner.plan), to_plan, present())
    waiting = await waits(session, actor)
    if waiting and waiting.to_plan == to_plan:
        raise Conflict(f"The plan {to_plan} begins on {waiting.effective_at:%Y-%m-%d} already.", code="same_plan")
    if waiting:
        await _cancel(session, actor, waiting)
    row = PlanChange(
        created_at=present(), partner_id=partner.id, from_plan=planned.before, to_plan=to_plan,
        effective_at=planned.effective_at, member_id=actor.id if actor.type == ActorType.MEMBER else None,
    )  # fmt: skip
    session.add(row)
    if planned.is_at_once:
        await _take_effect(session, actor, partner, row)
    else:
        await session.flush()
        await _tell(session, actor, row, "plan.change_scheduled")
    return row


async def cancel(session: AsyncSession, actor: Actor) -> PlanChange:
    """Stay on the plan that is in force.

    Raises NotFound when nothing is arranged.
    """
    actor.require(Permission.BILLING_WRITE)
    actor.require_fresh()
    partner = await locked(session, actor.require_partner())
    await _apply(session, actor, partner)
    waiting = await waits(session, actor)
    if waiting is None:
        raise NotFound("No change of plan is arranged.")
    await _cancel(session, actor, waiting)
    return waiting


async def _cancel(session: AsyncSession, actor: Actor, row: PlanChange) -> None:
    row.canceled_at = present()
    await session.flush()
    await _tell(session, actor, row, "plan.change_canceled")


async def waits(session: AsyncSession, actor: Actor) -> PlanChange | None:
    """Answer the change that is arranged, if there is one."""
    statement = select(PlanChange).where(
        col(PlanChange.partner_id) == actor.require_partner(),
        col(PlanChange.applied_at).is_(None),
        col(PlanChange.canceled_at).is_(None),
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def locked(session: AsyncSession, partner_id: UUID) -> Partner:
    """Lock a partner's terms without stopping those who only point at the partner."""
    statement = select(Partner).where(col(Partner.id) == partner_id).with_for_update(key_share=True)
    partner = found((await session.execute(statement)).scalar_one_or_none(), "partner")
    await session.refresh(partner)
    return partner


async def due(session: AsyncSession, actor: Actor) -> list[UUID]:
    """Name partners whose arranged change has come."""
    actor.require(Permission.SYSTEM)
    statement = select(col(PlanChange.partner_id)).where(
        col(PlanChange.applied_at).is_(None),
        col(PlanChange.canceled_at).is_(None),
        col(PlanChange.effective_at) <= present(),
    )
    oldest_first = statement.order_by(col(PlanChange.effective_at), col(PlanChange.id)).limit(BATCH)
    return list((await session.execute(oldest_first)).scalars())


async def apply(session: AsyncSession, actor: Actor, partner_id: UUID) -> None:
    """Let a partner's arranged change take effect, if its time has come."""
    actor.require(Permission.SYSTEM)
    await _apply(session, actor, await locked(session, partner_id))


async def _apply(session: AsyncSession, actor: Actor, partner: Partner) -> None:
    await quotas.hold(session, partner.id)
    statement = select(PlanChange).where(
        col(PlanChange.partner_id) == partner.id,
        col(PlanChange.applied_at).is_(None),
        col(PlanChange.canceled_at).is_(None),
        col(PlanChange.effective_at) <= present(),
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row:
        await _take_effect(session, actor, partner, row)


async def _take_effect(session: AsyncSession, actor: Actor, partner: Partner, row: PlanChange) -> None:
    held = partners.terms_of(partner)
    over = set(held.exceptions) - set(on_plan(held, Plan(row.to_plan)).exceptions)
    row.applied_at, partner.plan = present(), row.to_plan
    partner.exceptions = {name: one for name, one in partner.exceptions.items() if name not in over}
    await session.flush()
    await quotas.measure_again(session, partner.id, partners.terms_of(partner))
    await _tell(session, actor, row, "plan.changed", **({"exceptions_ended": sorted(over)} if over else {}))


async def _tell(session: AsyncSession, actor: Actor, row: PlanChange, what: str, **more: object) -> None:
    effective_at = row.effective_at.isoformat().replace("+00:00", "Z")
    changes: dict[str, object] = {"plan": [row.from_plan, row.to_plan], "effective_at": effective_at, **more}
    await audit.record(
        session, actor, what, subject_type="partner", subject_id=row.partner_id, partner_id=row.partner_id,
        changes=changes,
    )  # fmt: skip
    live.announce(session, *partners.topics(row.partner_id))
    data: dict[str, object] = {
        "id": public_id(Prefix.PARTNER, row.partner_id), "object": "plan", "plan": row.to_plan,
        "before": row.from_plan, "effective_at": effective_at,
    }  # fmt: skip
    await events.emit(session, actor, what, events.Subject("partner", row.partner_id, row.partner_id, True, data))


async def history(session: AsyncSession, partner: Partner) -> list[tuple[datetime, Plan]]:
    """Say from when on a partner was on which plan, from its beginning; for who bills it."""
    statement = (
        select(PlanChange)
        .where(col(PlanChange.partner_id) == partner.id, col(PlanChange.applied_at).is_not(None))
        .order_by(col(PlanChange.effective_at), col(PlanChange.id))
    )
    rows: Sequence[PlanChange] = (await session.execute(statement)).scalars().all()
    first = Plan(rows[0].from_plan if rows else partner.plan)
    return [(partner.created_at, first), *((row.effective_at, Plan(row.to_plan)) for row in rows)]
