"""Looking for attacks: what was written to the audit trail since the last time is marked, and the marks are counted.

The trail is walked below the horizon of its transactions, as the sealer does (decision 0008), so that nothing is read
twice and nothing is passed over; the trail as a whole is never read. One run holds the cursor, so that of two at once
the second finds nothing new. An alert is one row per rule, subject and window, which the database holds too.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live
from backoffice.clock import present
from backoffice.db import NewRow, execute
from backoffice.db import insert as insert_rows
from backoffice.models.base import id_at, new_id
from backoffice.models.members import Member, Role
from backoffice.models.security_alerts import (
    ALERTS_KEPT,
    KEPT,
    LEARNING,
    MOST_ENTRIES,
    SecurityAlert,
    SecurityMark,
    SecurityState,
)
from backoffice.models.security_facts import SecurityKind
from backoffice.models.security_rules import RULES, Counts
from backoffice.services import audit, security_rules, security_windows
from backoffice.services.access import Actor, Permission
from backoffice.services.networks import network_of
from backoffice.services.refusals import LOOKING
from backoffice.services.security_windows import Mark, Seen

BATCH = 1_000
"""Audit entries in one go: small enough that nobody on this event loop waits long."""
MOST_FORGOTTEN = 10_000
MOST_TOLD = 10
"""Alerts of one rule in an hour that operators get letters about: the list has every one."""
TOLD_WITHIN = timedelta(hours=1)
K = SecurityKind
CURSOR = "select transaction_id, sequence from security_cursors where id = 1 for update"
ENTRIES = """
select id, created_at, transaction_id, sequence, action, actor_id, subject_id, partner_id, ip, changes, subject_type
from audit_entries
where (transaction_id, sequence) > (%s, %s)
  and transaction_id < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint
