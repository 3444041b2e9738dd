"""Messages leave after the commit, listeners survive Redis, counting is exact, an outage is quick and typed."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import psutil
import pytest

from backoffice import db
from backoffice.adapters import embedded, live
from backoffice.settings import settings


@pytest.fixture
def valkey_folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture(autouse=True)
async def configured(
    postgres: embedded.PostgresUrls, valkey_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[None]:
    await forget_settings()
    with embedded.embedded_valkey(valkey_folder) as url:
        monkeypatch.setenv("BACKOFFICE_REDIS_URL", url)
        monkeypatch.setenv("BACKOFFICE_DATABASE_URL", postgres.app)
        yield
        await forget_settings()


async def forget_settings() -> None:
    await live.close()
    await db.close()
    settings.cache_clear()


def server(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "valkey" / "valkey.pid").read_text()))


class Listener:
    """Collects what a web process would hear."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.task = asyncio.create_task(self._collect())

    async def _collect(self) -> None:
        async with aclosing(live.listen()) as names:
            async for name in names:
                self.names.append(name)

    async def until(self, name: str, seconds: float = 5) -> None:
        give_up = time.monotonic() + seconds
        while name not in self.names:
            assert time.monotonic() < give_up, self.names
            await asyncio.sleep(0.01)


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listener = Listener()
    while not (await live.redis_client().pubsub_numsub(live.CHANNEL))[0][1]:
        await asyncio.sleep(0.01)
    yield listener
    listener.task.cancel()
    await asyncio.gather(listener.task, return_exceptions=True)


async def test_names_leave_once_and_only_after_the_commit(listener: Listener) -> None:
    async with db.transaction(db.Tenancy.everyone()) as session:
        live.announce(session, "document:1", "partner:1")
        live.announce(session, "document:1", "queue:main")
        await asyncio.sleep(0.1)
        assert listener.names == []
    await listener.until("queue:main")
    assert listener.names == ["document:1", "partner:1", "queue:main"]


async def test_nothing_leaves_after_a_rollback(listener: Listener) -> None:
    async def change_and_fail() -> None:
        async with db.transaction(db.Tenancy.everyone()) as session:
            live.announce(session, "document:lost")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await change_and_fail()
    await live.publish("document:after")
    await listener.until("document:after")
    assert "document:lost" not in listener.names


async def test_a_lost_message_does_not_fail_the_request(valkey_folder: Path) -> None:
    embedded.stop_valkey(valkey_folder)
    async with db.transaction(db.Tenancy.everyone()) as session:
        live.announce(session, "document:1")


async def test_a_listener_survives_a_killed_redis_and_hears_of_the_gap(listener: Listener, valkey_folder: Path) -> None:
    await live.publish("before")
    await listener.until("before")
    process = server(valkey_folder)
    process.kill()
    process.wait(5)
    embedded.start_valkey(valkey_folder)
    await listener.until(live.RESYNC)
    await live.publish("after")
    await listener.until("after")


async def test_exactly_the_limit_passes_however_many_try_at_once() -> None:
    hits = await asyncio.gather(*(live.hit("login:1", 20, 600) for _ in range(50)))
    assert sum(hit.is_allowed for hit in hits) == 20
    assert sorted(hit.remaining for hit in hits if hit.is_allowed) == list(range(20))
    refused = await live.hit("login:1", 20, 600)
    assert not refused.is_allowed
    assert 1 <= refused.reset_seconds <= 30


@pytest.mark.parametrize("limit", [1, 3, 7, 50, 999])
async def test_the_last_of_a_burst_is_not_lost_to_rounding(limit: int) -> None:
    hits = [await live.hit("burst", limit, 86_400) for _ in range(limit + 1)]
    assert [hit.is_allowed for hit in hits] == [True] * limit + [False]
    assert hits[0].remaining == limit - 1


async def test_the_limit_refills_and_refused_tries_cost_nothing() -> None:
    for _ in range(4):
        await live.hit("refill", 2, 1)
    assert not (await live.hit("refill", 2, 1)).is_allowed
    await asyncio.sleep(0.55)
    assert (await live.hit("refill", 2, 1)).is_allowed
    assert not (await live.hit("refill", 2, 1)).is_allowed


async def test_looking_costs_nothing_and_forgetting_starts_anew() -> None:
    for _ in range(3):
        assert (await live.hit("look", 1, 60, cost=0)).is_allowed
    assert (await live.hit("look", 1, 60)).is_allowed
    assert not (await live.hit("look", 1, 60)).is_allowed
    await live.forget("look")
    assert (await live.hit("look", 1, 60)).is_allowed


async def test_one_key_does_not_use_up_another() -> None:
    assert (await live.hit("acme", 1, 60)).is_allowed
    assert (await live.hit("rival", 1, 60)).is_allowed


async def test_counts_leave_redis_by_themselves() -> None:
    await live.hit("short", 5, 1)
    await asyncio.sleep(0.4)
    assert not await live.redis_client().exists("backoffice:hit:short")


async def test_a_stopped_redis_is_away_at_once(valkey_folder: Path) -> None:
    embedded.stop_valkey(valkey_folder)
    started = time.monotonic()
    for call in (live.hit("x", 1, 1), live.publish("x"), live.forget("x")):
        with pytest.raises(live.Away):
            await call
    assert time.monotonic() - started < 0.5


async def test_a_frozen_redis_is_away_soon_and_back_afterwards(valkey_folder: Path) -> None:
    await live.hit("x", 9, 60)
    server(valkey_folder).send_signal(signal.SIGSTOP)
    started = time.monotonic()
    with pytest.raises(live.Away):
        await live.hit("x", 9, 60)
    assert time.monotonic() - started < 1
    server(valkey_folder).send_signal(signal.SIGCONT)
    await asyncio.sleep(0.2)
    assert (await live.hit("x", 9, 60)).is_allowed
