"""Security alerts for our own operators: the list, an answer with a note, and the letter."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import present
from backoffice.errors import Conflict, Invalid
from backoffice.models.api_keys import ApiKey
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.members import Member, Role
from backoffice.models.partners import Partner
from backoffice.models.security_alerts import SecurityAlert, SecurityState
from backoffice.models.security_facts import SecurityKind
from backoffice.models.security_rules import RULES, Counts
from backoffice.services import audit
from backoffice.services.access import Actor, ActorType, Permission, found
from backoffice.services.letters import Addressed, Letter
from backoffice.services.security_rules import TOPIC
from backoffice.settings import settings

PLACE = "/ops/security"
MOST = 200
MAX_NOTE = 300


@dataclass(frozen=True, slots=True)
class Filter:
    """What to list; every field narrows."""

    state: SecurityState | None = None
    kind: SecurityKind | None = None
    partner_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One alert with the names of what it is about."""

    alert: SecurityAlert
    subject: str
    """A person, a key, a company, or a network."""
    partner: str
    by: str
    """Who acknowledged it."""


async def page(session: AsyncSession, actor: Actor, by: Filter) -> list[Told]:
    """List the newest alerts; names are read with them."""
    actor.require(Permission.SECURITY_READ)
    statement = select(SecurityAlert)
    for column, value in (
        (col(SecurityAlert.state), by.state),
        (col(SecurityAlert.kind), by.kind),
        (col(SecurityAlert.partner_id), by.partner_id),
    ):
        if value is not None:
            statement = statement.where(column == value)
    newest = statement.order_by(col(SecurityAlert.id).desc()).limit(MOST)
    return await _told(session, (await session.execute(newest)).scalars().all())


async def counts(session: AsyncSession, actor: Actor) -> dict[str, int]:
    """Count the alerts by state."""
    actor.require(Permission.SECURITY_READ)
    rows = await session.execute(select(col(SecurityAlert.state), func.count()).group_by(col(SecurityAlert.state)))
    return {str(state): int(count) for state, count in rows}


async def _told(session: AsyncSession, rows: Sequence[SecurityAlert]) -> list[Told]:
    ids = {key for row in rows if (key := _key(row.subject)) is not None}
    people = ids | {row.acknowledged_by for row in rows if row.acknowledged_by}
    partner_ids = ids | {row.partner_id for row in rows if row.partner_id}
    members = await _names(session, Member, people)
    partners = await _names(session, Partner, partner_ids)
    named = {**partners, **await _names(session, ApiKey, ids), **members}
    return [
        Told(
            row,
            _named(row, named),
            partners.get(row.partner_id, "") if row.partner_id else "",
            members.get(row.acknowledged_by, "") if row.acknowledged_by else "",
        )
        for row in rows
    ]


async def _names(
    session: AsyncSession, model: type[Member] | type[ApiKey] | type[Partner], ids: set[UUID]
) -> dict[UUID, str]:
    rows = await session.execute(select(col(model.id), col(model.name)).where(col(model.id).in_(ids)))
    return {row[0]: row[1] for row in rows}


def _named(row: SecurityAlert, names: dict[UUID, str]) -> str:
    key = _key(row.subject)
    if key is None:
        return row.subject
    return names.get(key, "An account that is not known" if row.kind == SecurityKind.ACCOUNT_ATTACKED else str(key))


def _key(subject: str) -> UUID | None:
    try:
        return UUID(subject)
    except ValueError:
        return None


async def acknowledge(session: AsyncSession, actor: Actor, alert_id: UUID, note: str) -> SecurityAlert:
    """Say that somebody has looked, and what they found.

    Raises NotFound, Invalid without a note, Conflict when somebody was faster.
    """
    actor.require(Permission.SECURITY_WRITE)
    said = " ".join(note.split())
    if not 0 < len(said) <= MAX_NOTE or not said.isprintable():
        raise Invalid(f"Say in 1 to {MAX_NOTE} characters what you found.", code="note_needed", pointer="/note")
    statement = select(SecurityAlert).where(col(SecurityAlert.id) == alert_id).with_for_update()
    row = found((await session.execute(statement)).scalar_one_or_none(), "alert")
    if row.state == SecurityState.ACKNOWLEDGED:
        raise Conflict("Somebody has acknowledged this alert already.", code="already_acknowledged")
    row.state, row.acknowledged_at, row.note = SecurityState.ACKNOWLEDGED, present(), said
    row.acknowledged_by = actor.id if actor.type == ActorType.MEMBER else None
    await session.flush()
    await audit.record(
        session, actor, "security_alert.acknowledged", subject_type="security_alert", subject_id=row.id,
        changes={"rule": row.kind},
    )  # fmt: skip
    live.announce(session, TOPIC)
    return row


def entry_ids(alert: SecurityAlert) -> list[str]:
    """Name the audit entries that an alert counts, the newest first."""
    return [public_id(Prefix.AUDIT_ENTRY, one) for one in alert.entry_ids]


def partner_of(text: str) -> UUID:
    """Read a partner's id.

    Raises NotFound.
    """
    return parse_public_id(Prefix.PARTNER, text)


async def addressed(session: AsyncSession, actor: Actor, alert_id: UUID, member_id: UUID) -> Addressed | None:
    """Write the letter of an alert to one operator; None when there is nobody to write to any more."""
    actor.require(Permission.SYSTEM)
    alert, member = await session.get(SecurityAlert, alert_id), await session.get(Member, member_id)
    if alert is None or member is None or member.disabled_at is not None or member.role != Role.OPERATOR:
        return None
    [told] = await _told(session, [alert])
    rule = RULES[SecurityKind(alert.kind)]
    counts_ = Counts(alert.threshold, int(alert.detail.get("minutes", rule.counts.minutes)))
    facts = (("About", told.subject), ("Company", told.partner or "-"), ("Counted", f"{alert.affected:,}"))
    letter = Letter(
        subject=f"[Security] {rule.label}",
        title=rule.label,
        paragraphs=(rule.describe(counts_), rule.advice),
        facts=facts,
        link=f"{settings().url}{PLACE}",
        link_words="Open security alerts",
        reason="You get this because you operate this installation. "
        "Letters about one rule stop at ten an hour; the list has every alert.",
    )
    return Addressed(member.email, letter, f"security.{alert.id.hex}.{public_id(Prefix.MEMBER, member.id)[-10:]}")
