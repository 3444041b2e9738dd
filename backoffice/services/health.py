"""How every part of the installation does, asked now and within a second each.

These functions open their own short transactions: no other part is asked inside of one.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from logging import getLogger

from sqlalchemy import text

from backoffice.adapters import beats, job_queue, key_store, live, storage
from backoffice.adapters.beats import Beat
from backoffice.adapters.key_store import Apart
from backoffice.db import Tenancy, transaction
from backoffice.errors import Unavailable
from backoffice.models.health_counts import Part, PartStatus
from backoffice.models.secret_roots import RootFamily
from backoffice.services import (
    audit_seals,
    delivery_metrics,
    engines,
    key_moves,
    key_rotations,
    key_sweeps,
    regions,
    secret_rotations,
)
from backoffice.services.access import Actor, Permission
from backoffice.services.key_rotations import Standing
from backoffice.settings import DEFAULT_REGION

log = getLogger(__name__)
BUDGET_SECONDS = 1.0
LATE_SECONDS = 60.0
"""From here on what is due counts as late."""
COUNTED = frozenset({"Job queue", "Webhooks", "Engines", "Encryption keys", "Secrets"})
"""Parts whose figures are counted from rows."""
MOST_BROKEN = 0.05
UNSEALED_SECONDS = 30.0
"""From here on the audit trail is not safe."""
WHERE = {
    Apart.SERVER: "on a server of its own",
    Apart.DATABASE: "a database of its own on the main server, whose backups hold the keys too",
    Apart.NOT: "in the main database, whose backups hold the keys too",
}
Said = tuple[PartStatus, str]
OK, DEGRADED, DOWN = PartStatus.OK, PartStatus.DEGRADED, PartStatus.DOWN


async def parts(actor: Actor) -> list[Part]:
    """Ask every part how it does."""
    actor.require(Permission.JOBS_READ)
    asked: dict[str, Callable[[], Awaitable[Said]]] = {
        "PostgreSQL": _postgres,
        "Key store": lambda: _key_store(actor),
        "Valkey": _valkey,
        "Storage": lambda: _storage(actor),
        "Workers": _workers,
        "Job queue": _jobs,
        "Webhooks": _webhooks,
        "Engines": lambda: _engines(actor),
        "Audit seal": lambda: _seal(actor),
        "Encryption keys": lambda: _keys(actor),
        "Secrets": lambda: _secrets(actor),
    }
    return list(await asyncio.gather(*(_part(name, ask) for name, ask in asked.items())))


async def workers(actor: Actor) -> list[Beat]:
    """List the workers that live; none while Valkey is away, which its own part says."""
    actor.require(Permission.JOBS_READ)
    try:
        return await beats.alive()
    except live.Away:
        return []


async def _part(name: str, ask: Callable[[], Awaitable[Said]]) -> Part:
    began = time.perf_counter()
    try:
        async with asyncio.timeout(BUDGET_SECONDS):
            status, detail = await ask()
    except Exception as error:  # noqa: BLE001 whatever a vendor raises, the part is down
        log.warning("part_down", extra={"part": name, "error": type(error).__name__})
        slow = isinstance(error, TimeoutError)
        # What takes long to count is no part that is down.
        status = DEGRADED if slow and name in COUNTED else DOWN
        detail = f"No answer within {BUDGET_SECONDS:.0f} s" if slow else "Does not answer"
    return Part(name, status, detail, (time.perf_counter() - began) * 1000)


async def _postgres() -> Said:
    statement = text("""
        select current_setting('server_version'), pg_database_size(current_database()),
            (select count(*) from pg_stat_activity where datname = current_database()),
            current_setting('max_connections')::int""")
    async with transaction(Tenancy.everyone()) as session:
        version, size, used, most = (await session.execute(statement)).one()
    is_full = used > most * 0.9
    return DEGRADED if is_full else OK, f"{version.split()[0]}, {size / 1e6:,.0f} MB, {used} of {most} connections"


async def _key_store(actor: Actor) -> Said:
    await key_store.form()
    async with transaction(Tenancy.everyone()) as session:
        is_over = await key_moves.is_over(session, actor)
    if not await key_sweeps.fits(actor):
        return DOWN, "It has no keys of this database: BACKOFFICE_KEYSTORE_URL names another one"
    return OK, f"answers, {WHERE[key_store.apart()]}" + ("" if is_over else "; keys of before still move to it")


async def _valkey() -> Said:
    await live.ping()
    told: dict[str, object] = await live.command("INFO", "memory")
    return OK, f"answers, {told.get('used_memory_human', '?')} in use"


async def _storage(actor: Actor) -> Said:
    """Ask the store of every region; one that is away stops its own partners only."""
    async with transaction(Tenancy.everyone()) as session:
        places = await regions.every(session, actor)
    away = [
        region for region, works in zip(places, await asyncio.gather(*map(_works, places)), strict=True) if not works
    ]
    if DEFAULT_REGION in away:
        return DOWN, f"Does not answer: {', '.join(away)}"
    if away:
        return DEGRADED, f"Does not answer, or is not set up: {', '.join(away)}"
    return OK, "answers" if len(places) == 1 else f"{len(places)} regions answer: {', '.join(places)}"


async def _works(region: str) -> bool:
    try:
        async with asyncio.timeout(BUDGET_SECONDS * 0.8):
            await storage.storage_for(region).check()
    except (Unavailable, TimeoutError) as error:
        log.warning("storage_down", extra={"region": region, "error": type(error).__name__})
        return False
    return True


async def _workers() -> Said:
    found = await beats.alive()
    if not found:
        return DOWN, "No sign of life for 20 s: nothing is screened and nothing is sent"
    return OK, f"{len(found)} at work"


async def _jobs() -> Said:
    async with transaction(Tenancy.everyone()) as session:
        state = await job_queue.queue_state(session)
    is_bad = state.failed > 0 or state.lag_seconds > LATE_SECONDS
    said = f"{state.waiting} wait, {state.running} run, {state.failed} failed, oldest {state.lag_seconds:.0f} s"
    return DEGRADED if is_bad else OK, said


async def _webhooks() -> Said:
    async with transaction(Tenancy.everyone()) as session:
        now = await delivery_metrics.standing(session)
    said = f"{now.due} due, {now.pending} owed, {now.lag_seconds:.0f} s late"
    if now.failing_lag_seconds:
        said += f"; to endpoints that fail {now.failing_lag_seconds / 60:.0f} min"
    return DEGRADED if now.lag_seconds > LATE_SECONDS else OK, said


async def _engines(actor: Actor) -> Said:
    async with transaction(Tenancy.everyone()) as session:
        ran, broken = await engines.newest(session, actor)
    if not ran:
        return OK, "no document in the last day"
    said = f"{ran:,} newest checks, {broken / ran * 100:.1f} % could not run"
    return DEGRADED if broken > ran * MOST_BROKEN else OK, said


async def _seal(actor: Actor) -> Said:
    async with transaction(Tenancy.everyone()) as session:
        head, waits = await audit_seals.newest(session), await audit_seals.lag(session, actor)
    size = f"{head.size:,} entries sealed" if head else "nothing sealed yet"
    if waits > UNSEALED_SECONDS:
        return DOWN, f"{size}; what was written {waits:,.0f} s ago is not: no sealer works"
    return OK, size


async def _keys(actor: Actor) -> Said:
    async with transaction(Tenancy.everyone()) as session:
        found = await key_rotations.standing(session, actor)
    said = [_key(one) if len(found) == 1 else f"{one.region}: {_key(one)}" for one in found]
    is_well = all(one.newest and not one.left for one in found)
    return OK if is_well else DEGRADED, "; ".join(said)


def _key(now: Standing) -> str:
    if not now.newest:
        return f"cannot be used, and {now.total:,} data keys are closed; `backoffice doctor` says what to set"
    if now.left:
        return f"{now.total - now.left:,} of {now.total:,} data keys are under {now.newest}; the others follow"
    return f"{now.newest} wraps {now.total:,} data keys"


async def _secrets(actor: Actor) -> Said:
    """Say how far a change is: boxes move by themselves, hashes when they are used, which may take months."""
    async with transaction(Tenancy.everyone()) as session:
        found = await secret_rotations.standing(session, actor)
    if not found.is_turning:
        return OK, f"master secret {found.secret_id} opens everything"
    before = f"; {', '.join(sorted(found.others))} still opens it too" if found.others else ""
    left = ", ".join(f"{use.name} {use.older:,}" for root in found.roots for use in root.uses if use.older)
    is_left = any(root.left for root in found.roots if root.family == RootFamily.WORKING)
    said = f"being changed, to master secret {found.secret_id}{before}; under an older one: {left or 'nothing'}"
    return DEGRADED if is_left else OK, said
