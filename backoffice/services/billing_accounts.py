"""How partners are billed and warned: the currency, which operators set, and thresholds, which partners set."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.errors import Conflict, Invalid
from backoffice.models.billing_accounts import MOST_THRESHOLDS, BillingAccount
from backoffice.models.invoices import InvoiceCredit, InvoiceLine
from backoffice.models.money import EXPONENTS
from backoffice.services import audit, plan_changes
from backoffice.services.access import Actor, Permission

MOST_PERCENT = 200
MOST_AMOUNT = 10**12


async def of(session: AsyncSession, partner_id: UUID) -> BillingAccount:
    """Read a partner's account, for who acts for this partner already."""
    statement = select(BillingAccount).where(col(BillingAccount.partner_id) == partner_id)
    row = (await session.execute(statement)).scalar_one_or_none()
    return row or BillingAccount(partner_id=partner_id)


async def mine(session: AsyncSession, actor: Actor) -> BillingAccount:
    """Read the account of the actor's partner; amounts are for those who may see money."""
    actor.require(Permission.BILLING_READ)
    return await of(session, actor.require_partner())


async def usage_percents(session: AsyncSession, actor: Actor) -> list[int]:
    """Read at which percentages of its documents the actor's partner is told."""
    actor.require(Permission.USAGE_READ)
    return (await of(session, actor.require_partner())).usage_percents


async def warn(
    session: AsyncSession, actor: Actor, *, percents: Collection[int], amounts: Collection[int]
) -> BillingAccount:
    """Set at which usage and at which cost people are told.

    Raises Invalid for too many, or for those that nothing can reach.
    """
    actor.require(Permission.BILLING_WRITE)
    for name, values, most in (("usage", percents, MOST_PERCENT), ("spend", amounts, MOST_AMOUNT)):
        if len(set(values)) > MOST_THRESHOLDS:
            raise Invalid(f"Up to {MOST_THRESHOLDS} thresholds each.", code="too_many", pointer=f"/{name}")
        if any(not 0 < value <= most for value in values):
            raise Invalid(
                "A threshold is more than nothing, and within reach.", code="out_of_range", pointer=f"/{name}"
            )
    row = await _locked(session, actor.require_partner())
    before: dict[str, object] = {"usage": row.usage_percents, "spend": row.spend_amounts}
    row.usage_percents, row.spend_amounts = sorted(set(percents)), sorted(set(amounts))
    await session.flush()
    after = {"usage": row.usage_percents, "spend": row.spend_amounts}
    changes: dict[str, object] = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    await audit.record(
        session, actor, "billing.thresholds_changed", subject_type="partner", subject_id=row.partner_id, changes=changes
    )
    return row


async def bill_in(session: AsyncSession, actor: Actor, partner_id: UUID, currency: str) -> BillingAccount:
    """Set the currency of a partner's invoices that are not final yet; thresholds of the other one are forgotten.

    Raises Invalid for a currency that is not known here, Conflict while a credit in the former one waits.
    """
    actor.require(Permission.PARTNERS_WRITE)
    if currency not in EXPONENTS:
        raise Invalid(f"Known currencies: {', '.join(sorted(EXPONENTS))}.", code="invalid_currency")
    await plan_changes.locked(session, partner_id)
    row = await _locked(session, partner_id)
    before = row.currency
    if before != currency:
        await _refuse_credits(session, partner_id, before)
        row.currency, row.spend_amounts = currency, []
        await session.flush()
        await audit.record(
            session, actor, "billing.currency_changed", subject_type="partner", subject_id=partner_id,
            partner_id=partner_id, changes={"currency": [before, currency]},
        )  # fmt: skip
    return row


async def _refuse_credits(session: AsyncSession, partner_id: UUID, currency: str) -> None:
    waiting = (
        select(col(InvoiceCredit.id))
        .outerjoin(InvoiceLine, col(InvoiceLine.credit_id) == col(InvoiceCredit.id))
        .where(col(InvoiceCredit.partner_id) == partner_id, col(InvoiceCredit.currency) == currency)
        .where(col(InvoiceLine.id).is_(None))
    )
    if (await session.execute(waiting.limit(1))).first():
        raise Conflict(
            f"A credit in {currency} waits for the next invoice. Change the currency when that is final.",
            code="credit_waits",
        )


async def _locked(session: AsyncSession, partner_id: UUID) -> BillingAccount:
    fresh = BillingAccount(partner_id=partner_id)
    values = {"partner_id": partner_id, "currency": fresh.currency}
    await session.execute(insert(BillingAccount).values(values).on_conflict_do_nothing())
    statement = select(BillingAccount).where(col(BillingAccount.partner_id) == partner_id).with_for_update()
    return (await session.execute(statement)).scalar_one()