order by transaction_id, sequence limit %s"""
ADVANCE = "update security_cursors set transaction_id = %s, sequence = %s where id = 1"
NEW_NETWORKS = text("""
with fresh as (
    select key_id, network from key_networks where not is_looked_at order by first_seen_at limit :most
    for update skip locked
)
update key_networks n set is_looked_at = true from fresh f
where n.key_id = f.key_id and n.network = f.network
returning n.key_id, n.network, n.partner_id, n.first_seen_at, exists (
    select 1 from key_networks o where o.key_id = n.key_id and o.first_seen_at <= n.first_seen_at - :learning
) as is_news
""")


@dataclass(frozen=True, slots=True)
class Entry:
    """What the rules look at of one audit entry."""

    id: UUID
    at: datetime
    action: str
    actor_id: UUID | None
    subject_id: UUID | None
    partner_id: UUID | None
    ip: str
    changes: Mapping[str, Any]
    subject_type: str


async def watch(session: AsyncSession, actor: Actor, *, batch: int = BATCH) -> int:
    """Mark and count what is new; answers how many entries were looked at."""
    actor.require(Permission.SYSTEM)
    [(transaction_id, sequence)] = await execute(session, CURSOR, ())
    rows = await execute(session, ENTRIES, (transaction_id, sequence, batch))
    marks = [mark for row in rows for mark in _marks(_entry(row))]
    marks = security_windows.folded([*marks, *await _networks(session)])
    await _keep(session, marks)
    await _judge(session, actor, marks)
    if rows:
        await execute(session, ADVANCE, (rows[-1][2], rows[-1][3]))
    return len(rows)


def _entry(row: Sequence[Any]) -> Entry:
    return Entry(row[0], row[1], row[4], row[5], row[6], row[7], row[8], row[9], row[10])


def _marks(entry: Entry) -> Iterable[Mark]:
    """Say what an entry counts for."""

    def mark(kind: SecurityKind, subject: object, value: object, *, partner_id: UUID | None, weight: int = 1) -> Mark:
        return Mark(kind, str(subject), str(value), partner_id, entry.id, entry.at, weight)

    match entry.action:
        case "member.sign_in_failed" | "member.sign_in_throttled":
            network = network_of(entry.ip)
            if entry.subject_id and entry.subject_type == "member":  # an address of nobody's is no account to defend
                yield mark(K.ACCOUNT_ATTACKED, entry.subject_id, network or "-", partner_id=entry.partner_id)
            if network and entry.subject_id:
                yield mark(K.CREDENTIAL_STUFFING, network, entry.subject_id, partner_id=None)
        case "personal.revealed" if entry.actor_id:
            yield mark(K.MASS_REVEAL, entry.actor_id, entry.subject_id, partner_id=entry.partner_id)
        case "export.asked" if entry.actor_id:
            yield mark(K.EXPORT_SPIKE, entry.actor_id, entry.subject_id, partner_id=entry.partner_id)
        case "event.refused" | "page.refused" | "request.refused" if entry.actor_id:
            weight = 1 + int(entry.changes.get("unwritten", 0))
            whose = None if LOOKING in entry.changes else entry.partner_id
            one = mark(K.GUARD_DENIALS, entry.actor_id, entry.action, partner_id=whose, weight=weight)
            yield replace(one, at=_refused_at(entry))
        case "applicant.erasure_requested" if entry.partner_id:
            yield mark(K.ERASURE_BURST, entry.partner_id, entry.subject_id, partner_id=entry.partner_id)
        case _:
            return


def _refused_at(entry: Entry) -> datetime:
    """Say when it was refused: what waited until its minute was over has its own time."""
    last_at = entry.changes.get("last_at")
    return min(entry.at, datetime.fromisoformat(str(last_at))) if last_at else entry.at


async def _networks(session: AsyncSession) -> list[Mark]:
    """Mark networks that keys came from for the first time; the first ones of a key are learned."""
    rows = await session.execute(NEW_NETWORKS, {"most": BATCH, "learning": LEARNING})
    return [
        Mark(K.KEY_NEW_NETWORK, str(key_id), network, partner_id, None, at)
        for key_id, network, partner_id, at, is_news in rows
        if is_news
    ]


async def _keep(session: AsyncSession, marks: Sequence[Mark]) -> None:
    rows = [
        NewRow(
            SecurityMark,
            {
                "id": new_id(), "created_at": one.at, "kind": str(one.kind), "subject": one.subject,
                "value": one.value, "partner_id": one.partner_id, "entry_id": one.entry_id, "weight": one.weight,
            },
        )
        for one in marks
    ]  # fmt: skip
    await insert_rows(session, *rows)


async def _judge(session: AsyncSession, actor: Actor, marks: Sequence[Mark]) -> None:
    """Count again what has new marks, each rule over its own window."""
    rules = await security_rules.in_force(session)
    fresh: dict[tuple[SecurityKind, str], list[Mark]] = {}
    for one in marks:
        fresh.setdefault((one.kind, one.subject), []).append(one)
    for (kind, _), ones in sorted(fresh.items()):
        if rules[kind].is_on:
            await _count(session, actor, sorted(ones, key=lambda one: one.at), rules[kind])


async def _count(session: AsyncSession, actor: Actor, fresh: Sequence[Mark], counts: Counts) -> None:
    """Go through the windows that hold a new mark; from the threshold on each is an alert, or more of one."""
    first, until, found = fresh[0], None, None
    rows = await security_windows.read(session, first, fresh[-1], counts.window)
    for found in security_windows.reached(rows, first.kind, first.at, counts):
        if until is None or rows[found.end].at > until:
            until = await _stand(session, actor, security_windows.seen(first, rows, found), counts)
    found = await security_windows.last_of_many(session, rows, first, counts) or found
    if found is not None:
        await _stand(session, actor, security_windows.seen(first, rows, found), counts)


async def _stand(session: AsyncSession, actor: Actor, seen: Seen, counts: Counts) -> datetime:
    """Move the alert of this window on, or open one; answers until when it takes what is more of the same."""
    mark = seen.mark
    standing = (
        select(SecurityAlert)
        .where(
            col(SecurityAlert.kind) == mark.kind,
            col(SecurityAlert.subject) == mark.subject,
            col(SecurityAlert.window_from) <= seen.at,
            col(SecurityAlert.window_until) >= seen.at,
        )
        .order_by(col(SecurityAlert.window_from).desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(standing)).scalar_one_or_none()
    if row is not None:
        row.affected, row.last_seen_at = max(row.affected, seen.amount), max(row.last_seen_at, seen.at)
        row.entry_ids = list(dict.fromkeys([*seen.entry_ids, *row.entry_ids]))[:MOST_ENTRIES]
        await session.flush()
        live.announce(session, security_rules.TOPIC)
        return row.window_until
    until = seen.at + counts.window
    values = {
        "id": new_id(), "created_at": present(), "kind": mark.kind, "subject": mark.subject,
        "partner_id": mark.partner_id, "window_from": seen.first, "window_until": until, "last_seen_at": seen.at,
        "affected": seen.amount, "threshold": counts.threshold, "detail": {"minutes": counts.minutes},
        "entry_ids": seen.entry_ids, "state": SecurityState.OPEN, "note": "",
    }  # fmt: skip
    made = insert(SecurityAlert).values(values).on_conflict_do_nothing().returning(col(SecurityAlert.id))
    alert_id = (await session.execute(made)).scalar_one_or_none()
    if alert_id is not None:
        await _tell(session, actor, alert_id, mark)
    return until


async def _tell(session: AsyncSession, actor: Actor, alert_id: UUID, mark: Mark) -> None:
    """Write it down, write to every operator unless this rule did so often, and let the partner's alerts look."""
    await audit.record(
        session, actor, "security_alert.opened", subject_type="security_alert", subject_id=alert_id,
        changes={"rule": str(mark.kind)},
    )  # fmt: skip
    if await _is_told(session, mark.kind):
        operators = select(col(Member.id)).where(col(Member.role) == Role.OPERATOR, col(Member.disabled_at).is_(None))
        for member_id in (await session.execute(operators.order_by(col(Member.id)))).scalars():
            arguments = {"alert_id": str(alert_id), "member_id": str(member_id)}
            await job_queue.enqueue(session, "security.mail", arguments)
    if mark.partner_id is not None and RULES[mark.kind].is_partners:
        await job_queue.enqueue(session, "alert.check_partner", {"partner_id": str(mark.partner_id)})
    live.announce(session, security_rules.TOPIC)


