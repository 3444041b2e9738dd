"""What the alert rules look at: one round trip per partner, every part of it bounded and read from an index."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.clock import present
from backoffice.models.alert_rules import DECIDED_WITHIN, EXPIRED_FOR, REQUESTS_WITHIN, RULES, USUAL_DAYS
from backoffice.models.alerts import AGAIN, AlertKind, EndpointFact, Facts, KeyFact
from backoffice.models.base import floor_id
from backoffice.models.plans import terms
from backoffice.models.security_facts import SecurityFact, SecurityKind
from backoffice.models.webhooks import BY_HAND

MOST = 10_000
"""The newest requests, decisions and waiting messages that are looked at."""
MOST_TASKS = 1_000
"""Reviews, the next ones of the queue: what is late is among them."""
MOST_SUBJECTS = 50
"""Endpoints and keys."""
READ = text("""
with asked as (
    select status from api_requests
    where partner_id = :partner and livemode and id >= :asked_from order by id desc limit :most
), next_tasks as (
    select due_at, warn_at from review_tasks
    where partner_id = :partner and status <> 'completed' and verdict_id is null
        and livemode and sla_paused_at is null
    order by rank_at, id limit :most_tasks
), late as (
    select due_at <= :moment as is_over from next_tasks where warn_at <= :moment
), decided as (
    select status from documents
    where partner_id = :partner and livemode and completed_at >= :decided_from
        and status in ('approved', 'rejected', 'resubmission_requested')
    order by completed_at desc limit :most
), usual as (
    select sum(rejected) as rejected, sum(approved + rejected + resubmission_requested) as decided from day_counts
    where partner_id = :partner and livemode and day >= :first_day and day < :last_day
), endpoints as (
    select id, url, description, failing_since, status = 'disabled' as is_disabled, (
        select count(*) from (
            select 1 from deliveries d where d.endpoint_id = e.id and d.state = 'pending' limit :most) waiting
    ) as waiting
    from webhook_endpoints e
    where partner_id = :partner and livemode and deleted_at is null
        and (status = 'enabled' and failing_since is not null and not is_paused
            or status = 'disabled' and disabled_reason not in ('', :by_hand))
    order by id limit :most_subjects
), keys as (
    select id, name, expires_at from api_keys
    where partner_id = :partner and livemode and revoked_at is null
        and expires_at > :keys_from and expires_at <= :keys_until
    order by expires_at limit :most_subjects
), seen as (
    select id, kind, affected, last_seen_at from security_alerts
    where partner_id = :partner and last_seen_at > :seen_from and kind <> 'credential_stuffing'
    order by last_seen_at desc limit :most_subjects
)
select
    exists (select 1 from alert_rules where partner_id = :partner) as has_rules,
    exists (select 1 from alerts where partner_id = :partner
        and (state <> 'resolved' or resolved_at > :recent or muted_until > :moment)) as has_alerts,
    exists (select 1 from alert_notices where partner_id = :partner and letter_id is null) as has_waiting,
    (select count(*) from asked) as requests,
    (select count(*) from asked where status >= 400) as refused,
    (select count(*) from asked where status >= 500) as failed,
    (select plan from partners where id = :partner) as plan,
    (select exceptions from partners where id = :partner) as exceptions,
    coalesce((select used from usage_counters where partner_id = :partner and livemode and metric = 'documents'
        and month = :month), 0) as used,
    (select count(*) from late where not is_over) as near,
    (select count(*) from late where is_over) as over,
    (select count(*) from decided) as decided,
    (select count(*) from decided where status = 'rejected') as rejected,
    coalesce(usual.decided, 0) as usual_decided, coalesce(usual.rejected, 0) as usual_rejected,
    coalesce((select jsonb_agg(to_jsonb(endpoints)) from endpoints), '[]') as endpoints,
    coalesce((select jsonb_agg(to_jsonb(keys)) from keys), '[]') as keys,
    coalesce((select jsonb_agg(to_jsonb(seen)) from seen), '[]') as seen
from usual
""")
MOST_NAME = 80


async def read(session: AsyncSession, partner_id: UUID) -> Facts:
    """Read what the rules look at, for who acts for this partner already."""
    moment = present()
    row = (await session.execute(READ, _arguments(partner_id, moment))).mappings().one()
    return Facts(
        as_of=moment,
        partner_id=partner_id,
        has_rules=row["has_rules"],
        has_alerts=row["has_alerts"],
        has_waiting=row["has_waiting"],
        included=terms(row["plan"], row["exceptions"], moment).limits.documents_per_month,
        endpoints=tuple(_endpoint(one) for one in row["endpoints"]),
        keys=tuple(KeyFact(UUID(one["id"]), one["name"], _moment(one["expires_at"])) for one in row["keys"]),
        security=tuple(
            SecurityFact(UUID(one["id"]), SecurityKind(one["kind"]), one["affected"], _moment(one["last_seen_at"]))
            for one in row["seen"]
        ),
        **{
            name: int(row[name])
            for name in (
                "requests", "refused", "failed", "used", "near", "over", "decided", "rejected", "usual_decided",
                "usual_rejected",
            )
        },
    )  # fmt: skip


def _arguments(partner_id: UUID, moment: datetime) -> dict[str, object]:
    yesterday = (moment - DECIDED_WITHIN).date()
    return {
        "partner": partner_id,
        "moment": moment,
        "recent": moment - AGAIN,
        "asked_from": floor_id(moment - REQUESTS_WITHIN),
        "decided_from": moment - DECIDED_WITHIN,
        "first_day": yesterday - timedelta(days=USUAL_DAYS),
        "last_day": yesterday,
        "month": moment.date().replace(day=1),
        "keys_from": moment - EXPIRED_FOR,
        "keys_until": moment + timedelta(days=RULES[AlertKind.KEY_EXPIRING].most),
        "seen_from": moment - timedelta(hours=RULES[AlertKind.SECURITY].most),
        "by_hand": BY_HAND,
        "most": MOST,
        "most_tasks": MOST_TASKS,
        "most_subjects": MOST_SUBJECTS,
    }


def _endpoint(one: dict[str, Any]) -> EndpointFact:
    """Name it by its description, else by its address without what follows the path, where some keep a password."""
    name = one["description"] or one["url"].partition("?")[0]
    since = _moment(one["failing_since"]) if one["failing_since"] else None
    return EndpointFact(UUID(one["id"]), name[:MOST_NAME], since, one["is_disabled"], one["waiting"])


def _moment(text_: str) -> datetime:
    return datetime.fromisoformat(text_)
