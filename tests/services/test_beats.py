"""Signs of life: a worker that works is seen, one that stopped is not, and screens hear of both."""

import asyncio

import pytest

from backoffice.adapters import beats, live

pytestmark = pytest.mark.usefixtures("database")


async def test_a_worker_is_seen_while_it_works_and_gone_when_it_stops():
    heard: list[str] = []
    await live.command("DEL", beats.KEY)

    async def listen() -> None:
        async for name in live.listen():
            heard.append(name)  # noqa: PERF401 it never ends

    async with asyncio.timeout(60):
        listening = asyncio.create_task(listen())
        while "ready" not in heard:
            await live.publish("ready")
            await asyncio.sleep(0.02)
        stopping = asyncio.Event()
        working = asyncio.create_task(beats.run(stopping))
        while not (found := await beats.alive()):
            await asyncio.sleep(0.01)
        assert (len(found), found[0].seen_at >= found[0].started_at) == (1, True)
        stopping.set()
        await working
        assert not {one.name for one in await beats.alive()} & {one.name for one in found}
        while heard.count(beats.TOPIC) < 2:
            await asyncio.sleep(0.01)
    listening.cancel()


async def test_who_is_silent_is_forgotten():
    await live.command("HSET", beats.KEY, "lost:1", "[0, 0]")
    assert "lost:1" not in {one.name for one in await beats.alive()}
    assert await live.command("HEXISTS", beats.KEY, "lost:1") == 0
