"""A partner's bill at one glance: what the month costs so far and will cost, plans with prices, what is arranged."""

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.clock import present
from backoffice.models.billing_counts import Overview, Preview
from backoffice.models.partners import Plan
from backoffice.models.plans import on_plan
from backoffice.services import billing_accounts, invoices, partners, plan_changes, prices, usage_reports
from backoffice.services.access import Actor, Permission


async def read(session: AsyncSession, actor: Actor) -> Overview:
    """Read everything that the billing page begins with."""
    account = await billing_accounts.mine(session, actor)
    bill, waiting = await invoices.current(session, actor), await plan_changes.waits(session, actor)
    in_force = prices.at(await prices.versions(session), present())
    fewest, most = await usage_reports.records_ahead(session, actor)
    low = await invoices.supposed(session, actor, more=fewest)
    high = await invoices.supposed(session, actor, more=most)
    return Overview(
        terms=await partners.terms_for(session, actor.require_partner()),
        account=account,
        bill=bill,
        low=low or 0,
        high=high or 0,
        prices={plan: in_force.of(account.currency, plan) for plan in Plan} if in_force else None,
        next_plan=Plan(waiting.to_plan) if waiting else None,
        next_from=waiting.effective_at if waiting else None,
    )


async def preview(session: AsyncSession, actor: Actor, plan: Plan) -> Preview:
    """Say what a change of plan would do, before anybody presses anything.

    Raises Conflict for the plan that is in force.
    """
    actor.require(Permission.BILLING_WRITE)
    held = await partners.terms_for(session, actor.require_partner())
    planned = plan_changes.effect(held.plan, plan, present())
    return Preview(
        held,
        on_plan(held, plan),
        planned.effective_at,
        planned.is_at_once,
        (await billing_accounts.mine(session, actor)).currency,
        await invoices.supposed(session, actor),
        await invoices.supposed(session, actor, plan=plan) if planned.is_at_once else None,
    )
