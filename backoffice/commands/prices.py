"""Prices from the command line: check a file, publish it, see the versions, set a currency, give money back."""

from pathlib import Path

from rich.table import Table

from backoffice.commands.authors import author
from backoffice.commands.console import out, stop
from backoffice.db import transaction
from backoffice.errors import Invalid, NotFound
from backoffice.models.money import to_minor, written
from backoffice.models.prices import PriceList, price_list
from backoffice.models.usage_records import KIND_WORDS
from backoffice.services import billing_accounts, invoice_credits, partners, prices
from backoffice.services.access import Actor

ACTOR = Actor.system(name="command line")


def check(file: Path) -> int:
    """Say whether a file of prices can be published; answers the exit code."""
    try:
        valid_from, plans = prices.read(_read(file))
    except Invalid as error:
        out.print(f"{file}: {error}", soft_wrap=True)
        return 1
    _print(PriceList(0, valid_from, plans))
    out.print(f"{file} can be published.")
    return 0


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        stop(f"{file} cannot be read: {error}.")


async def publish(file: Path, email: str, note: str) -> None:
    """Publish a file in an operator's name."""
    source = _read(file)
    async with transaction(ACTOR.tenancy) as session:
        row = await prices.publish(session, await author(session, email), source=source, note=note)
    out.print(f"Version {row.number}, from {row.valid_from:%Y-%m-%d}.")


async def show(number: int) -> None:
    """List the versions, or show one of them."""
    async with transaction(ACTOR.tenancy) as session:
        rows = await prices.published(session, ACTOR)
    if number:
        found = next((row for row in rows if row.number == number), None)
        if found is None:
            stop(f"There is no version {number}.")
        _print(price_list(found))
        return
    table = Table("Version", "From", "Published", "Note", box=None, pad_edge=False)
    for row in rows:
        table.add_row(str(row.number), f"{row.valid_from:%Y-%m-%d}", f"{row.created_at:%Y-%m-%d %H:%M} UTC", row.note)
    out.print(table if rows else "No prices: nothing is billed.")


def _print(one: PriceList) -> None:
    table = Table("Currency", "Plan", "What", "Price", box=None, pad_edge=False)
    for currency, plans in one.plans.items():
        for plan, found in plans.items():
            table.add_row(currency, plan, "Monthly", written(found.monthly, currency))
            for kind, tiers in found.tiers.items():
                for tier in tiers:
                    bound = f"up to {tier.up_to:,}" if tier.up_to else "each"
                    table.add_row(currency, plan, f"{KIND_WORDS[kind]}, {bound}", written(tier.each, currency))
    out.print(f"From {one.valid_from:%Y-%m-%d} on:")
    out.print(table)


async def bill_in(partner_slug: str, currency: str, email: str) -> None:
    """Set the currency of a partner's open and future invoices."""
    async with transaction(ACTOR.tenancy) as session:
        partner = await partners.by_slug(session, ACTOR, partner_slug)
        if partner is None:
            raise NotFound(f"There is no partner with the short name {partner_slug}.")
        await billing_accounts.bill_in(session, await author(session, email), partner.id, currency)
    out.print(f"{partner.name} is billed in {currency}.")


async def credit(number: str, amount: str, reason: str, email: str) -> None:
    """Give back a part of a final invoice, on the partner's next one."""
    async with transaction(ACTOR.tenancy) as session:
        row = await invoice_credits.by_number(session, ACTOR, number)
        try:
            minor = to_minor(amount, row.currency)
        except ArithmeticError:
            stop(f"{amount} is no amount; write it like 12.50.")
        if minor != int(minor):
            stop(f"{amount} is finer than {row.currency} is.")
        given = await invoice_credits.give(
            session, await author(session, email), row.id, amount=int(minor), reason=reason
        )
    out.print(f"{written(given.amount, given.currency)} of {number} is on the partner's next invoice.")
