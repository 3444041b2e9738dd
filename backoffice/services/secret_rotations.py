"""The change of the master secret and of the pepper, while everything runs and nothing is lost.

The master secret opens roots, and everything else is derived from those. To change it is to draw a new working root,
to give every root a slot under the new secret, to seal again what the old root sealed, and to let go of the old slots.
The pepper is a root of its own, whose hashes move when their holders show what was hashed. Roots that can never be
written anew, of search, duplicates and signatures, stay and change their slots only.
"""

import asyncio
import os
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import master_secret, roots, secret_slots
from backoffice.adapters.cipher import KEY_BYTES
from backoffice.clock import now
from backoffice.db import after_commit, execute
from backoffice.errors import Conflict, Invalid
from backoffice.models.secret_counts import RootStanding, SecretStanding, Use
from backoffice.models.secret_roots import RootFamily, SecretRoot, SecretSlot
from backoffice.services import audit, secret_boxes, secret_hashes
from backoffice.services.access import Actor, Permission

LOCK = 4_772_012
SETTLED = timedelta(hours=25)
"""How long an old root stays: links, answers kept for repeats and sign-ins under way end within a day."""
SETTLED_PEPPER = timedelta(hours=1)
RESEALED = "backoffice secrets reseal"
MOVED_TO = """
select changes->'secret'->>1 from audit_entries
where partner_id is null and subject_id is null and action = 'master_secret.rotated'
    and (changes->>'version')::int = %(version)s
order by id desc limit 1"""


async def standing(session: AsyncSession, actor: Actor) -> SecretStanding:
    """Say which secrets open the roots, and how much is under older versions; rows are counted while there are any."""
    actor.require(Permission.JOBS_READ)
    await asyncio.to_thread(roots.ring)  # the first ones are there from here on
    living = await _living(session)
    by_secret = await _slots_by_secret(session)
    own = secret_slots.secret_id(master_secret.known()[0])
    by_family = {family: [row for row in living if row.family == family] for family in RootFamily}
    uses = {
        RootFamily.WORKING: await _boxes(session, actor, by_family[RootFamily.WORKING]),
        RootFamily.PEPPER: await _hashes(session, actor, by_family[RootFamily.PEPPER]),
    }
    found = tuple(_standing(family, rows, uses.get(family, ())) for family, rows in by_family.items() if rows)
    return SecretStanding(own, {name: count for name, count in by_secret.items() if name != own}, found)


def _standing(family: RootFamily, rows: list[SecretRoot], uses: tuple[Use, ...]) -> RootStanding:
    newest, older = rows[-1], tuple(row.version for row in rows[:-1])
    ends_at = min((row.ends_at for row in rows[:-1] if row.ends_at), default=None)
    return RootStanding(family, newest.version, newest.created_at, older, ends_at, uses)


async def _living(session: AsyncSession) -> list[SecretRoot]:
    order = (col(SecretRoot.family), col(SecretRoot.version))
    statement = select(SecretRoot).where(col(SecretRoot.retired_at).is_(None)).order_by(*order)
    return list((await session.execute(statement)).scalars())


async def _slots_by_secret(session: AsyncSession) -> dict[str, int]:
    statement = select(col(SecretSlot.secret_id), func.count()).group_by(col(SecretSlot.secret_id))
    return {str(row[0]): int(row[1]) for row in await session.execute(statement)}


async def _boxes(session: AsyncSession, actor: Actor, rows: list[SecretRoot]) -> tuple[Use, ...]:
    counts = await secret_boxes.left(session, actor) if len(rows) > 1 else {}
    return tuple(Use(name, counts.get(name, 0), "by itself") for name in _names())


def _names() -> list[str]:
    return list(dict.fromkeys(column.use for column in secret_boxes.COLUMNS))


async def _hashes(session: AsyncSession, actor: Actor, rows: list[SecretRoot]) -> tuple[Use, ...]:
    counts = await secret_hashes.left(session, actor, rows[-1].version) if len(rows) > 1 else {}
    return tuple(Use(name, counts.get(name, 0), moves) for name, moves in secret_hashes.MOVES.items())


async def rotate_master(session: AsyncSession, actor: Actor) -> str:
    """Let a new master secret open everything, and a new root seal; answers the new secret's name.

    The demo's own secret is drawn here; elsewhere the operator has set the new one and the one before. Raises Invalid
    where the one before is missing.
    """
    actor.require(Permission.SYSTEM)
    await _hold(session)
    file, before = master_secret.own_file(), master_secret.known()
    if file is None and len(before) == 1:
        raise Invalid(
            "Set BACKOFFICE_SECRET_KEY to a new secret and BACKOFFICE_SECRET_KEY_PREVIOUS to the one of now, here and "
            "for every web and worker, restart them one after another, and run this again.",
            code="no_new_secret",
        )
    new = file.following() if file else before[0]
    for row in await _living(session):
        await _give_slot(session, row, new)
    version = await _draw(session, RootFamily.WORKING, {new, *before})
    changes: dict[str, object] = {
        "secret": [secret_slots.secret_id(before[0] if file else before[1]), secret_slots.secret_id(new)],
        "version": version,
    }
    await audit.record(session, actor, "master_secret.rotated", subject_type="secret", changes=changes)
    return secret_slots.secret_id(new)


