"""What is measured for the public status: each question by itself, within a second, and no amounts leave here.

These functions open their own short transactions: no other part is asked inside of one.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from logging import getLogger
from typing import TypeVar

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
from backoffice.settings import DEFAULT_REGION

log = getLogger(__name__)
BUDGET_SECONDS = 1.0
NEWEST = 2_000
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
    timed = (_database, storage.storage_for(DEFAULT_REGION).check, live.ping)
    async with asyncio.TaskGroup() as group:
        seconds = [group.create_task(_asked(partial(_timed, question))) for question in timed]
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


async def _asked(question: Callable[[], Awaitable[T]]) -> T | None:
    try:
        async with asyncio.timeout(BUDGET_SECONDS):
            return await question()
    except Exception as error:  # noqa: BLE001 whatever a vendor raises, it did not answer
        log.warning("status_unmeasured", extra={"error": type(error).__name__})
        return None


async def _timed(question: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await question()
    return time.perf_counter() - began


async def _database() -> None:
    async with transaction(Tenancy.everyone()) as session:
        await session.execute(text("select 1"))


async def _requests() -> Share:
    """Look at the newest API requests of the last five minutes: those that we failed, and how long they took."""
    statement = text("""
        select count(*), count(*) filter (where status >= 500),
            coalesce(percentile_cont(0.95) within group (order by duration_ms), 0)::float8 / 1000
        from (select status, duration_ms from api_requests where created_at > now() - make_interval(secs => :recent)
              order by created_at desc limit :newest) latest""")
    async with transaction(Tenancy.everyone()) as session:
        return Share(*(await session.execute(statement, {"recent": SLOT_SECONDS, "newest": NEWEST})).one())


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
    """Look at the newest checks of the last half hour: those that could not run."""
    statement = text("""
        select count(*), count(*) filter (where status = 'error')
        from (select status from checks where id >= :since order by id desc limit :newest) latest""")
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
        return (await delivery_metrics.standing(session)).lag_seconds
