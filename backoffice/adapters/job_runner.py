"""Runs jobs from the queue: many at once, again after failures, and those of a killed worker, too."""

import asyncio
import contextlib
import json
import random
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from logging import getLogger
from pathlib import Path
from typing import Any

import psycopg
from pgqueuer.adapters.drivers.psycopg import PsycopgDriver
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.executors import AbstractEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.core.qm import QueueManager
from pgqueuer.core.sm import SchedulerManager
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Context, Job, Schedule
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.rows import dict_row

from backoffice import clock

log = getLogger(__name__)

POLL = timedelta(seconds=1)
HEARTBEAT = timedelta(seconds=12)
"""A job whose worker was silent for so long is taken over by another."""
FIRST_RETRY = timedelta(seconds=2)
LONGEST_RETRY = timedelta(hours=1)
JITTER = 0.2
ATTEMPTS = 8
"""2, 4, 8 … seconds: about four minutes in all."""
LOST_WORKERS = 3
"""A job that took so many workers down with it fails instead of taking the next one."""
GRACE_SECONDS = 20.0
RECONNECT_SECONDS = 1.0
KEEP_LOG = "14 days"
PURGE = "17 * * * *"
HERE = Path(__file__).parents[1]

JobFunction = Callable[..., Awaitable[None]]


class JobFailed(Exception):
    """What the queue remembers of a failure: kind and place, never the message, which may hold personal data."""


@dataclass(frozen=True, slots=True)
class _Registration:
    name: str
    function: JobFunction
    attempts: int
    at_once: int


class _SplitDriver(PsycopgDriver):
    """Listens on one connection and asks on another, so that a query never waits for the listener to pause."""

    def __init__(self, asking: AsyncConnection[Any], listening: AsyncConnection[Any]) -> None:
        super().__init__(listening)
        self._asking = asking

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        cursor = AsyncRawCursor(self._asking, row_factory=dict_row)
        await cursor.execute(query.encode(), args or None)
        return await cursor.fetchall()

    async def execute(self, query: str, *args: object) -> str:
        cursor = AsyncRawCursor(self._asking)
        await cursor.execute(query.encode(), args or None)
        return cursor.statusmessage or ""


@dataclass
class _Executor(AbstractEntrypointExecutor):
    """Calls one function and turns its failures into retries."""

    registration: _Registration
    queries: Queries
    first_retry: timedelta
    running: set["asyncio.Task[Any]"]

    async def execute(self, job: Job, context: Context) -> None:  # noqa: ARG002 the vendor's signature
        task = asyncio.current_task()
        if task:
            self.running.add(task)
            task.add_done_callback(self.running.discard)
        await self._refuse_poison(job)
        try:
            await self.registration.function(**json.loads(job.payload or b"{}"))
        except asyncio.CancelledError:
            # The vendor would delete a cancelled job; ours goes back into the queue for the next worker.
            raise RetryRequested(timedelta(), "the worker stopped") from None
        except Exception as error:  # whatever a job raises is tried again, and told at the end
            log.exception("job_failed", extra={"job": job.entrypoint, "job_id": job.id, "attempt": job.attempts + 1})
            failure = JobFailed(_place(error))
            if job.attempts + 1 >= self.registration.attempts:
                raise failure from None
            raise RetryRequested(retry_delay(job.attempts, self.first_retry), str(failure)) from None

    async def _refuse_poison(self, job: Job) -> None:
        if clock.now() - job.execute_after < HEARTBEAT:
            return
        rows = await self.queries.driver.fetch(
            """select count(*) as picks from pgqueuer_log where job_id = $1 and status = 'picked' and id > coalesce(
               (select max(id) from pgqueuer_log where job_id = $1 and status = 'queued'), 0)""",
            job.id,
        )
        if rows[0]["picks"] > LOST_WORKERS:  # pyright: ignore[reportOperatorIssue] count(*) is an int
            raise JobFailed(f"{LOST_WORKERS} workers died while they ran it")


def retry_delay(failures: int, first: timedelta = FIRST_RETRY) -> timedelta:
    """Double the pause with every failure, within ±20 %, so that jobs that failed together do not return together."""
    pause = min(first * 2 ** min(failures, 20), LONGEST_RETRY)
    return pause * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 spread, not secrecy


def _place(error: BaseException) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(HERE)]
    where = f" at {Path(frames[-1].filename).relative_to(HERE)}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"


