"""Invoices: drafts that are computed whenever somebody looks, and final ones that are written once and never change.

A month's invoice is final two hours after its end (UTC). Whoever finalizes holds the partner's lock, and both the
invoice's key and the records' own column refuse a second time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CursorResult, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import present
from backoffice.errors import Conflict
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.invoices import (
    Bill,
    Invoice,
    InvoiceCredit,
    InvoiceLine,
    InvoiceStatus,
    Line,
    LineKind,
    Month,
    invoice_id,
)
from backoffice.models.partners import Partner, Plan
from backoffice.models.prices import PriceList
from backoffice.models.usage_records import UsageKind, UsageRecord
from backoffice.services import audit, billing_accounts, events, plan_changes, prices
from backoffice.services.access import Actor, Permission, found
from backoffice.services.invoice_lines import Credit, Stretch, lines, stretches
from backoffice.services.pages import DEFAULT_LIMIT, Page, read_cursor, walk
from backoffice.services.rows import visible
from backoffice.services.usage_records import unbilled

PATIENCE = text("set local statement_timeout = '10min'")
BATCH = 200


async def current(session: AsyncSession, actor: Actor) -> Bill | None:
    """Compute the present month's draft; None where nothing is billed."""
    found_ = await drafts(session, actor)
    return found_[0] if found_ else None


async def drafts(session: AsyncSession, actor: Actor) -> list[Bill]:
    """Compute every invoice that is not final yet, newest first: the present month's, and those that just ended.

    Test keys have none: test data costs nothing.
    """
    actor.require(Permission.BILLING_READ)
    partner_id = actor.require_partner()
    if actor.livemode is False:
        return []
    partner = found(await session.get(Partner, partner_id), "partner")
    lists = await prices.versions(session)
    months = await _open_months(session, partner, lists)
    return [await _draft(session, partner, lists, month, is_first=month == months[0]) for month in reversed(months)]


async def _open_months(session: AsyncSession, partner: Partner, lists: Sequence[PriceList]) -> list[Month]:
    """List the months up to now that are billed and not final, oldest first."""
    began = _began(partner, lists)
    if began is None or began > present():
        return []
    statement = select(func.max(col(Invoice.month))).where(
        col(Invoice.partner_id) == partner.id, col(Invoice.livemode).is_(True)
    )
    last: date | None = (await session.execute(statement)).scalar_one()
    month, months = Month(last).next if last else Month.of(began), list[Month]()
    while month.starts <= present():
        months.append(month)
        month = month.next
    return months


def _began(partner: Partner, lists: Sequence[PriceList]) -> datetime | None:
    """Say since when a partner is billed."""
    return max(partner.created_at, min(one.valid_from for one in lists)) if lists else None


async def _draft(
    session: AsyncSession, partner: Partner, lists: list[PriceList], month: Month, *, is_first: bool
) -> Bill:
    """Compute one month; the first that is not final also counts what came too late for those before."""
    account = await billing_accounts.of(session, partner.id)
    parts = await _parts(session, partner, lists, month, account.currency, is_first=is_first)
    given = await _credits(session, partner.id, account.currency) if is_first else []
    return _bill(partner, month, account.currency, parts, given)


def _bill(partner: Partner, month: Month, currency: str, parts: Sequence[Stretch], given: Sequence[Credit]) -> Bill:
    return Bill(
        invoice_id(partner.id, month),
        month,
        f"{month.first:%Y%m}-{partner.slug.upper()}",
        InvoiceStatus.DRAFT,
        currency,
        parts[-1].plan if parts else Plan(partner.plan),
        lines(month, parts, given),
    )


async def _parts(  # noqa: PLR0913 what a month is cut by
    session: AsyncSession, partner: Partner, lists: list[PriceList], month: Month, currency: str, *, is_first: bool
) -> list[Stretch]:
    began = _began(partner, lists) or month.starts
    marks = [(at, plan, one.of(currency, plan)) for at, plan, one in await _marks(session, partner, lists)]
    return [
        replace(part, counts=await _counts(session, partner.id, part))
        for part in stretches(month, marks, since=began if is_first else month.starts)
    ]


async def supposed(
    session: AsyncSession, actor: Actor, *, more: Mapping[UsageKind, int] | None = None, plan: Plan | None = None
) -> int | None:
    """Say what the present month would cost with more units, or on another plan from now on; None without prices.

    The same rules that make the invoice answer, so a forecast never disagrees with it about a tier.
    """
    actor.require(Permission.BILLING_READ)
    partner = found(await session.get(Partner, actor.require_partner()), "partner")
    lists = await prices.versions(session)
    months = await _open_months(session, partner, lists)
    if not months:
        return None
    month, account = months[-1], await billing_accounts.of(session, partner.id)
    parts = await _parts(session, partner, lists, month, account.currency, is_first=len(months) == 1)
    if plan and parts:
        parts = _switched(parts, plan, lists, account.currency)
    if more and parts:
        last = parts[-1]
        counts = {kind: last.counts.get(kind, 0) + more.get(kind, 0) for kind in UsageKind}
        parts = [*parts[:-1], replace(last, counts=counts)]
    given = await _credits(session, partner.id, account.currency) if len(months) == 1 else []
    return _bill(partner, month, account.currency, parts, given).total


