"""Alerts as people see and answer them: what stands, what is over, who takes care, and for how long it is silent.

What opens and what resolves an alert is the rules' business alone (`alert_checks`). People see the kinds whose subject
they may see.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, case, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import present
from backoffice.errors import Conflict
from backoffice.models.alerts import (
    KEPT,
    MUTES,
    Alert,
    AlertCounts,
    AlertKind,
    AlertLetter,
    AlertNotice,
    AlertState,
    Mute,
    Severity,
)
from backoffice.models.base import Prefix, floor_id
from backoffice.models.members import Member
from backoffice.services import alert_preferences, audit
from backoffice.services.access import Actor, ActorType, Permission, found
from backoffice.services.pages import DEFAULT_LIMIT, Page, walk

SHOWN = 5
MOST_STANDING = 200
"""Fifty endpoints, fifty keys and one of each other rule fit well."""
FORGOTTEN = 1_000


def topic(partner_id: UUID) -> str:
    """Name the alerts of a partner as live messages do."""
    return f"alerts:{partner_id}"


def _mine(actor: Actor, kinds: Collection[AlertKind] = ()) -> Select[Alert]:
    """Select what the actor may see, of some kinds or of all."""
    shown = [kind for kind in alert_preferences.kinds(actor) if not kinds or kind in kinds]
    return select(Alert).where(col(Alert.partner_id) == actor.require_partner(), col(Alert.kind).in_(shown))


async def standing(
    session: AsyncSession,
    actor: Actor,
    state: AlertState = AlertState.OPEN,
    *,
    kinds: Collection[AlertKind] = (),
    limit: int = MOST_STANDING,
) -> list[Alert]:
    """List what is not over, the most urgent first and then the newest."""
    urgent = case({severity: severity.rank for severity in Severity}, value=col(Alert.severity))
    statement = _mine(actor, kinds).where(col(Alert.state) == state)
    rows = await session.execute(statement.order_by(urgent, col(Alert.news_at).desc()).limit(limit))
    return list(rows.scalars())


async def resolved(
    session: AsyncSession,
    actor: Actor,
    *,
    kinds: Collection[AlertKind] = (),
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Alert]:
    """List what is over, newest first."""
    statement = _mine(actor, kinds).where(col(Alert.state) == AlertState.RESOLVED)
    return await walk(session, Alert, statement, prefix=Prefix.ALERT, limit=limit, cursor=cursor)


async def counts(session: AsyncSession, actor: Actor) -> AlertCounts:
    """Count what stands, and what the actor has not seen."""
    is_open = col(Alert.state) == AlertState.OPEN
    seen = select(col(Member.alerts_seen_at)).where(col(Member.id) == actor.id).scalar_subquery()
    shown = _mine(actor).subquery()
    mine = col(Alert.id).in_(select(shown.c.id))
    statement = select(
        func.count().filter(is_open),
        func.count().filter(col(Alert.state) == AlertState.ACKNOWLEDGED),
        func.count().filter(col(Alert.state) == AlertState.MUTED),
        func.count().filter(is_open & (seen.is_(None) | (col(Alert.news_at) > seen))),
        func.max(col(Alert.resolved_at)),
    ).where(mine)
    return AlertCounts(*(await session.execute(statement)).one())


async def seen_at(session: AsyncSession, actor: Actor) -> datetime | None:
    """Say when the actor last looked."""
    statement = select(col(Member.alerts_seen_at)).where(col(Member.id) == actor.id)
    return (await session.execute(statement)).scalar_one_or_none()


async def look(session: AsyncSession, actor: Actor) -> None:
    """Note that the person who acts has seen what is open by now, if anything is new; keys and jobs see nothing.

    Nor does an operator who looks: what is new stays new for the partner's own people, and there is no mark of ours.
    """
    actor.require(Permission.ALERTS_READ)
    if actor.type != ActorType.MEMBER or actor.is_looking:
        return
    if (await counts(session, actor)).unread:
        newest = _mine(actor).where(col(Alert.state) == AlertState.OPEN).subquery()
        seen = select(func.max(newest.c.news_at)).scalar_subquery()  # not now: one may be about to be written
        statement = update(Member).where(col(Member.id) == actor.id).values(alerts_seen_at=seen)
        await session.execute(statement.execution_options(synchronize_session=False))
        live.announce(session, f"member:{actor.id}")


async def acknowledge(session: AsyncSession, actor: Actor, alert_id: UUID) -> Alert:
    """Say that somebody takes care of an open alert.

    Raises NotFound, and Conflict when it is not open any more.
    """
    row = await _held(session, actor, alert_id)
    if row.state != AlertState.OPEN:
        raise Conflict(_gone(row), code="alert_not_open")
    return await _become(session, actor, row, AlertState.ACKNOWLEDGED)


async def mute(session: AsyncSession, actor: Actor, alert_id: UUID, length: Mute) -> Alert:
    """Keep an alert silent for a while, also if it comes back meanwhile.

    Raises NotFound, and Conflict when it is over.
    """
    row = await _held(session, actor, alert_id)
    if row.state == AlertState.RESOLVED:
        raise Conflict(_gone(row), code="alert_not_open")
    return await _become(session, actor, row, AlertState.MUTED, until=present() + MUTES[length])


async def reopen(session: AsyncSession, actor: Actor, alert_id: UUID) -> Alert:
    """Take an acknowledgement or a mute back.

    Raises NotFound, and Conflict when there is nothing to take back.
    """
    row = await _held(session, actor, alert_id)
    if row.state not in {AlertState.ACKNOWLEDGED, AlertState.MUTED}:
        raise Conflict(_gone(row), code="alert_not_open")
    return await _become(session, actor, row, AlertState.OPEN)


def _gone(row: Alert) -> str:
    if row.state == AlertState.RESOLVED:
        return "This alert is over by itself. There is nothing more to do."
    return f"This alert is {row.state} already."


async def _held(session: AsyncSession, actor: Actor, alert_id: UUID) -> Alert:
    actor.require(Permission.ALERTS_WRITE)
    statement = _mine(actor).where(col(Alert.id) == alert_id).with_for_update()
    rows = await session.execute(statement.execution_options(populate_existing=True))
    return found(rows.scalar_one_or_none(), "alert")


async def _become(
    session: AsyncSession, actor: Actor, row: Alert, state: AlertState, *, until: datetime | None = None
) -> Alert:
    before, row.state, row.muted_until = row.state, state, until
    row.acted_by = actor.id if actor.type == ActorType.MEMBER else None
    more: dict[str, object] = {"until": until.isoformat()} if until else {}
    await record(session, actor, row, "reopened" if state == AlertState.OPEN else state, before, **more)
    return row


async def record(
    session: AsyncSession, actor: Actor, row: Alert, what: str, before: str | None, **more: object
) -> None:
    """Write down a change of an alert and let everybody who watches look again."""
    await session.flush()
    changes: dict[str, object] = {"kind": row.kind, "severity": row.severity, "state": [before, row.state], **more}
    await audit.record(
        session, actor, f"alert.{what}", subject_type="alert", subject_id=row.id, partner_id=row.partner_id,
        changes=changes,
    )  # fmt: skip
    live.announce(session, topic(row.partner_id))


async def forget(session: AsyncSession, actor: Actor, *, batch: int = FORGOTTEN) -> int:
    """Delete what has been over for long, and letters about it; answers how many alerts."""
    actor.require(Permission.SYSTEM)
    old = (
        select(col(Alert.id))
        .where(col(Alert.state) == AlertState.RESOLVED, col(Alert.resolved_at) < present() - KEPT)
        .order_by(col(Alert.resolved_at))
        .limit(batch)
        .with_for_update(skip_locked=True)
    )
    ids = list((await session.execute(old)).scalars())
    await session.execute(delete(AlertNotice).where(col(AlertNotice.alert_id).in_(ids)))
    await session.execute(delete(Alert).where(col(Alert.id).in_(ids)))
    empty = ~select(col(AlertNotice.id)).where(col(AlertNotice.letter_id) == col(AlertLetter.id)).exists()
    await session.execute(delete(AlertLetter).where(col(AlertLetter.id) < floor_id(present() - KEPT), empty))
    return len(ids)
