"""Bills in words: what is provisional says so, and every amount is written with its currency."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from backoffice.i18n import N_, gettext, number, reworded
from backoffice.i18n.dates import month_words
from backoffice.models.base import Prefix, public_id
from backoffice.models.billing_accounts import BillingAccount
from backoffice.models.billing_counts import Overview, Preview
from backoffice.models.invoices import Bill, InvoiceStatus, Line, LineKind
from backoffice.models.money import plain, written
from backoffice.models.partners import Plan
from backoffice.models.plans import PLAN_WORDS, PLANS, PlanLimits
from backoffice.models.prices import PlanPrices
from backoffice.models.usage_records import UsageKind
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.usage import records_url

PLACE = "/partner/billing"


@dataclass(frozen=True)
class LineRow:
    """One line of an invoice."""

    position: int
    description: str
    plan: str
    quantity: str
    each: str
    amount: str
    href: str
    """The records that it counts; empty where it counts none."""


@dataclass(frozen=True)
class BillView:
    """One invoice; without an id there is none."""

    id: str = ""
    number: str = ""
    month: str = ""
    total: str = ""
    status: str = ""
    is_draft: bool = False
    final_at: str = ""
    """When a draft becomes final, or a final one did."""
    pdf: str = ""
    lines: list[LineRow] = field(default_factory=list)


@dataclass(frozen=True)
class InvoiceRow:
    """One line of the list of invoices."""

    id: str
    number: str
    month: str
    total: str
    is_draft: bool
    href: str
    pdf: str
    is_current: bool


@dataclass(frozen=True)
class PlanColumn:
    """One plan beside the others."""

    plan: str
    name: str
    monthly: str
    documents: str
    per_second: str
    writes: str
    """Requests at once that change something."""
    per_day: str
    streams: str
    prices: list[str]
    """What each kind costs, in the order of the kinds."""
    is_current: bool
    is_next: bool


@dataclass(frozen=True)
class OverviewView:
    """The cards at the top."""

    is_billed: bool = False
    total: str = ""
    projected: str = ""
    plan: str = ""
    next_plan: str = ""
    next_from: str = ""
    currency: str = ""
    alerts: str = ""
    percents: str = ""
    amounts: str = ""


@dataclass(frozen=True)
class PreviewView:
    """What is asked before a plan is changed; without a plan nothing is."""

    plan: str = ""
    title: str = ""
    when: str = ""
    effective_at: str = ""
    cost: str = ""
    limits: str = ""


def overview_view(found: Overview) -> OverviewView:
    """Show the present month and what is arranged."""
    currency, account = found.account.currency, found.account
    low, high = written(found.low, currency), written(found.high, currency)
    return OverviewView(
        is_billed=found.bill is not None,
        total=written(found.bill.total, currency) if found.bill else "",
        projected=low if low == high else gettext("{low} to {high}", low=low, high=high),
        plan=gettext(PLAN_WORDS[found.terms.plan]),
        next_plan=gettext(PLAN_WORDS[found.next_plan]) if found.next_plan else "",
        next_from=iso(found.next_from),
        currency=currency,
        alerts=_alerts(account),
        percents=", ".join(str(percent) for percent in account.usage_percents),
        amounts=", ".join(plain(amount, currency) for amount in account.spend_amounts),
    )


def _alerts(account: BillingAccount) -> str:
    said = [f"{percent} %" for percent in account.usage_percents]
    said += [written(amount, account.currency) for amount in account.spend_amounts]
    return ", ".join(said)


def bill_view(bill: Bill) -> BillView:
    """Show an invoice with its lines."""
    key = public_id(Prefix.INVOICE, bill.id)
    is_draft = bill.status == InvoiceStatus.DRAFT
    return BillView(
        key,
        bill.number,
        month_words(bill.month.first),
        written(bill.total, bill.currency),
        bill.status,
        is_draft,
        iso(bill.month.final_at if is_draft else bill.finalized_at),
        f"/billing/{key}.pdf",
        [_line(line, bill, key) for line in bill.lines],
    )


def _line(line: Line, bill: Bill, key: str) -> LineRow:
    is_usage = line.kind not in {LineKind.PLAN_FEE, LineKind.CREDIT}
    return LineRow(
        line.position,
        reworded(line.description),
        gettext(PLAN_WORDS[line.plan]) if line.plan and is_usage else "",
        number(line.quantity) if is_usage else "",
        written(line.unit_price, bill.currency) if is_usage else "",
        written(line.amount, bill.currency),
        records_url(invoice=key, line=str(line.position)) if is_usage else "",
    )


def invoice_rows(bills: Sequence[Bill], shown: str) -> list[InvoiceRow]:
    """Show invoices as a list."""
    return [
        InvoiceRow(one.id, one.number, one.month, one.total, one.is_draft, f"{PLACE}?invoice={one.id}", one.pdf,
                   one.id == shown)
        for one in (bill_view(bill) for bill in bills)
    ]  # fmt: skip


def plan_columns(found: Overview) -> list[PlanColumn]:
    """Show every plan with what it allows and, where there are prices, what it costs."""
    return [_column(plan, found) for plan in Plan]


def _column(plan: Plan, found: Overview) -> PlanColumn:
    is_own = plan == found.terms.plan
    limits, prices = found.terms.limits if is_own else PLANS[plan], found.prices[plan] if found.prices else None
    currency = found.account.currency
    return PlanColumn(
        plan,
        gettext(PLAN_WORDS[plan]),
        written(prices.monthly, currency) if prices else "",
        number(limits.documents_per_month),
        number(limits.per_second),
        number(limits.writing.quota),
        number(limits.per_day),
        number(limits.streams),
        [price_words(prices, kind, currency) for kind in UsageKind] if prices else [],
        is_own,
        plan == found.next_plan,
    )


def price_words(prices: PlanPrices, kind: UsageKind, currency: str) -> str:
    """Say what one thing of a kind costs, tier by tier."""
    tiers = prices.tiers.get(kind, ())
    said = list[str]()
    floor = 0
    for tier in tiers:
        each = written(tier.each, currency) if tier.each else gettext("free")
        said.append(_tier(each, floor, tier.up_to))
        floor = tier.up_to or floor
    return "; ".join(said) or gettext("free")


def _tier(each: str, floor: int, up_to: int | None) -> str:
    if up_to:
        return gettext("{price} to {count}", price=each, count=number(up_to))
    return gettext("{price} above {count}", price=each, count=number(floor)) if floor else each


def preview_view(found: Preview) -> PreviewView:
    """Say what a change does and when, before it is done."""
    before, after = gettext(PLAN_WORDS[found.before.plan]), gettext(PLAN_WORDS[found.after.plan])
    return PreviewView(
        plan=found.after.plan,
        title=gettext("Change from {before} to {after}?", before=before, after=after),
        when=_when(found),
        effective_at=iso(found.effective_at),
        cost=_cost(found),
        limits=_limits(found.after.limits),
    )


def _when(found: Preview) -> str:
    if found.is_at_once:
        return gettext("At once. The rest of the month is charged by days.")
    words = N_("On {day} at 00:00 UTC. Until then everything stays; you can take it back.")
    return gettext(words, day=f"{found.effective_at:%Y-%m-%d}")


def _limits(plan: PlanLimits) -> str:
    documents, requests = number(plan.documents_per_month), number(plan.per_second)
    words = N_("{documents} documents a month, {requests} requests a second per key")
    return gettext(words, documents=documents, requests=requests)


def _cost(found: Preview) -> str:
    if found.total is None:
        return ""
    if found.total_after is None:
        amount = written(found.total, found.currency)
        return gettext("This month stays as it is: {amount} so far, provisional.", amount=amount)
    before, after = written(found.total, found.currency), written(found.total_after, found.currency)
    return gettext("This month so far: {before} becomes {after}, provisional.", before=before, after=after)
