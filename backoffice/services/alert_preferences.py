"""How each person hears of alerts by e-mail: at once, gathered once a day, or not at all.

The link in a letter (`letter_preferences`) stops all of them at one press; what was chosen per kind stays for later.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.errors import NotFound
from backoffice.models.alert_rules import RULES
from backoffice.models.alerts import AlertKind, Rhythm
from backoffice.models.letter_kinds import LetterKind
from backoffice.models.members import Member
from backoffice.services import audit, members
from backoffice.services.access import Actor, ActorType, Permission, found, permissions_of

SEEN_WITH: Mapping[AlertKind, Permission] = {
    AlertKind.WEBHOOK_FAILING: Permission.WEBHOOKS_READ,
    AlertKind.API_ERRORS: Permission.REQUESTS_READ,
    AlertKind.QUOTA: Permission.USAGE_READ,
    AlertKind.SLA_RISK: Permission.DOCUMENTS_READ,
    AlertKind.KEY_EXPIRING: Permission.KEYS_READ,
    AlertKind.REJECTIONS: Permission.METRICS_READ,
    AlertKind.SECURITY: Permission.AUDIT_READ,
}
"""What somebody must be able to see to see an alert about it."""
MOST_READERS = 200


def kinds(actor: Actor) -> list[AlertKind]:
    """Name the kinds of alerts that the actor sees.

    Raises NotAllowed for who sees none.
    """
    actor.require(Permission.ALERTS_READ)
    return [kind for kind, permission in SEEN_WITH.items() if actor.can(permission)]


def kinds_of(role: str, granted: Iterable[str] | None = None) -> frozenset[AlertKind]:
    """Name the kinds of alerts that a role sees, or that one of a partner's own does which grants this."""
    held = permissions_of(role, granted)
    may_see = Permission.ALERTS_READ in held
    return frozenset(kind for kind, permission in SEEN_WITH.items() if may_see and permission in held)


async def mine(session: AsyncSession, actor: Actor) -> dict[AlertKind, Rhythm]:
    """Say how the person who acts hears of each kind that they see.

    Raises NotFound for a key or a job.
    """
    shown = kinds(actor)
    row = await members.wishes_of(session, actor)
    return {kind: _rhythm(row.alert_letters, kind) for kind in shown}


async def choose(session: AsyncSession, actor: Actor, kind: AlertKind, rhythm: Rhythm) -> None:
    """Let the person who acts hear of a kind otherwise.

    Raises NotFound for a kind that they do not see, and for a key or a job.
    """
    if kind not in kinds(actor):
        raise NotFound("There are no such alerts for you.")
    row = await _locked(session, actor)
    before = _rhythm(row.alert_letters, kind)
    if before == rhythm:
        return
    row.alert_letters = row.alert_letters | {str(kind): str(rhythm)}
    await session.flush()
    await audit.record(
        session, actor, "member.alert_letters_changed", subject_type="member", subject_id=row.id,
        partner_id=row.partner_id, changes={str(kind): [before, rhythm]},
    )  # fmt: skip
    live.announce(session, f"member:{row.id}")


async def readers(session: AsyncSession, partner_id: UUID, kind: AlertKind) -> list[tuple[UUID, Rhythm]]:
    """Name a partner's people who are to be written to of a kind, and how."""
    statement = (
        select(col(Member.id), col(Member.alert_letters))
        .where(col(Member.partner_id) == partner_id, col(Member.disabled_at).is_(None))
        .where(members.who_may(Permission.ALERTS_READ, SEEN_WITH[kind]))
        .where(~col(Member.muted_letters).contains([LetterKind.ALERTS]))
        .order_by(col(Member.id))
        .limit(MOST_READERS)
    )
    found_ = [(row[0], _rhythm(row[1], kind)) for row in await session.execute(statement)]
    return [(member_id, rhythm) for member_id, rhythm in found_ if rhythm != Rhythm.OFF]


def rhythm_of(member: Member, kind: AlertKind) -> Rhythm:
    """Say how somebody hears of a kind as they want it now."""
    is_silent = LetterKind.ALERTS in member.muted_letters or kind not in kinds_of(member.role, member.granted)
    return Rhythm.OFF if is_silent else _rhythm(member.alert_letters, kind)


def _rhythm(chosen: Mapping[str, str], kind: AlertKind) -> Rhythm:
    return Rhythm(chosen.get(kind, RULES[kind].rhythm))


async def _locked(session: AsyncSession, actor: Actor) -> Member:
    statement = select(Member).where(col(Member.id) == (actor.id if actor.type == ActorType.MEMBER else None))
    return found((await session.execute(statement.with_for_update())).scalar_one_or_none(), "member")