async def _is_told(session: AsyncSession, kind: SecurityKind) -> bool:
    """Answer whether letters go out about an alert that stands already: who attacks cannot fill the mailboxes."""
    since = present() - TOLD_WITHIN
    lately = select(func.count()).where(
        col(SecurityAlert.kind) == kind,
        col(SecurityAlert.created_at) > since,
        col(SecurityAlert.id) > id_at(since - timedelta(seconds=1)),
    )
    return (await session.execute(lately)).scalar_one() <= MOST_TOLD


async def forget(session: AsyncSession, actor: Actor) -> int:
    """Forget a batch of marks that no window reaches any more and of alerts of a year ago; answers the larger count."""
    actor.require(Permission.SYSTEM)
    counts = [
        await _drop(session, SecurityMark, col(SecurityMark.created_at) < present() - KEPT),
        await _drop(session, SecurityAlert, col(SecurityAlert.last_seen_at) < present() - ALERTS_KEPT),
    ]
    return max(counts)


async def _drop(session: AsyncSession, model: type[SecurityMark | SecurityAlert], is_old: ColumnElement[bool]) -> int:
    old = select(col(model.id)).where(is_old).limit(MOST_FORGOTTEN)
    return len((await session.execute(delete(model).where(col(model.id).in_(old)).returning(col(model.id)))).all())
