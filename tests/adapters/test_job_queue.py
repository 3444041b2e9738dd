"""Jobs commit with their cause, run once it is time, come back after failures and after killed workers."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from backoffice import clock
from backoffice.adapters import job_runner
from backoffice.adapters.embedded import PostgresUrls
from backoffice.adapters.job_queue import enqueue, failed_jobs, grants_sql, install_sql, queue_state, retry_failed
from backoffice.adapters.job_runner import JobRunner, retry_delay

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def engine(database: PostgresUrls) -> AsyncIterator[AsyncEngine]:
    with database.connect("backoffice_owner") as owner:
        owner.execute(install_sql().encode())
        owner.execute(grants_sql().encode())
    engine = create_async_engine(database.app, connect_args={"prepare_threshold": None})
    yield engine
    await engine.dispose()


@asynccontextmanager
async def working(runner: JobRunner) -> AsyncIterator[None]:
    task = asyncio.create_task(runner.run())
    try:
        yield
    finally:
        runner.stop()
        await asyncio.wait_for(task, 20)


async def until(condition: Callable[[], Awaitable[bool] | bool], seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        answer = condition()
        if answer if isinstance(answer, bool) else await answer:
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"did not happen within {seconds} s")


async def put(engine: AsyncEngine, name: str, **options: object) -> int | None:
    async with AsyncSession(engine) as session, session.begin():
        return await enqueue(session, name, options.pop("arguments", {}), **options)


async def test_a_job_is_there_after_the_commit_and_never_was_after_a_rollback(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session, AsyncSession(engine) as other:
        await enqueue(session, "a", {})
        assert (await queue_state(other)).waiting == 0
        await session.rollback()
        await enqueue(session, "b", {})
        async with session.begin_nested() as savepoint:
            await enqueue(session, "c", {})
            await savepoint.rollback()
        await session.commit()
        await other.rollback()
        assert (await other.execute(text("select array_agg(entrypoint) from pgqueuer"))).scalar_one() == ["b"]


async def test_a_dedupe_key_keeps_one_waiting_job(engine: AsyncEngine) -> None:
    assert await put(engine, "roll_up", dedupe_key="partner:1")
    assert await put(engine, "roll_up", dedupe_key="partner:1") is None
    assert await put(engine, "roll_up", dedupe_key="partner:2")


async def test_jobs_run_with_their_arguments_soon_after_the_commit(engine: AsyncEngine, database: PostgresUrls) -> None:
    seen: list[tuple[str, float]] = []

    async def note(word: str) -> None:
        seen.append((word, time.monotonic()))

    runner = JobRunner(database.app)
    runner.register("note", note)
    async with working(runner):
        await asyncio.sleep(0.5)
        started = time.monotonic()
        await put(engine, "note", arguments={"word": "grüße"})
        await until(lambda: len(seen) == 1, 3)
    assert seen[0][0] == "grüße"
    assert seen[0][1] - started < 1
    async with AsyncSession(engine) as session:
        assert await queue_state(session) == job_state(0, 0, 0)


def job_state(waiting: int, running: int, failed: int) -> object:
    from backoffice.adapters.job_queue import QueueState

    return QueueState(waiting, running, failed, 0.0)


async def test_a_delayed_job_is_never_early_and_at_most_a_second_late(
    engine: AsyncEngine, database: PostgresUrls
) -> None:
    late: list[float] = []
    due = clock.now() + timedelta(seconds=2.5)

    async def note() -> None:
        late.append((clock.now() - due).total_seconds())

    runner = JobRunner(database.app)
    runner.register("note", note)
    async with working(runner):
        async with AsyncSession(engine) as session, session.begin():
            await session.execute(text("select pg_sleep(0.5)"))
            await enqueue(session, "note", {}, run_at=due)
        await until(lambda: len(late) == 1, 6)
    assert 0 <= late[0] < 1


async def test_many_jobs_run_at_once_and_each_once(engine: AsyncEngine, database: PostgresUrls) -> None:
    done: list[int] = []
    busy = most = 0

    async def work(number: int) -> None:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.05)
        busy -= 1
        done.append(number)

    runners = [JobRunner(database.app, concurrency=4) for _ in range(2)]
    for runner in runners:
        runner.register("work", work)
    async with AsyncSession(engine) as session, session.begin():
        for number in range(60):
            await enqueue(session, "work", {"number": number})
    async with working(runners[0]), working(runners[1]):
        await until(lambda: len(done) >= 60, 15)
    assert sorted(done) == list(range(60))
    assert 3 <= most <= 8


async def test_a_failing_job_is_retried_and_then_stays_visible_without_its_message(
    engine: AsyncEngine, database: PostgresUrls
) -> None:
    tries = 0

    async def fail(document: str) -> None:
        nonlocal tries
        tries += 1
        raise KeyError("Anna Example, born 1990-01-31")

    runner = JobRunner(database.app, first_retry=timedelta(seconds=0.1))
    runner.register("fail", fail, attempts=3)
    job_id = await put(engine, "fail", arguments={"document": "doc_1"})
    async with working(runner):
        async with AsyncSession(engine) as session:
            await until(lambda: is_failed(session), 8)
            [failed] = await failed_jobs(session)
        assert (failed.id, failed.name, failed.arguments, failed.attempts) == (job_id, "fail", {"document": "doc_1"}, 3)
        assert tries == 3
        assert failed.reason.startswith("KeyError")
        async with engine.connect() as connection:
            kept = (await connection.execute(text("select string_agg(traceback::text, '') from pgqueuer_log"))).scalar()
        assert "Anna" not in (kept or "")
        async with AsyncSession(engine) as session, session.begin():
            assert await retry_failed(session, failed.id)
            assert not await retry_failed(session, failed.id)
        await until(lambda: tries == 6, 8)


async def is_failed(session: AsyncSession) -> bool:
    await session.rollback()
    return (await queue_state(session)).failed == 1


def test_retries_wait_longer_and_longer_and_never_alike() -> None:
    pauses = [retry_delay(failures).total_seconds() for failures in range(40)]
    assert 1.6 <= pauses[0] <= 2.4
    assert 12 <= pauses[3] <= 20
    assert max(pauses) <= 3600 * 1.2
    assert len({retry_delay(3) for _ in range(20)}) > 10


async def test_a_scheduled_job_runs_once_for_all_workers(engine: AsyncEngine, database: PostgresUrls) -> None:
    ticks: list[float] = []

    async def tick() -> None:
        ticks.append(time.monotonic())
        await asyncio.sleep(0.2)

    runners = [JobRunner(database.app) for _ in range(2)]
    for runner in runners:
        runner.register("tick", tick)
        runner.every("* * * * * */2", "tick")
    async with working(runners[0]), working(runners[1]):
        await until(lambda: len(ticks) >= 2, 8)
    assert all(later - earlier > 1 for earlier, later in pairwise(ticks))


async def test_stopping_lets_jobs_finish_and_puts_back_those_that_cannot(
    engine: AsyncEngine, database: PostgresUrls
) -> None:
    finished: list[str] = []

    async def work(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        finished.append(name)

    runner = JobRunner(database.app, grace_seconds=1)
    runner.register("work", work)
    await put(engine, "work", arguments={"name": "short", "seconds": 0.7})
    await put(engine, "work", arguments={"name": "long", "seconds": 60})
    async with working(runner), AsyncSession(engine) as session:
        await until(lambda: is_running(session, 2), 5)
    assert finished == ["short"]
    async with AsyncSession(engine) as session:
        state = await queue_state(session)
    assert (state.waiting, state.running, state.failed) == (1, 0, 0)


async def is_running(session: AsyncSession, count: int) -> bool:
    await session.rollback()
    return (await queue_state(session)).running == count


async def test_the_runner_comes_back_after_its_connections_were_cut(
    engine: AsyncEngine, database: PostgresUrls
) -> None:
    seen: list[int] = []

    async def note(number: int) -> None:
        seen.append(number)

    runner = JobRunner(database.app)
    runner.register("note", note)
    async with working(runner):
        await put(engine, "note", arguments={"number": 1})
        await until(lambda: seen == [1], 5)
        with database.connect() as admin:
            admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name like '%worker'"
            )
        await put(engine, "note", arguments={"number": 2})
        await until(lambda: 2 in seen, 8)


async def test_a_job_that_took_workers_down_fails_instead_of_taking_the_next(
    engine: AsyncEngine, database: PostgresUrls
) -> None:
    runs: list[int] = []

    async def kill() -> None:
        runs.append(1)

    await put(engine, "kill")
    async with engine.begin() as connection:
        await connection.execute(text("update pgqueuer set execute_after = now() - interval '1 minute'"))
        for _ in range(job_runner.LOST_WORKERS):
            await connection.execute(
                text("insert into pgqueuer_log (job_id, status, entrypoint, priority)"
                     " select id, 'picked', entrypoint, priority from pgqueuer")
            )  # fmt: skip
    runner = JobRunner(database.app)
    runner.register("kill", kill)
    async with working(runner), AsyncSession(engine) as session:
        await until(lambda: is_failed(session), 5)
    assert runs == []


@pytest.mark.slow
async def test_jobs_of_a_killed_worker_are_taken_over_within_fifteen_seconds(
    engine: AsyncEngine, database: PostgresUrls, tmp_path: Path
) -> None:
    rescued: list[int] = []

    async def hang(number: int) -> None:
        rescued.append(number)

    for number in range(3):
        await put(engine, "hang", arguments={"number": number})
    script = [sys.executable, "-m", "tests.adapters.job_worker", database.app, str(tmp_path)]
    with subprocess.Popen(script, cwd=ROOT) as worker:
        await until(lambda: len(list(tmp_path.glob("hanging-*"))) == 3, 10)
        worker.kill()
    killed = time.monotonic()
    runner = JobRunner(database.app)
    runner.register("hang", hang)
    async with working(runner):
        await until(lambda: sorted(rescued) == [0, 1, 2], 16)
    assert time.monotonic() - killed < 17
