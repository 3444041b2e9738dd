"""Goes through a partner's rules: opens what they find, keeps one alert per thing, resolves what has passed.

Any number of workers may do so at once. Partners are shared out by the row that says when each was last looked at, and
what is done for one partner waits for its advisory lock, so that a second look finds the work done.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.models.alert_rules import Thresholds
from backoffice.models.alerts import AGAIN, Alert, AlertState, Facts, Finding, Severity
from backoffice.services import alert_events, alert_facts, alert_letters, alert_rules, alerts
from backoffice.services.access import Actor, Permission

EVERY = timedelta(seconds=20)
"""A partner is looked at no more often by the clock."""
BATCH = 100
TOUCH = timedelta(minutes=1)
"""How exactly it is written down that an alert still stands."""
ADD = text("""
insert into alert_watches (partner_id, checked_at)
select id, '-infinity' from partners p
where not exists (select 1 from alert_watches w where w.partner_id = p.id)
order by id on conflict do nothing
""")
CLAIM = text("""
with due as (
    select partner_id from alert_watches where checked_at <= :before
    order by checked_at, partner_id limit :batch for update skip locked
)
update alert_watches w set checked_at = clock_timestamp() from due where w.partner_id = due.partner_id
returning w.partner_id
""")
Key = tuple[str, UUID]


async def claim(session: AsyncSession, actor: Actor, before: datetime, *, batch: int = BATCH) -> list[UUID]:
    """Take partners that were not looked at since `before`, the longest ago first; none that another has just taken."""
    actor.require(Permission.SYSTEM)
    await session.execute(ADD)
    taken = await session.execute(CLAIM, {"before": before, "batch": batch})
    return sorted(taken.scalars())


async def check(session: AsyncSession, actor: Actor, partner_id: UUID) -> int:
    """Go through the rules of one partner; answers how many alerts opened, came back, got worse or were resolved."""
    actor.require(Permission.SYSTEM)
    lock = select(func.pg_advisory_xact_lock(func.hashtextextended(f"alerts:{partner_id}", 0)))
    await session.execute(lock)
    facts = await alert_facts.read(session, partner_id)
    rules = await alert_rules.of(session, partner_id) if facts.has_rules else Thresholds()
    rows = await _rows(session, partner_id, facts.as_of) if facts.has_alerts else dict[Key, Alert]()
    acting = Actor.system(partner_id, name=actor.name)
    found = {(str(one.kind), one.subject_id): one for one in rules.evaluate(facts)}
    changed = 0
    for key, finding in found.items():
        changed += await _stand(session, acting, rows.get(key), finding, facts)
    for key, row in rows.items():
        if key not in found and row.state != AlertState.RESOLVED:
            await _resolve(session, acting, row, facts.as_of)
            changed += 1
    if changed or facts.has_waiting:
        await alert_letters.gather(session, actor, partner_id)
    return changed


async def _rows(session: AsyncSession, partner_id: UUID, moment: datetime) -> Mapping[Key, Alert]:
    """Hold what stands, and what was over so short a time ago that it may come back; or is muted beyond its end."""
    recent = (col(Alert.resolved_at) > moment - AGAIN) | (col(Alert.muted_until) > moment)
    statement = (
        select(Alert)
        .where(col(Alert.partner_id) == partner_id, or_(col(Alert.state) != AlertState.RESOLVED, recent))
        .order_by(col(Alert.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    rows = list((await session.execute(statement)).scalars())
    rows.sort(key=lambda row: (row.state != AlertState.RESOLVED, row.id))
    return {(row.kind, row.subject_id): row for row in rows}


async def _stand(session: AsyncSession, actor: Actor, row: Alert | None, finding: Finding, facts: Facts) -> int:
    """Open, bring back or keep the alert of a finding; answers 1 when people should know."""
    if row is None:
        await _open(session, actor, finding, facts)
        return 1
    if row.state == AlertState.RESOLVED:
        await _bring_back(session, actor, row, finding, facts.as_of)
        return 1
    before, is_worse, has_ended = row.state, _is_worse(row, finding), _has_ended(row, facts.as_of)
    has_changed = (row.affected, row.detail, row.severity) != (finding.affected, finding.detail, finding.severity)
    if has_changed or facts.as_of - row.last_seen_at >= TOUCH:
        _describe(row, finding, facts.as_of)
    if has_ended or (is_worse and row.state != AlertState.MUTED):
        row.state, row.news_at, row.muted_until = AlertState.OPEN, facts.as_of, None
        await alerts.record(session, actor, row, "worsened" if is_worse else "unmuted", before)
        await alert_events.tell(session, actor, row)
        await alert_letters.tell(session, row, facts.as_of)
        return 1
    await session.flush()
    if has_changed:
        live.announce(session, alerts.topic(row.partner_id))
    return 0


def _is_worse(row: Alert, finding: Finding) -> bool:
    """Say whether it is worse than people were told: what swings to and fro is no news each time."""
    return finding.severity.rank < Severity(row.told_severity or row.severity).rank


def _has_ended(row: Alert, moment: datetime) -> bool:
    """Say whether a mute is over."""
    return row.state == AlertState.MUTED and row.muted_until is not None and row.muted_until <= moment


def _describe(row: Alert, finding: Finding, moment: datetime) -> None:
    row.severity, row.affected, row.detail = finding.severity, finding.affected, finding.detail
    row.last_seen_at = moment


async def _open(session: AsyncSession, actor: Actor, finding: Finding, facts: Facts) -> None:
    row = Alert(
        created_at=facts.as_of, partner_id=facts.partner_id, kind=finding.kind, subject_id=finding.subject_id,
        severity=finding.severity, affected=finding.affected, detail=finding.detail, opened_at=facts.as_of,
        last_seen_at=facts.as_of, news_at=facts.as_of,
    )  # fmt: skip
    session.add(row)
    await alerts.record(session, actor, row, "opened", None)
    await alert_events.tell(session, actor, row)
    await alert_letters.tell(session, row, facts.as_of)


async def _bring_back(session: AsyncSession, actor: Actor, row: Alert, finding: Finding, moment: datetime) -> None:
    """Open again what was over a short time ago, silently while it is muted."""
    is_muted = row.muted_until is not None and row.muted_until > moment
    is_worse = _is_worse(row, finding)
    row.state, row.resolved_at = AlertState.MUTED if is_muted else AlertState.OPEN, None
    row.muted_until = row.muted_until if is_muted else None
    row.opened_at = row.news_at = moment
    row.times += 1
    _describe(row, finding, moment)
    await alerts.record(session, actor, row, "opened", AlertState.RESOLVED, times=row.times)
    if not is_muted:
        await alert_events.tell(session, actor, row)
    if not is_muted and (is_worse or row.told_at is None or row.told_at <= moment - AGAIN):
        await alert_letters.tell(session, row, moment)


async def _resolve(session: AsyncSession, actor: Actor, row: Alert, moment: datetime) -> None:
    before, row.state, row.resolved_at = row.state, AlertState.RESOLVED, moment
    await alerts.record(session, actor, row, "resolved", before)
    if before != AlertState.MUTED:
        await alert_events.tell(session, actor, row)