class JobRunner:
    """The worker's engine; register functions first, then run until `stop`."""

    def __init__(
        self,
        database_url: str,
        *,
        concurrency: int = 10,
        grace_seconds: float = GRACE_SECONDS,
        first_retry: timedelta = FIRST_RETRY,
    ) -> None:
        self._url = database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._concurrency = max(concurrency, 2)
        self._grace_seconds = grace_seconds
        self._first_retry = first_retry
        self._jobs: dict[str, _Registration] = {}
        self._schedule: list[tuple[str, str]] = []
        self._stopping = asyncio.Event()
        self._running: set[asyncio.Task[Any]] = set()

    def register(self, name: str, function: JobFunction, *, attempts: int = ATTEMPTS, at_once: int = 0) -> None:
        """Run `function(**arguments)` for jobs of this name; `at_once` bounds them over all workers, 0 is no bound."""
        if name in self._jobs:
            raise ValueError(f"the job {name} is registered twice")
        self._jobs[name] = _Registration(name, function, attempts, at_once)

    def every(self, cron: str, name: str) -> None:
        """Enqueue a registered job by a cron expression, in UTC; a sixth field counts seconds.

        A run that still waits or works is not joined by a second one, however many workers there are.
        """
        if name not in self._jobs:
            raise ValueError(f"the job {name} is not registered")
        self._schedule.append((cron, name))

    @property
    def stopping(self) -> asyncio.Event:
        """Set once it was told to stop."""
        return self._stopping

    def stop(self) -> None:
        """Take no more jobs, let the running ones finish within the grace time, put back the others."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped, over lost connections and restarts of the database."""
        while not self._stopping.is_set():
            try:
                await self._serve()
            except* (psycopg.OperationalError, psycopg.InterfaceError, OSError) as group:
                log.warning("job_queue_lost", extra={"error": type(group.exceptions[0]).__name__})
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), RECONNECT_SECONDS)

    async def _serve(self) -> None:
        async with await self._connect() as asking, await self._connect() as listening:
            queries = Queries(_SplitDriver(asking, listening))
            manager, scheduler = QueueManager(queries), SchedulerManager(queries)
            scheduler.shutdown = manager.shutdown
            self._fill(manager, scheduler, queries)
            async with asyncio.TaskGroup() as group:
                ending = group.create_task(self._end(manager))
                group.create_task(scheduler.run())
                await manager.run(
                    dequeue_timeout=POLL,
                    batch_size=self._concurrency // 2,
                    max_concurrent_tasks=self._concurrency,
                    heartbeat_timeout=HEARTBEAT,
                )
                manager.shutdown.set()
                ending.cancel()

    async def _connect(self) -> AsyncConnection[Any]:
        # Prepared statements stay off so that a transaction-pooling PgBouncer may stand in front.
        return await AsyncConnection.connect(
            self._url, autocommit=True, prepare_threshold=None, connect_timeout=5, application_name="backoffice-worker"
        )

    def _fill(self, manager: QueueManager, scheduler: SchedulerManager, queries: Queries) -> None:
        for job in self._jobs.values():
            parameters = EntrypointExecutorParameters(
                concurrency_limit=job.at_once, func=job.function, on_failure="hold"
            )
            manager.register_executor(job.name, _Executor(parameters, job, queries, self._first_retry, self._running))
        for cron, name in self._schedule:
            scheduler.schedule(name, cron, accepts_context=False)(_enqueues(queries, name))
        scheduler.schedule("job_log.purged", PURGE, accepts_context=False)(_purges(queries))

    async def _end(self, manager: QueueManager) -> None:
        await self._stopping.wait()
        manager.shutdown.set()
        await asyncio.sleep(self._grace_seconds)
        for task in tuple(self._running):
            task.cancel()


def _enqueues(queries: Queries, name: str) -> Callable[[Schedule], Awaitable[None]]:
    async def enqueue_once(_: Schedule) -> None:
        await queries.enqueue(name, b"{}", dedupe_key=f"every:{name}", on_conflict="skip")

    return enqueue_once


def _purges(queries: Queries) -> Callable[[Schedule], Awaitable[None]]:
    async def purge(_: Schedule) -> None:
        await queries.driver.execute(
            "delete from pgqueuer_log where aggregated and status <> 'failed' and created < now() - $1::interval",
            KEEP_LOG,
        )
        await queries.driver.execute("delete from pgqueuer_statistics where created < now() - interval '90 days'")

    return purge
