"""Jobs on PostgreSQL through pgqueuer: put in with the change that wants them, looked at by readiness and operators."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from pgqueuer.adapters.drivers.psycopg import PsycopgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from pgqueuer.adapters.persistence.queries import Queries
from psycopg import AsyncConnection
from sqlalchemy import ColumnElement, Text, column, exists, func, select, table, text
from sqlalchemy import cast as sql_cast
from sqlalchemy.ext.asyncio import AsyncSession

TABLES = "pgqueuer, pgqueuer_log, pgqueuer_schedules, pgqueuer_statistics"
SEQUENCES = "pgqueuer_id_seq, pgqueuer_log_id_seq, pgqueuer_schedules_id_seq, pgqueuer_statistics_id_seq"

Arguments = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class QueueState:
    """How the queue stands, for readiness, metrics and the operator's page."""

    waiting: int
    running: int
    failed: int
    lag_seconds: float
    """Age of the oldest job that is due and not running."""


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that used up its attempts and waits for a person."""

    id: int
    name: str
    arguments: Arguments
    attempts: int
    failed_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Depth:
    """How the jobs of one name stand."""

    name: str
    due: int
    later: int
    """Waiting for their time."""
    running: int
    failed: int
    oldest_seconds: float
    """Age of the oldest that is due and not running."""


class _EnqueueDriver(PsycopgDriver):
    """Writes through somebody else's transaction; the stock driver insists on autocommit and ends with listeners."""

    def __init__(self, connection: AsyncConnection[Any]) -> None:
        self._connection = connection


async def enqueue(  # noqa: PLR0913 what a queue knows of a job
    session: AsyncSession,
    name: str,
    arguments: Arguments,
    *,
    run_at: datetime | None = None,
    priority: int = 0,
    dedupe_key: str | None = None,
) -> int | None:
    """Put a job into the session's own transaction: it is there after the commit and never was after a rollback.

    Answers the job's id, or None when a job with this `dedupe_key` is waiting or running already.
    """
    delay = None if run_at is None else await _delay(session, run_at)
    driver = (await (await session.connection()).get_raw_connection()).driver_connection
    if not isinstance(driver, AsyncConnection):
        raise TypeError("jobs are enqueued over psycopg only")
    payload = json.dumps(dict(arguments)).encode()
    queries = Queries(_EnqueueDriver(cast("AsyncConnection[Any]", driver)))
    ids = await queries.enqueue(name, payload, priority, delay, dedupe_key, on_conflict="skip")
    return ids[0]


async def _delay(session: AsyncSession, run_at: datetime) -> timedelta:
    """Count from the transaction's start as PostgreSQL will, so neither clock drift nor a slow transaction matters."""
    began: datetime = (await session.execute(select(func.now()))).scalar_one()
    return max(run_at - began, timedelta())


def not_waiting(dedupe_key: ColumnElement[str]) -> ColumnElement[bool]:
    """Say in SQL that no job under this key waits or runs, so that a sweep looks for lost work alone."""
    jobs = table("pgqueuer", column("dedupe_key"), column("status"))
    waits = sql_cast(jobs.c.status, Text).in_(("queued", "picked"))
    return ~exists().where(jobs.c.dedupe_key == dedupe_key, waits)


def install_sql() -> str:
    """Answer the statements of a migration that makes the queue's tables."""
    environment = QueryBuilderEnvironment()
    return f"{environment.build_install_query(create_schema=False)}\n{environment.build_optimize_autovacuum_query()}"


def uninstall_sql() -> str:
    """Answer the statements that take the queue's tables away again."""
    return QueryBuilderEnvironment().build_uninstall_query()


def grants_sql(role: str = "backoffice_app") -> str:
    """Answer the grants for the role of web and worker: rows, never the tables themselves."""
    return f"grant select, insert, update, delete on {TABLES} to {role};\ngrant usage, select on {SEQUENCES} to {role};"


async def queue_state(session: AsyncSession) -> QueueState:
    """Count what waits, runs and failed."""
    statement = text("""
        select count(*) filter (where status = 'queued'), count(*) filter (where status = 'picked'),
               count(*) filter (where status = 'failed'),
               coalesce(extract(epoch from now() - min(execute_after)
                                filter (where status = 'queued' and execute_after <= now())), 0)::float8
        from pgqueuer""")
    return QueueState(*(await session.execute(statement)).one())


async def depths(session: AsyncSession) -> list[Depth]:
    """Count by name what waits, runs and failed, with the age of the oldest that is due; the longest wait first."""
    statement = text("""
        select entrypoint, count(*) filter (where status = 'queued' and execute_after <= now()),
               count(*) filter (where status = 'queued' and execute_after > now()),
               count(*) filter (where status = 'picked'), count(*) filter (where status = 'failed'),
               coalesce(extract(epoch from now() - min(execute_after)
                                filter (where status = 'queued' and execute_after <= now())), 0)::float8 as age
        from pgqueuer group by entrypoint order by age desc, entrypoint""")
    return [Depth(*row) for row in await session.execute(statement)]


async def failed_jobs(session: AsyncSession, limit: int = 50) -> list[FailedJob]:
    """List the jobs that used up their attempts, newest first."""
    statement = text("""
        select id, entrypoint, payload, attempts, updated, coalesce(
            (select traceback ->> 'exception_message' from pgqueuer_log
             where job_id = pgqueuer.id and status = 'failed' order by pgqueuer_log.created desc limit 1), '')
        from pgqueuer where status = 'failed' order by updated desc limit :limit""")
    rows = (await session.execute(statement, {"limit": limit})).all()
    return [FailedJob(row[0], row[1], json.loads(row[2] or b"{}"), row[3] + 1, row[4], row[5]) for row in rows]


async def retry_failed(session: AsyncSession, job_id: int) -> bool:
    """Let a failed job run again with fresh attempts; False when it is not failed any more."""
    statement = text("""
        with again as (
            update pgqueuer set status = 'queued', execute_after = now(), updated = now(), attempts = 0
            where id = :id and status = 'failed' returning id, entrypoint, priority)
        insert into pgqueuer_log (job_id, status, entrypoint, priority)
        select id, 'queued', entrypoint, priority from again returning job_id""")
    return (await session.execute(statement, {"id": job_id})).first() is not None


async def discard_failed(session: AsyncSession, job_id: int) -> bool:
    """Take a failed job out of the queue; False when it is not failed any more. Its log stays."""
    statement = text("""
        with gone as (
            delete from pgqueuer where id = :id and status = 'failed' returning id, entrypoint, priority)
        insert into pgqueuer_log (job_id, status, entrypoint, priority)
        select id, 'deleted', entrypoint, priority from gone returning job_id""")
    return (await session.execute(statement, {"id": job_id})).first() is not None


async def name_of(session: AsyncSession, job_id: int) -> str | None:
    """Say what a job is called, whatever its state."""
    statement = text("select entrypoint from pgqueuer where id = :id")
    return (await session.execute(statement, {"id": job_id})).scalar_one_or_none()
