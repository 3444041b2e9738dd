"""Retention forecasts: what goes in the next days, by the rules in force or by a draft of one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.clock import present
from backoffice.db import execute
from backoffice.errors import Unavailable
from backoffice.models.retention_counts import Forecast, GoingGroup
from backoffice.models.retention_rules import Case, Draft, Ending, RetentionRule, best
from backoffice.services import retention_dates
from backoffice.services.access import Actor, Permission

DAYS = 7
MOST = 100_000
"""Documents that one count looks at, the oldest first: a screen is no place to wait for all."""
CANCELED = "57014"
"""PostgreSQL's word for a statement that took too long."""
IS_HELD = """exists (select from legal_holds h where h.partner_id = d.partner_id
    and h.subject_id in (d.id, d.applicant_id, d.partner_id)
    and h.released_at is null and (h.ends_at is null or h.ends_at > %(moment)s))"""
SOON = f"""
with ended as (
    select d.partner_id, coalesce(d.type, '') as type, d.delete_after, {IS_HELD} as is_held from documents d
    where d.delete_after <= %(until)s and d.status <> 'redacted' order by d.delete_after limit {MOST})
select ended.partner_id, p.name, ended.type, greatest(ended.delete_after, %(moment)s)::date,
    count(*), count(*) filter (where is_held)
from ended join partners p on p.id = ended.partner_id group by 1, 2, 3, 4"""  # noqa: S608 our own words
PREVIEW = f"""
with ended as (
    select d.partner_id, d.type, d.issuing_country, d.completed_at,
        case when d.status = 'approved' then 'approved' when d.status in ('rejected', 'superseded') then 'rejected'
            when d.submitted_at is null then 'abandoned' when d.status = 'expired' then 'rejected' else 'canceled'
        end as ending, {IS_HELD} as is_held
    from documents d
    where d.status in ('approved', 'rejected', 'superseded', 'expired', 'canceled') and d.completed_at <= %(until)s
        and (%(partner_id)s::uuid is null or d.partner_id = %(partner_id)s)
        and (%(type)s = '' or d.type = %(type)s)
    order by d.completed_at limit {MOST})
select ended.partner_id, p.name, ended.type, issuing_country, ending, completed_at::date,
    count(*), count(*) filter (where is_held)
from ended join partners p on p.id = ended.partner_id group by 1, 2, 3, 4, 5, 6"""  # noqa: S608 our own words
"""The endings are those of `models.retention_rules.ending_of`."""


async def soon(session: AsyncSession, actor: Actor) -> Forecast:
    """Count what goes in the next days by the dates that stand; what is past its time goes today."""
    actor.require(Permission.RETENTION_READ)
    moment = present()
    rows = await _counted(session, SOON, {"moment": moment, "until": moment + timedelta(days=DAYS)})
    groups = [
        GoingGroup(partner_id=key, partner=name, type=kind, day=day, documents=count, held=held)
        for key, name, kind, day, count, held in rows
    ]
    total = sum(group.documents for group in groups)
    return Forecast(counted_at=moment, days=DAYS, groups=groups, is_capped=total >= MOST)


async def preview(session: AsyncSession, actor: Actor, draft: Draft, *, before: UUID | None = None) -> Forecast:
    """Count what would go in the next days under a rule that is not in force, as far as that rule would be why."""
    actor.require(Permission.RETENTION_READ)
    moment = present()
    wanted = RetentionRule(
        partner_id=draft.partner_id, ending=draft.ending, place=draft.place.strip().upper(), type=draft.type,
        days=draft.days, basis=draft.basis,
    )  # fmt: skip
    rules = [*(rule for rule in await retention_dates.in_force(session) if rule.id != before), wanted]
    values = {
        "moment": moment, "until": moment + timedelta(days=DAYS - draft.days), "partner_id": draft.partner_id,
        "type": draft.type,
    }  # fmt: skip
    counted: Counter[tuple[UUID, str, str, date]] = Counter()
    held: Counter[tuple[UUID, str, str, date]] = Counter()
    last, total = (moment + timedelta(days=DAYS)).date(), 0
    for key, name, kind, country, ending, on, count, kept in await _counted(session, PREVIEW, values):
        total += count
        goes = max(on + timedelta(days=draft.days), moment.date())
        if goes <= last and best(rules, Case(key, Ending(ending), kind, country)) is wanted:
            counted[key, name, kind or "", goes] += count
            held[key, name, kind or "", goes] += kept
    groups = [
        GoingGroup(partner_id=key, partner=name, type=kind, day=day, documents=count, held=held[key, name, kind, day])
        for (key, name, kind, day), count in counted.items()
    ]
    return Forecast(counted_at=moment, days=DAYS, groups=groups, is_capped=total >= MOST)


async def _counted(session: AsyncSession, sql: str, values: Mapping[str, object]) -> Sequence[tuple[Any, ...]]:
    """Count, or say that it takes too long.

    Raises Unavailable; the transaction is of no use then.
    """
    try:
        return await execute(session, sql, values)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", "") == CANCELED:
            raise Unavailable("Counting took too long. What is due is deleted all the same.") from error
        raise