async def _hold(session: AsyncSession) -> None:
    """Let one change at a time go on, on top of what is there."""
    await asyncio.to_thread(roots.ring)
    await execute(session, "select pg_advisory_xact_lock(%s)", (LOCK,))


async def _give_slot(session: AsyncSession, row: SecretRoot, secret: str) -> None:
    root = roots.root(RootFamily(row.family), row.version)
    name = secret_slots.secret_id(secret)
    if root is not None and await session.get(SecretSlot, (row.family, row.version, name)) is None:
        box = secret_slots.close(secret, row.family, row.version, root)
        session.add(SecretSlot(family=row.family, version=row.version, secret_id=name, box=box))
        await session.flush()


def turn_file() -> None:
    """Let the demo's drawn secret be its own from now on: the roots open by both."""
    file = master_secret.own_file()
    if file:
        file.turn()


async def rotate_pepper(session: AsyncSession, actor: Actor) -> int:
    """Hash under a new pepper from now on; answers its version."""
    actor.require(Permission.SYSTEM)
    await _hold(session)
    version = await _draw(session, RootFamily.PEPPER, set(master_secret.known()))
    changes: dict[str, object] = {"version": version}
    await audit.record(session, actor, "pepper.rotated", subject_type="secret", changes=changes)
    return version


async def _draw(session: AsyncSession, family: RootFamily, secrets: set[str]) -> int:
    """Make the next version of a root, open by every secret that opens the others; answers its number.

    Raises Conflict where one of those is not known here: its processes could not follow.
    """
    known = {secret_slots.secret_id(secret): secret for secret in secrets}
    wanted = await _slots_by_secret(session)
    if strange := sorted(set(wanted) - set(known)):
        raise Conflict(
            f"The roots are also open by the master secret {strange[0]}, which is not set here. Set "
            "BACKOFFICE_SECRET_KEY_PREVIOUS to it, or retire it first.",
            code="secret_unknown",
        )
    last = select(func.max(col(SecretRoot.version))).where(col(SecretRoot.family) == family)
    version = (await session.execute(last)).scalar_one() + 1
    session.add(SecretRoot(family=family, version=version))
    await session.flush()
    root = os.urandom(KEY_BYTES)
    for name in wanted:
        box = secret_slots.close(known[name], family, version, root)
        session.add(SecretSlot(family=family, version=version, secret_id=name, box=box))
    await session.flush()
    after_commit(session, _forget)
    return version


async def _forget() -> None:
    roots.forget()


async def retire_master(session: AsyncSession, actor: Actor) -> list[str]:
    """Let go of the secret before, and of the roots that nothing is under any more; answers what opens no more.

    Raises Conflict while something depends on them, naming what and how many.
    """
    actor.require(Permission.SYSTEM)
    await _hold(session)
    now_ = await standing(session, actor)
    working = next(root for root in now_.roots if root.family == RootFamily.WORKING)
    if not now_.others and not working.older:
        raise Conflict("There is no master secret before this one. Run: backoffice secrets list", code="nothing_old")
    if not working.older:
        raise Conflict(
            "Everything is still sealed under what the secret before made. Run: backoffice secrets rotate master",
            code="secret_in_use",
        )
    await _refuse_another(session, now_.secret_id, working.newest)
    _refuse_left(working, f"Run: {RESEALED}")
    _refuse_early(working, SETTLED, "Links and kept answers of before end within a day.")
    await _refuse_without_slot(session, now_.secret_id)
    await _retire(session, RootFamily.WORKING, working.newest)
    await session.execute(delete(SecretSlot).where(col(SecretSlot.secret_id) != now_.secret_id))
    gone = sorted(now_.others)
    changes: dict[str, object] = {"secret": [gone, now_.secret_id], "versions": list(working.older)}
    await audit.record(session, actor, "master_secret.retired", subject_type="secret", changes=changes)
    after_commit(session, _forget_master)
    return gone


async def _forget_master() -> None:
    file = master_secret.own_file()
    if file:
        file.forget_before()
    roots.forget()


async def _refuse_another(session: AsyncSession, secret_id: str, version: int) -> None:
    """See that the secret of now is the one that the last change went to: all others lose their slots."""
    values: dict[str, object] = {"version": version}
    meant = next((str(row[0]) for row in await execute(session, MOVED_TO, values)), secret_id)
    if meant != secret_id:
        raise Conflict(
            f"The last change went to the master secret {meant}, and BACKOFFICE_SECRET_KEY is {secret_id} here. "
            "Nothing was changed. Set it to the new one, here and wherever it is not yet, and run this again.",
            code="secret_unknown",
        )


async def _refuse_without_slot(session: AsyncSession, secret_id: str) -> None:
    """See that the secret of now opens every root that lives."""
    open_ = (await _slots_by_secret(session)).get(secret_id, 0)
    if open_ < len(await _living(session)):
        raise Conflict("This master secret does not open every root yet. Restart web or worker.", code="secret_in_use")


