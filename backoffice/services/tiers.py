"""Plans side by side: who is on them, what they allow, promise and cost, and the exceptions that operators made."""

import json

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.clock import present
from backoffice.models.fleet_counts import NEARLY
from backoffice.models.limit_counts import PlanCount, Tiers
from backoffice.models.partners import Plan
from backoffice.models.plans import PLANS
from backoffice.services import limit_exceptions, prices, sla_rules
from backoffice.services.access import Actor, Permission

COUNTS = text("""
select p.plan, count(*) as partners, count(*) filter (where p.status = 'suspended') as suspended,
    coalesce(sum(u.used), 0) as documents,
    count(*) filter (where u.used >= :nearly * coalesce(
        case when coalesce((p.exceptions #>> '{documents_per_month,until}')::timestamptz > :moment, true)
            then (p.exceptions #>> '{documents_per_month,value}')::numeric end,
        (cast(:included as jsonb) ->> p.plan)::numeric)) as near
from partners p
left join usage_counters u on u.partner_id = p.id and u.livemode and u.metric = 'documents' and u.month = :month
group by p.plan
""")


async def read(session: AsyncSession, actor: Actor) -> Tiers:
    """Read everything that hangs on a plan."""
    actor.require(Permission.PARTNERS_READ)
    actor.require(Permission.BILLING_READ)
    moment = present()
    included = json.dumps({plan: limits.documents_per_month for plan, limits in PLANS.items()})
    given = {"moment": moment, "month": moment.date().replace(day=1), "included": included, "nearly": NEARLY}
    rows = await session.execute(COUNTS, given)
    lists = await prices.versions(session)
    coming = [one for one in lists if one.valid_from > moment]
    return Tiers(
        counts={Plan(plan): PlanCount(*map(int, counts)) for plan, *counts in rows},
        targets=await sla_rules.read(session, actor),
        prices=prices.at(lists, moment),
        coming=min(coming, key=lambda one: (one.valid_from, -one.number), default=None),
        granted=await limit_exceptions.granted(session, actor),
    )