def _switched(parts: list[Stretch], plan: Plan, lists: list[PriceList], currency: str) -> list[Stretch]:
    """Begin another plan at this moment: what was used stays where it was counted, and later prices still come."""
    moment, ends = present(), parts[-1].ends
    until_now = [replace(part, ends=min(part.ends, moment)) for part in parts if part.starts < moment]
    begin = [moment, *sorted({one.valid_from for one in lists if moment < one.valid_from < ends})]
    later = [
        Stretch(at, until, plan, in_force.of(currency, plan), at)
        for at, until in zip(begin, [*begin[1:], ends], strict=True)
        if (in_force := prices.at(lists, at))
    ]
    return [*until_now, *later] if later else parts


async def _marks(
    session: AsyncSession, partner: Partner, lists: list[PriceList]
) -> list[tuple[datetime, Plan, PriceList]]:
    """Say at which moments plan or prices become other ones, and what holds from then on."""
    plans = await plan_changes.history(session, partner)
    began = _began(partner, lists)
    moments = sorted({at for at, _ in plans} | {one.valid_from for one in lists})
    marks = list[tuple[datetime, Plan, PriceList]]()
    for at in moments:
        plan = next(plan for since, plan in reversed(plans) if since <= max(at, partner.created_at))
        in_force = prices.at(lists, at)
        if in_force and began:
            marks.append((max(at, began), plan, in_force))
    return marks


async def _counts(session: AsyncSession, partner_id: UUID, part: Stretch) -> dict[UsageKind, int]:
    statement = (
        select(col(UsageRecord.kind), func.count())
        .where(
            col(UsageRecord.partner_id) == partner_id,
            col(UsageRecord.line_id).is_(None),
            col(UsageRecord.created_at) >= part.since,
            col(UsageRecord.created_at) < part.ends,
        )
        .group_by(col(UsageRecord.kind))
    )
    return {UsageKind(kind): number for kind, number in await session.execute(statement)}


async def _credits(session: AsyncSession, partner_id: UUID, currency: str) -> list[Credit]:
    """List what was given back and stands on no invoice yet."""
    statement = (
        select(InvoiceCredit, col(Invoice.number))
        .join(Invoice, col(Invoice.id) == col(InvoiceCredit.invoice_id))
        .outerjoin(InvoiceLine, col(InvoiceLine.credit_id) == col(InvoiceCredit.id))
        .where(
            col(InvoiceCredit.partner_id) == partner_id,
            col(InvoiceCredit.currency) == currency,
            col(InvoiceLine.id).is_(None),
        )
        .order_by(col(InvoiceCredit.id))
    )
    rows = await session.execute(statement)
    return [Credit(row.id, number, row.amount, row.reason, row.created_at) for row, number in rows]


async def due(session: AsyncSession, actor: Actor) -> list[UUID]:
    """Name partners that have a month which can be made final now."""
    actor.require(Permission.SYSTEM)
    last, lists = _last_final(present()), await prices.versions(session)
    if not lists or min(one.valid_from for one in lists) >= last.ends:
        return []
    final = select(col(Invoice.id)).where(
        col(Invoice.partner_id) == col(Partner.id),
        col(Invoice.livemode).is_(True),
        col(Invoice.month) == last.first,
    )
    statement = select(col(Partner.id)).where(col(Partner.created_at) < last.ends, ~final.exists())
    return list((await session.execute(statement.order_by(col(Partner.id)))).scalars())


def _last_final(moment: datetime) -> Month:
    """Answer the newest month that is over for good."""
    month = Month.of(moment).previous
    return month if month.final_at <= moment else month.previous


async def finalize(session: AsyncSession, actor: Actor, partner_id: UUID) -> Invoice | None:
    """Make the oldest month final that can be; None when there is none.

    Raises Conflict when records changed under it, after which another try is right.
    """
    actor.require(Permission.SYSTEM)
    await session.execute(PATIENCE)
    await plan_changes.apply(session, actor, partner_id)
    partner, lists = await plan_changes.locked(session, partner_id), await prices.versions(session)
    months = [month for month in await _open_months(session, partner, lists) if month.final_at <= present()]
    if not months:
        return None
    bill = await _draft(session, partner, lists, months[0], is_first=True)
    row = Invoice(
        id=bill.id, created_at=present(), partner_id=partner_id, month=bill.month.first, number=bill.number,
        currency=bill.currency, plan=bill.plan, partner_name=partner.name, total=bill.total, lines=len(bill.lines),
        finalized_at=present(),
    )  # fmt: skip
    session.add(row)
    await session.flush()
    for line in bill.lines:
        await _keep(session, row, line)
    await _announce(session, actor, row)
    return row


