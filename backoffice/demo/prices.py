"""What the demo costs: one of each plan, in tiers, so that a month of it makes invoices to look at."""

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import clock
from backoffice.db import transaction
from backoffice.models.invoices import Month
from backoffice.services import billing_accounts, invoices, partners, prices
from backoffice.services.access import Actor

PRICES = """
valid_from: {day}
currencies:
  EUR:
    free:
      document_screened:
        - {{up_to: 25, each: 0}}
        - {{each: 0.60}}
      human_review: 2.00
    standard:
      monthly: 149.00
      document_screened:
        - {{up_to: 50, each: 0}}
        - {{up_to: 1000, each: 0.45}}
        - {{each: 0.35}}
      face_match: 0.20
      human_review: 1.50
    enterprise:
      monthly: 990.00
      document_screened:
        - {{up_to: 100, each: 0}}
        - {{up_to: 500, each: 0.305}}
        - {{each: 0.22}}
      face_match: 0.10
      human_review: 0.90
"""


async def publish(session: AsyncSession, actor: Actor) -> None:
    """Publish the prices as of the present moment's month."""
    await prices.publish(
        session, actor, source=PRICES.format(day=Month.of(clock.now()).first), note="The demo's prices"
    )


async def warn(session: AsyncSession, partner_slug: str) -> None:
    """Let a partner be told of half of its documents, and of what a busy month costs."""
    partner = await partners.by_slug(session, Actor.system(name="demo"), partner_slug)
    if partner:
        actor = Actor.system(partner.id, name="demo")
        await billing_accounts.warn(session, actor, percents=[50, 80], amounts=[100_000, 150_000])


async def bill(actor: Actor) -> None:
    """Make the month before final, as the worker did two hours after its end."""
    final_at = Month.of(clock.now()).previous.final_at
    if final_at > clock.now():
        return
    with clock.at(final_at):
        async with transaction(actor.tenancy) as session:
            due = await invoices.due(session, actor)
        for partner_id in due:
            async with transaction(actor.tenancy) as session:
                await invoices.finalize(session, actor, partner_id)
