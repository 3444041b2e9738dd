"""Is it alive and is it ready: for load balancers; Prometheus has a page of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from logging import getLogger

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backoffice.adapters import job_queue, key_store, live, migrations, roots, storage
from backoffice.api.metrics_page import metrics_page
from backoffice.db import Tenancy, transaction
from backoffice.settings import DEFAULT_REGION, SettingsError

log = getLogger(__name__)
BUDGET_SECONDS = 1.0


async def _database() -> None:
    async with transaction(Tenancy.everyone()) as session:
        version = (await session.execute(text("select version_num from alembic_version"))).scalar_one_or_none()
    if version != migrations.newest():
        raise RuntimeError("not at the newest migration")


async def _key_store() -> None:
    if await key_store.form() != migrations.newest(migrations.KEYS):
        raise RuntimeError("not at the newest migration")


async def _redis() -> None:
    await live.ping()


async def _storage() -> None:
    """Ask the default region's: another one that is away stops its own partners, and not this process."""
    await storage.storage_for(DEFAULT_REGION).check()


async def _jobs() -> None:
    async with transaction(Tenancy.everyone()) as session:
        await job_queue.queue_state(session)


async def _secrets() -> None:
    """See that our master secret still opens what is sealed here."""
    await asyncio.to_thread(roots.ring)


PARTS: dict[str, Callable[[], Awaitable[None]]] = {
    "database": _database,
    "key_store": _key_store,
    "redis": _redis,
    "storage": _storage,
    "jobs": _jobs,
    "secrets": _secrets,
}


async def _look(name: str, check: Callable[[], Awaitable[None]]) -> bool:
    """Answer whether one part works within its budget; the log says why not, the answer does not."""
    try:
        async with asyncio.timeout(BUDGET_SECONDS):
            await check()
    except (Exception, SettingsError) as error:  # noqa: BLE001 whatever a vendor raises, the part is not ready
        log.warning("part_not_ready", extra={"part": name, "error": type(error).__name__})
        return False
    return True


async def healthz(_: Request) -> Response:
    """Answer that this process lives, whatever else is broken."""
    return JSONResponse({"status": "alive"})


async def readyz(_: Request) -> Response:
    """Answer whether this process can do its work: each part with a budget of one second, 503 when one fails."""
    results = await asyncio.gather(*(_look(name, check) for name, check in PARTS.items()))
    parts = {name: "ok" if is_good else "failed" for name, is_good in zip(PARTS, results, strict=True)}
    is_ready = all(results)
    return JSONResponse({"status": "ready" if is_ready else "not_ready", "parts": parts}, 200 if is_ready else 503)


routes = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics_page)]