async def _keep(session: AsyncSession, row: Invoice, line: Line) -> None:
    """Write one line, and let the records that it counts point at it."""
    kept = InvoiceLine(
        id=new_id(), created_at=present(), partner_id=row.partner_id, invoice_id=row.id, position=line.position,
        kind=line.kind, description=line.description, quantity=line.quantity, unit_price=line.unit_price,
        amount=line.amount, starts_at=line.starts, ends_at=line.ends, plan=line.plan, tier_from=line.tier_from,
        tier_to=line.tier_to, credit_id=line.credit_id,
    )  # fmt: skip
    session.add(kept)
    await session.flush()
    if line.kind not in set(UsageKind):
        return
    first = (
        select(col(UsageRecord.id))
        .where(*unbilled(row.partner_id, UsageKind(line.kind), line.since, line.ends))
        .order_by(col(UsageRecord.created_at), col(UsageRecord.id))
        .limit(line.quantity)
    )
    statement = update(UsageRecord).where(col(UsageRecord.id).in_(first)).values(line_id=kept.id)
    done = await session.execute(statement.execution_options(synchronize_session=False))
    if not isinstance(done, CursorResult) or done.rowcount != line.quantity:
        raise Conflict("The records of this month changed meanwhile.", code="records_changed")


async def _announce(session: AsyncSession, actor: Actor, row: Invoice) -> None:
    changes: dict[str, object] = {"month": f"{row.month:%Y-%m}", "total": row.total, "currency": row.currency}
    await audit.record(
        session, actor, "invoice.finalized", subject_type="invoice", subject_id=row.id, partner_id=row.partner_id,
        changes=changes,
    )  # fmt: skip
    data: dict[str, object] = {
        "id": public_id(Prefix.INVOICE, row.id), "object": "invoice", "month": f"{row.month:%Y-%m}",
        "status": InvoiceStatus.FINALIZED,
    }  # fmt: skip
    await events.emit(
        session, actor, "invoice.finalized", events.Subject("invoice", row.id, row.partner_id, True, data)
    )


async def page(
    session: AsyncSession, actor: Actor, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Invoice]:
    """List final invoices, newest month first."""
    actor.require(Permission.BILLING_READ)
    actor.require_partner()
    return await walk(session, Invoice, visible(actor, Invoice), prefix=Prefix.INVOICE, limit=limit, cursor=cursor)


async def get(session: AsyncSession, actor: Actor, key: UUID) -> Bill:
    """Find one invoice with its lines, final or as a draft.

    Raises NotFound for another partner's, or another mode's.
    """
    actor.require(Permission.BILLING_READ)
    actor.require_partner()
    statement = visible(actor, Invoice).where(col(Invoice.id) == key)
    row = (await session.execute(statement)).scalar_one_or_none()
    if row:
        return (await with_lines(session, [row]))[0]
    return found(next((bill for bill in await drafts(session, actor) if bill.id == key), None), "invoice")


async def listed(
    session: AsyncSession, actor: Actor, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Bill]:
    """List invoices with their lines, newest month first: what is not final yet comes before what is."""
    last = read_cursor(Prefix.INVOICE, cursor)
    rows = await page(session, actor, cursor=cursor, limit=limit)
    still_open = [bill for bill in await drafts(session, actor) if last is None or bill.id < last]
    bills = [*still_open, *await with_lines(session, rows.rows)]
    has_more = rows.has_more or len(bills) > limit
    return Page(bills[:limit], public_id(Prefix.INVOICE, bills[limit - 1].id) if has_more else None)


async def with_lines(session: AsyncSession, rows: Sequence[Invoice]) -> list[Bill]:
    """Read the lines of final invoices that the actor was allowed to see."""
    statement = (
        select(InvoiceLine)
        .where(col(InvoiceLine.invoice_id).in_([row.id for row in rows]))
        .order_by(col(InvoiceLine.invoice_id), col(InvoiceLine.position))
    )
    kept = list((await session.execute(statement)).scalars())
    return [
        Bill(
            row.id, Month(row.month), row.number, InvoiceStatus.FINALIZED, row.currency, Plan(row.plan),
            tuple(_line(one) for one in kept if one.invoice_id == row.id), row.finalized_at, row.livemode,
        )
        for row in rows
    ]  # fmt: skip


def _line(row: InvoiceLine) -> Line:
    return Line(
        row.position, LineKind(row.kind), row.description, row.quantity, row.unit_price, row.amount, row.starts_at,
        row.ends_at, row.starts_at, Plan(row.plan) if row.plan else None, 0, row.tier_from, row.tier_to, row.credit_id,
        row.id,
    )  # fmt: skip
