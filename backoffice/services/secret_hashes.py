"""Hashes of what only its holder knows move to the newest pepper when it is shown again; here they are counted.

What nobody shows stays under the older one. It can be given a last day: then keys are revoked as if by hand, codes
and known browsers are forgotten, and who has not signed in asks for a new password by letter.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.clock import now
from backoffice.db import execute
from backoffice.models.api_keys import ApiKey
from backoffice.services import api_keys, events
from backoffice.services.access import Actor, Permission
from backoffice.services.api_keys.telling import note, subject

KEYS = """
from api_keys k where k.revoked_at is null and (k.expires_at is null or k.expires_at > %(now)s) and exists (
    select from api_key_secrets s where s.key_id = k.id and s.pepper_version < %(newest)s and {which})"""
IN_USE = "s.state = 'active'"
LIVING = "(s.ends_at is null or s.ends_at > %(now)s)"
"""Also what waits for its first use, and what was replaced and has its grace."""
FORGET = (
    "delete from api_key_secrets where state = 'pending' and pepper_version < %s",
    "delete from recovery_codes where pepper_version < %s",
    "delete from known_browsers where pepper_version < %s",
)
COUNTS = {
    "API keys": f"select count(*) {KEYS.format(which=LIVING)}",
    "Passwords": """
        select count(*) from members
        where disabled_at is null and substring(password_hash from '#([0-9]+)$')::int < %(newest)s""",
    "Recovery codes": "select count(*) from recovery_codes where used_at is null and pepper_version < %(newest)s",
    "Known browsers": "select count(*) from known_browsers where pepper_version < %(newest)s",
}
MOVES = {
    "API keys": "at each key's next use",
    "Passwords": "at the next sign-in",
    "Recovery codes": "when new ones are made",
    "Known browsers": "at the next sign-in",
}


async def left(session: AsyncSession, actor: Actor, newest: int) -> dict[str, int]:
    """Count what is still hashed under an older pepper than one version."""
    actor.require(Permission.JOBS_READ)
    values, counts = {"newest": newest, "now": now()}, dict[str, int]()
    for name, sql in COUNTS.items():
        [(counts[name],)] = await execute(session, sql, values)
    return counts


async def unused_keys(session: AsyncSession, actor: Actor, newest: int) -> list[ApiKey]:
    """List the keys that were not used since the pepper was turned, the longest unused first."""
    actor.require(Permission.JOBS_READ)
    sql = f"select k.id {KEYS.format(which=IN_USE)} order by k.last_used_at nulls first, k.id"
    ids: list[UUID] = [row[0] for row in await execute(session, sql, {"newest": newest, "now": now()})]
    found = [await session.get(ApiKey, key_id) for key_id in ids]
    return [key for key in found if key is not None]


async def tell_last_day(session: AsyncSession, actor: Actor, newest: int, ends_at: datetime) -> int:
    """Tell the partners of keys that were not used since: each must be used once, or replaced, before a day."""
    actor.require(Permission.SYSTEM)
    ends = ends_at.isoformat().replace("+00:00", "Z")
    keys = await unused_keys(session, actor, newest)
    for key in keys:
        told = subject(key)
        about = events.Subject(told.type, told.id, told.partner_id, told.livemode, told.data | {"expires_at": ends})
        await note(session, actor, key, "expiring", {"expires_at": ends, "unless": "used once before"})
        await events.emit(session, actor, "api_key.expiring", about)
    return len(keys)


async def end(session: AsyncSession, actor: Actor, newest: int) -> dict[str, int]:
    """End what is still under an older pepper; answers how many of each."""
    actor.require(Permission.SYSTEM)
    counts = await left(session, actor, newest)
    for key in await unused_keys(session, actor, newest):
        await api_keys.revoke(session, actor, key.id)
    for sql in FORGET:
        await execute(session, sql, (newest,))
    return counts
