"""What holds of the rules that find attacks: their own values, or what an operator set."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import present
from backoffice.errors import Conflict, Invalid
from backoffice.models.security_alerts import SecurityRule
from backoffice.models.security_facts import SecurityKind
from backoffice.models.security_rules import MOST_MINUTES, MOST_THRESHOLD, RULES, Counts
from backoffice.services import audit
from backoffice.services.access import Actor, ActorType, Permission

TOPIC = "security"
"""Names alerts and rules as live messages do."""


async def in_force(session: AsyncSession) -> Mapping[SecurityKind, Counts]:
    """Read what holds for every rule."""
    statement = select(SecurityRule).execution_options(populate_existing=True)
    rows = {row.kind: row for row in (await session.execute(statement)).scalars()}
    return {kind: _counts(rows[kind]) if kind in rows else rule.counts for kind, rule in RULES.items()}


def _counts(row: SecurityRule) -> Counts:
    return Counts(row.threshold, row.minutes, row.is_on, row.version)


async def read(session: AsyncSession, actor: Actor) -> Mapping[SecurityKind, Counts]:
    """Read what holds, for who looks after it."""
    actor.require(Permission.SECURITY_READ)
    return await in_force(session)


async def save(session: AsyncSession, actor: Actor, kind: SecurityKind, wanted: Counts) -> Counts:
    """Let a rule speak from elsewhere from now on, or not at all; what was found stays.

    Raises Invalid out of range, Conflict when somebody was faster or nothing differs.
    """
    actor.require(Permission.SECURITY_WRITE)
    actor.require_fresh()
    _check(wanted)
    await session.execute(_blank(kind).on_conflict_do_nothing())
    statement = select(SecurityRule).where(col(SecurityRule.kind) == kind).with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one()
    before = _counts(row)
    if before.version != wanted.version:
        raise Conflict("Somebody changed this rule since you opened it. Look again.", code="stale_version")
    changes = {
        name: [getattr(before, name), getattr(wanted, name)]
        for name in ("threshold", "minutes", "is_on")
        if getattr(before, name) != getattr(wanted, name)
    }
    if not changes:
        raise Conflict("Nothing differs from the rule that holds.", code="nothing_changed")
    row.threshold, row.minutes, row.is_on = wanted.threshold, wanted.minutes, wanted.is_on
    row.version, row.changed_at = row.version + 1, present()
    row.changed_by = actor.id if actor.type == ActorType.MEMBER else None
    await session.flush()
    said: dict[str, object] = {"rule": str(kind), **changes}
    await audit.record(session, actor, "security_rule.changed", subject_type="security_rule", changes=said)
    live.announce(session, TOPIC)
    return _counts(row)


def _blank(kind: SecurityKind):  # noqa: ANN202 a statement of this dialect
    own = RULES[kind].counts
    return insert(SecurityRule).values(
        kind=kind, threshold=own.threshold, minutes=own.minutes, is_on=True, version=0, changed_at=present()
    )


def _check(wanted: Counts) -> None:
    if not 1 <= wanted.threshold <= MOST_THRESHOLD:
        raise Invalid(f"From 1 to {MOST_THRESHOLD:,} times.", code="out_of_range", pointer="/threshold")
    if not 1 <= wanted.minutes <= MOST_MINUTES:
        raise Invalid(f"From 1 to {MOST_MINUTES:,} minutes.", code="out_of_range", pointer="/minutes")
