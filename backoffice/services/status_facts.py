"""What is measured for the public status: each question by itself, within a second, and no amounts leave here.

These functions open their own short transactions: no other part is asked inside of one.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from logging import getLogger
from typing import Any, TypeVar

from sqlalchemy import func, select, text
from sqlmodel import col

from backoffice.adapters import live, storage
from backoffice.clock import present
from backoffice.db import Tenancy, transaction
from backoffice.models.base import floor_id
from backoffice.models.review_tasks import OPEN, ReviewTask
from backoffice.models.status_samples import SLOT_SECONDS
from backoffice.services import delivery_metrics
from backoffice.services.access import Actor, Permission
from backoffice.settings import DEFAULT_REGION, SettingsError

log = getLogger(__name__)
BUDGET_SECONDS = 1.0
NEWEST = 2_000
FEWEST = 20
"""Fewer than this many say nothing about a share."""
_under_way: dict[str, asyncio.Task[Any]] = {}
"""How many of the newest requests and checks are looked at."""
RECENT_CHECKS = timedelta(minutes=30)
MOST = 20_000
"""Where counting reviews stops."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Share:
    """How many of some things went wrong, or are late."""

    count: int
    bad: int
    seconds: float = 0.0
    """How long 95 of 100 took at most, where that is known."""


@dataclass(frozen=True, slots=True)
class Queue:
    """How late jobs are, and when a worker last did what is done every few seconds."""

    silent_seconds: float | None
    """None when no worker ever worked."""
    screening_seconds: float
    reviews_seconds: float


@dataclass(frozen=True, slots=True)
class Facts:
    """What was measured; None where there was no answer in time."""

    database_seconds: float | None
    storage_seconds: float | None
    live_seconds: float | None
    requests: Share | None
    queue: Queue | None
    checks: Share | None
    reviews: Share | None
    deliveries_seconds: float | None


async def measure(actor: Actor) -> Facts:
    """Ask everything at once."""
    actor.require(Permission.JOBS_READ)
    timed = (_database, _storage, live.ping)
    async with asyncio.TaskGroup() as group:
        seconds = [group.create_task(_asked(partial(_timed, question), question.__name__)) for question in timed]
        requests, queue = group.create_task(_asked(_requests)), group.create_task(_asked(_queue))
        checks, reviews = group.create_task(_asked(_checks)), group.create_task(_asked(_reviews))
        deliveries = group.create_task(_asked(_deliveries))
    return Facts(
        *(one.result() for one in seconds),
        requests=requests.result(),
        queue=queue.result(),
        checks=checks.result(),
        reviews=reviews.result(),
        deliveries_seconds=deliveries.result(),
    )


async def _asked(question: Callable[[], Coroutine[Any, Any, T]], name: str = "") -> T | None:
    """Wait so long and no longer; who still hangs is not asked again, and is not waited for to give up either."""
    name = name or getattr(question, "__name__", repr(question))
    task = _under_way.get(name)
    if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
        task = _under_way[name] = asyncio.create_task(_tried(question))
    done, _ = await asyncio.wait({task}, timeout=BUDGET_SECONDS)
    return task.result() if done else None


async def _tried(question: Callable[[], Awaitable[T]]) -> T | None:
    try:
        return await question()
    except (Exception, SettingsError) as error:  # noqa: BLE001 whatever a vendor raises, it did not answer
        log.warning("status_unmeasured", extra={"error": type(error).__name__})
        return None


async def _timed(question: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await question()
    return time.perf_counter() - began


async def _storage() -> None:
    await storage.storage_for(DEFAULT_REGION).check()


async def _database() -> None:
    async with transaction(Tenancy.everyone()) as session:
        await session.execute(text("select 1"))


async def _requests() -> Share:
    """Look at the newest live API requests of the last five minutes: those that we failed, and how long reading took.

    A body comes as fast as its sender sends, and a stream lasts as long as its reader listens: neither says how we do.
    """
    statement = text("""
        with latest as (
            select status, duration_ms, method = 'GET' and route not like '%/stream' as is_read from api_requests
            where created_at > now() - make_interval(secs => :recent) and livemode
            order by created_at desc limit :newest)
        select count(*), count(*) filter (where status >= 500), case when count(*) filter (where is_read) >= :fewest
            then percentile_cont(0.95) within group (order by duration_ms) filter (where is_read) / 1000
            else 0 end::float8
        from latest""")
    given = {"recent": SLOT_SECONDS, "newest": NEWEST, "fewest": FEWEST}
    async with transaction(Tenancy.everyone()) as session:
        return Share(*(await session.execute(statement, given)).one())


async def _queue() -> Queue:
    statement = text("""
        with due as (
            select entrypoint, extract(epoch from now() - min(execute_after)) as age from pgqueuer
            where status = 'queued' and execute_after <= now() group by entrypoint)
        select (select extract(epoch from now() - max(last_run))::float8 from pgqueuer_schedules),
            coalesce((select max(age) from due where entrypoint = 'document.screen'), 0)::float8,
            coalesce((select max(age) from due
                      where entrypoint = 'decision.finalize' or entrypoint like 'review.%'), 0)::float8""")
    async with transaction(Tenancy.everyone()) as session:
        return Queue(*(await session.execute(statement)).one())


async def _checks() -> Share:
    """Look at the live documents of the newest checks of the last half hour: those of which a check could not run.

    That a file itself could not be opened in time says more of the file.
    """
    statement = text("""
        select count(distinct d.id), count(distinct d.id) filter (where status_ = 'error' and name <> 'file_safety')
        from (select document_id, name, status as status_ from checks where id >= :since
              order by id desc limit :newest) latest
        join documents d on d.id = latest.document_id and d.livemode""")
    since = floor_id(present() - RECENT_CHECKS)
    async with transaction(Tenancy.everyone()) as session:
        return Share(*(await session.execute(statement, {"since": since, "newest": NEWEST})).one())


async def _reviews() -> Share:
    """Look at what waits for a person: how much of it is later than promised."""
    waiting = (
        select(col(ReviewTask.due_at))
        .where(text(OPEN), col(ReviewTask.livemode), col(ReviewTask.sla_paused_at).is_(None))
        .where(col(ReviewTask.due_at).is_not(None))
        .limit(MOST)
        .subquery()
    )
    statement = select(func.count(), func.count().filter(waiting.c.due_at < func.now())).select_from(waiting)
    async with transaction(Tenancy.everyone()) as session:
        return Share(*(await session.execute(statement)).one())


async def _deliveries() -> float:
    async with transaction(Tenancy.everyone()) as session:
        return await delivery_metrics.lag(session)
