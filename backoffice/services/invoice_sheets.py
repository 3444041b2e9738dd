"""An invoice as a file to print: the same lines and the same sum as on the screen and in the API."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from backoffice.adapters import case_pdf
from backoffice.adapters.case_pdf import Section, Sheet, Table
from backoffice.db import transaction
from backoffice.models.base import Prefix, public_id
from backoffice.models.invoices import Bill, InvoiceStatus, Line, LineKind
from backoffice.models.money import written
from backoffice.models.plans import PLAN_WORDS
from backoffice.services import invoices, partners
from backoffice.services.access import Actor

HEADS = ("Item", "Plan", "Quantity", "Each", "Amount")
WIDTHS = (46, 14, 12, 14, 16)
PROVISIONAL = "Provisional: figures change until two hours after the end of the month (UTC)."
TIERS = (
    "Tiers count from the first unit of the month; each unit costs what its own tier says. Every line opens the usage "
    "records that it counts, on the billing page and with GET /usage_records."
)


@dataclass(frozen=True, slots=True)
class File:
    """What is fetched."""

    name: str
    data: bytes


async def fetch(actor: Actor, invoice_id: UUID) -> File:
    """Write one invoice that the actor may see; drawing happens outside of the transaction.

    Raises NotFound.
    """
    async with transaction(actor.tenancy) as session:
        bill = await invoices.get(session, actor, invoice_id)
        partner = await partners.get(session, actor, actor.require_partner())
    data = await asyncio.to_thread(case_pdf.write, sheet(bill, partner.name))
    return File(f"invoice-{bill.number}{'' if bill.finalized_at else '-draft'}.pdf", data)


def sheet(bill: Bill, partner_name: str) -> Sheet:
    """Put an invoice into tables."""
    is_draft = bill.status == InvoiceStatus.DRAFT
    lines = [_row(line, bill.currency) for line in bill.lines]
    rows = [*lines, ("Total", "", "", "", written(bill.total, bill.currency))]
    notes = [PROVISIONAL] if is_draft else []
    return Sheet(
        title="Draft of an invoice" if is_draft else "Invoice",
        subtitle=bill.number,
        facts=(
            ("Customer", partner_name),
            ("Period", f"{bill.month.first:%B %Y}, calendar month in UTC"),
            ("Plan", PLAN_WORDS[bill.plan]),
            ("Currency", bill.currency),
            ("Status", PROVISIONAL if is_draft else f"Final since {bill.finalized_at:%Y-%m-%d %H:%M} UTC"),
            ("Invoice id", public_id(Prefix.INVOICE, bill.id)),
        ),
        sections=(Section("Lines", (*notes, Table(HEADS, WIDTHS, rows, numbers=3), *_about(bill))),),
        foot=f"{bill.number}{', provisional' if is_draft else ''}",
        made_at=bill.finalized_at or bill.month.starts,
    )


def _row(line: Line, currency: str) -> tuple[str, ...]:
    is_usage = line.kind not in {LineKind.PLAN_FEE, LineKind.CREDIT}
    each = written(line.unit_price or Decimal(0), currency) if is_usage else ""
    plan = PLAN_WORDS[line.plan] if line.plan else ""
    return line.description, plan, f"{line.quantity:,}" if is_usage else "", each, written(line.amount, currency)


def _about(bill: Bill) -> tuple[str, ...]:
    if not any(line.tier_from for line in bill.lines):
        return ()
    return (TIERS,)
