"""Giving money back: a credit on a final invoice, which the partner's next one has as a negative line."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import present
from backoffice.errors import Conflict, Invalid
from backoffice.models.invoices import Invoice, InvoiceCredit
from backoffice.models.money import written
from backoffice.services import audit, billing_accounts, plan_changes
from backoffice.services.access import Actor, ActorType, Permission, found

MAX_REASON = 200


async def give(session: AsyncSession, actor: Actor, invoice_id: UUID, *, amount: int, reason: str) -> InvoiceCredit:
    """Give back a part of what an invoice charged, or all of it.

    Raises Invalid for nothing or a missing reason, Conflict for more than the invoice charged in all
    and for a currency that the partner is not billed in any more.
    """
    actor.require(Permission.PARTNERS_WRITE)
    row = found(await session.get(Invoice, invoice_id), "invoice")
    await plan_changes.locked(session, row.partner_id)
    await _refuse_another_currency(session, row)
    reason = " ".join(reason.split())
    if amount < 1 or not 0 < len(reason) <= MAX_REASON:
        raise Invalid(f"A credit has an amount and a reason of up to {MAX_REASON} characters.", code="invalid_credit")
    given = select(func.coalesce(func.sum(col(InvoiceCredit.amount)), 0)).where(
        col(InvoiceCredit.invoice_id) == invoice_id
    )
    left = row.total - int((await session.execute(given)).scalar_one())
    if amount > left:
        raise Conflict(f"Of {row.number} at most {written(max(0, left), row.currency)} can be given back.",
                       code="credit_too_high")  # fmt: skip
    credit = InvoiceCredit(
        created_at=present(), partner_id=row.partner_id, invoice_id=row.id, amount=amount, currency=row.currency,
        reason=reason, member_id=actor.id if actor.type == ActorType.MEMBER else None,
    )  # fmt: skip
    session.add(credit)
    await session.flush()
    changes: dict[str, object] = {"amount": amount, "currency": row.currency, "invoice": row.number}
    await audit.record(
        session, actor, "invoice.credited", subject_type="invoice", subject_id=row.id, partner_id=row.partner_id,
        changes=changes,
    )  # fmt: skip
    return credit


async def _refuse_another_currency(session: AsyncSession, row: Invoice) -> None:
    """Refuse a currency that the partner is not billed in any more: the credit would stand on no invoice."""
    account = await billing_accounts.of(session, row.partner_id)
    if account.currency != row.currency:
        raise Conflict(
            f"{row.number} is in {row.currency}, and the partner is billed in {account.currency} now: give it back"
            " outside, or bill in the former currency again first.",
            code="credit_in_another_currency",
        )


async def by_number(session: AsyncSession, actor: Actor, number: str) -> Invoice:
    """Find a final invoice by the number that is printed on it, for commands.

    Raises NotFound.
    """
    actor.require(Permission.PARTNERS_READ)
    statement = select(Invoice).where(col(Invoice.number) == number, col(Invoice.livemode).is_(True))
    return found((await session.execute(statement)).scalar_one_or_none(), "invoice")
