"""Stale records: what is over or unused of our own people's logins, kept for some days and then forgotten.

The audit log says that they were; the rows hold addresses, e-mails and browsers of people.
"""

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import present
from backoffice.models.invitations import Invitation
from backoffice.models.known_browsers import KnownBrowser
from backoffice.models.members import Session
from backoffice.models.password_resets import PasswordReset
from backoffice.services.access import Actor, Permission
from backoffice.settings import settings

BATCH = 1_000
TABLES: dict[str, type[Session | Invitation | PasswordReset | KnownBrowser]] = {
    "sessions": Session,
    "invitations": Invitation,
    "password_resets": PasswordReset,
    "known_browsers": KnownBrowser,
}
KINDS = tuple(TABLES)


def _ended(kind: str) -> ColumnElement[object]:
    """Say in SQL when a row was over: what ended it first."""
    return {
        "sessions": func.least(col(Session.expires_at), col(Session.revoked_at)),
        "invitations": func.least(col(Invitation.expires_at), col(Invitation.accepted_at), col(Invitation.ended_at)),
        "password_resets": func.least(
            col(PasswordReset.expires_at), col(PasswordReset.used_at), col(PasswordReset.ended_at)
        ),
        "known_browsers": func.greatest(col(KnownBrowser.first_seen_at), col(KnownBrowser.last_seen_at)),
    }[kind]


async def forget(session: AsyncSession, actor: Actor, kind: str) -> int:
    """Forget a batch of one kind that was over before as many days as the settings keep it; answer how many."""
    actor.require(Permission.SYSTEM)
    kept = settings()
    days = {
        "sessions": kept.keep_sessions_days,
        "invitations": kept.keep_invitations_days,
        "password_resets": kept.keep_resets_days,
        "known_browsers": kept.keep_browsers_days,
    }[kind]
    table = TABLES[kind]
    some = select(col(table.id)).where(_ended(kind) < present() - timedelta(days=days)).limit(BATCH)
    statement = delete(table).where(col(table.id).in_(some.scalar_subquery())).returning(col(table.id))
    gone = await session.execute(statement.execution_options(synchronize_session=False))
    return len(gone.scalars().all())
