"""The rules of a partner's alerts: which are on and from which threshold they speak."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live
from backoffice.clock import present
from backoffice.errors import Conflict, Invalid
from backoffice.models.alert_rules import RULES, Thresholds
from backoffice.models.alerts import AlertKind, AlertRules
from backoffice.models.base import new_id
from backoffice.services import audit
from backoffice.services.access import Actor, ActorType, Permission


def topic(partner_id: UUID) -> str:
    """Name the rules of a partner as live messages do."""
    return f"alert_rules:{partner_id}"


async def of(session: AsyncSession, partner_id: UUID) -> Thresholds:
    """Read what holds for a partner, for who acts for it already."""
    statement = select(AlertRules).where(col(AlertRules.partner_id) == partner_id)
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    return _thresholds(row) if row else Thresholds()


async def read(session: AsyncSession, actor: Actor) -> Thresholds:
    """Read the rules of the actor's partner."""
    actor.require(Permission.ALERTS_READ)
    return await of(session, actor.require_partner())


def _thresholds(row: AlertRules) -> Thresholds:
    known = set(AlertKind)
    off = frozenset(AlertKind(kind) for kind in row.off if kind in known)
    return Thresholds(
        row.version, off, {AlertKind(kind): int(one) for kind, one in row.thresholds.items() if kind in known}
    )


def checked(wanted: Thresholds) -> Thresholds:
    """Keep what differs from a rule's own threshold.

    Raises Invalid, whose pointer names the field.
    """
    for kind, value in wanted.values.items():
        rule = RULES[kind]
        if not rule.least <= value <= rule.most:
            sentence = f"{rule.label}: {rule.least:,} to {rule.most:,} {rule.unit}."
            raise Invalid(sentence, code="out_of_range", pointer=f"/{kind}")
    kept = {kind: value for kind, value in wanted.values.items() if value != RULES[kind].default}
    return Thresholds(wanted.version, wanted.off, kept)


async def save(session: AsyncSession, actor: Actor, wanted: Thresholds) -> Thresholds:
    """Let other rules hold from now on; they are gone through at once.

    Raises Invalid for a threshold out of range, Conflict when somebody was faster or nothing differs.
    """
    actor.require(Permission.ALERTS_MANAGE)
    partner_id, tidy = actor.require_partner(), checked(wanted)
    row = await _held(session, partner_id)
    before = _thresholds(row)
    if before.version != wanted.version:
        raise Conflict("Somebody changed the rules since you opened them. Look again.", code="stale_version")
    changes = _changes(before, tidy)
    if not changes:
        raise Conflict("Nothing differs from the rules that hold.", code="nothing_changed")
    row.off = sorted(tidy.off)
    row.thresholds = {str(kind): value for kind, value in tidy.values.items()}
    row.version, row.changed_at = row.version + 1, present()
    row.changed_by = actor.id if actor.type == ActorType.MEMBER else None
    await session.flush()
    await audit.record(
        session, actor, "alert_rules.changed", subject_type="alert_rules", subject_id=row.id, partner_id=partner_id,
        changes=changes | {"version": row.version},
    )  # fmt: skip
    await job_queue.enqueue(session, "alert.check_partner", {"partner_id": str(partner_id)})
    live.announce(session, topic(partner_id))
    return _thresholds(row)


async def _held(session: AsyncSession, partner_id: UUID) -> AlertRules:
    """Hold the row of a partner, made first where there is none."""
    moment = present()
    blank = insert(AlertRules).values(
        id=new_id(), created_at=moment, changed_at=moment, partner_id=partner_id, version=0
    )
    await session.execute(blank.on_conflict_do_nothing(index_elements=["partner_id"]))
    statement = select(AlertRules).where(col(AlertRules.partner_id) == partner_id).with_for_update()
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one()


def _changes(before: Thresholds, after: Thresholds) -> dict[str, object]:
    was, becomes = _flat(before), _flat(after)
    return {name: [was[name], becomes[name]] for name in was if was[name] != becomes[name]}


def _flat(rules: Thresholds) -> dict[str, object]:
    """Say of each rule whether it is on and from where it speaks."""
    said: dict[str, object] = {f"{kind}.on": kind not in rules.off for kind in AlertKind}
    return said | {str(kind): rules.of(kind) for kind in AlertKind}