def _refuse_left(root: RootStanding, remedy: str) -> None:
    told = ", ".join(f"{use.name} {use.older:,}" for use in root.uses if use.older)
    if told:
        raise Conflict(f"Still under the older one: {told}. {remedy}", code="secret_in_use")


def _refuse_early(root: RootStanding, settled: timedelta, why: str) -> None:
    if now() - root.made_at < settled:
        at = f"{root.made_at + settled:%Y-%m-%d %H:%M} UTC"
        raise Conflict(f"{why} Retire the older one from {at} on.", code="secret_in_use")


async def _retire(session: AsyncSession, family: RootFamily, newest: int) -> None:
    slots = delete(SecretSlot).where(col(SecretSlot.family) == family, col(SecretSlot.version) < newest)
    await session.execute(slots.execution_options(synchronize_session=False))
    gone = update(SecretRoot).where(col(SecretRoot.family) == family, col(SecretRoot.version) < newest)
    gone = gone.where(col(SecretRoot.retired_at).is_(None)).values(retired_at=now())
    await session.execute(gone.execution_options(synchronize_session=False))


async def retire_pepper(session: AsyncSession, actor: Actor) -> None:
    """Let go of the older pepper.

    Raises Conflict while something is hashed under it, naming what and how many.
    """
    actor.require(Permission.SYSTEM)
    await _hold(session)
    pepper = await _older_pepper(session, actor)
    _refuse_left(
        pepper, "It moves when it is used; `backoffice secrets retire pepper --by DAY` sets the rest a last day."
    )
    _refuse_early(pepper, SETTLED_PEPPER, "What was hashed just before may not be written down yet.")
    await _end_pepper(session, actor, pepper, {})


async def _older_pepper(session: AsyncSession, actor: Actor) -> RootStanding:
    found = await standing(session, actor)
    pepper = next(root for root in found.roots if root.family == RootFamily.PEPPER)
    if not pepper.older:
        raise Conflict("There is no older pepper. Run: backoffice secrets rotate pepper", code="nothing_old")
    return pepper


async def _end_pepper(session: AsyncSession, actor: Actor, pepper: RootStanding, ended: dict[str, int]) -> None:
    await _retire(session, RootFamily.PEPPER, max(pepper.older) + 1)
    changes: dict[str, object] = {"versions": list(pepper.older), "ended": ended}
    await audit.record(session, actor, "pepper.retired", subject_type="secret", changes=changes)
    after_commit(session, _forget)


async def set_last_day(session: AsyncSession, actor: Actor, ends_at: datetime) -> int:
    """Let what is still under an older pepper end at a moment, and tell the partners of each such key.

    Answers how many keys. Raises Invalid for a moment that is over.
    """
    actor.require(Permission.SYSTEM)
    await _hold(session)
    if ends_at <= now():
        raise Invalid("This day is over. Name one that is to come.", code="too_late")
    pepper = await _older_pepper(session, actor)
    older = update(SecretRoot).where(col(SecretRoot.family) == RootFamily.PEPPER)
    older = older.where(col(SecretRoot.version).in_(pepper.older)).values(ends_at=ends_at)
    await session.execute(older.execution_options(synchronize_session=False))
    told = await secret_hashes.tell_last_day(session, actor, pepper.newest, ends_at)
    changes: dict[str, object] = {"versions": list(pepper.older), "ends_at": ends_at.isoformat(), "keys": told}
    await audit.record(session, actor, "pepper.last_day_set", subject_type="secret", changes=changes)
    after_commit(session, _forget)
    return told


async def end_overdue(session: AsyncSession, actor: Actor) -> dict[str, int]:
    """End what is under a pepper whose last day is over; answers how many of each, nothing before that."""
    actor.require(Permission.SYSTEM)
    over = now() - roots.KNOWN_BY_ALL
    due = select(col(SecretRoot.version)).where(
        col(SecretRoot.family) == RootFamily.PEPPER,
        col(SecretRoot.retired_at).is_(None),
        col(SecretRoot.ends_at) <= over,
    )
    if (await session.execute(due.limit(1))).scalar_one_or_none() is None:
        return {}
    await _hold(session)
    pepper = await _older_pepper(session, actor)
    last = max((await session.execute(due)).scalars(), default=0)
    gone = tuple(version for version in pepper.older if version <= last)
    if not gone:
        return {}
    ended = await secret_hashes.end(session, actor, max(gone) + 1)
    await _end_pepper(session, actor, replace(pepper, older=gone), ended)
    return ended


async def unused_keys(session: AsyncSession, actor: Actor) -> list[tuple[UUID, str, datetime | None]]:
    """Name the keys that were not used since the pepper was turned: partner, name, last use."""
    pepper = await _older_pepper(session, actor)
    keys = await secret_hashes.unused_keys(session, actor, pepper.newest)
    return [(key.partner_id, f"{key.name} …{key.last_four}", key.last_used_at) for key in keys]
