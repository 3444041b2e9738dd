"""The buffer's own task: soon, sooner when much waits, and a last time at the end."""

import asyncio

import pytest
from sqlalchemy import text

from backoffice.db import Tenancy, transaction
from backoffice.models.base import new_id
from backoffice.services import request_log
from backoffice.services.api_keys import Proven
from backoffice.services.request_log import Line, RequestLog
from tests.api.world import make_world


def line(world, number=0, **more):
    values = {
        "proven": Proven(new_id(), world.partner_id, livemode=True),
        "method": "GET",
        "route": "/documents",
        "path": "/api/v1/documents",
        "status": 200,
        "seconds": 0.0123,
        "ip": "203.0.113.9",
        "request_id": f"req_{number}",
        "request_bytes": 0,
    }
    return Line(**values | more)


async def kept(world):
    async with transaction(Tenancy.everyone()) as session:
        sql = "select request_id from api_requests where partner_id = :p order by id"
        return list((await session.execute(text(sql), {"p": world.partner_id})).scalars())


async def until(world, count):
    async with asyncio.timeout(20):
        while len(await kept(world)) < count:
            await asyncio.sleep(0.02)


async def test_a_line_is_there_soon_without_anybody_asking(database):
    world, log = await make_world(), RequestLog()
    async with log.kept():
        log.note(line(world))
        await until(world, 1)


async def test_two_hundred_do_not_wait_for_the_clock(database, monkeypatch):
    monkeypatch.setattr(request_log, "FLUSH_SECONDS", 3600)
    world, log = await make_world(), RequestLog()
    async with log.kept():
        for number in range(request_log.BATCH):
            log.note(line(world, number))
        await until(world, request_log.BATCH)


async def test_the_last_ones_are_kept_at_the_end(database, monkeypatch):
    monkeypatch.setattr(request_log, "FLUSH_SECONDS", 3600)
    world, log = await make_world(), RequestLog()
    async with log.kept():
        for number in range(7):
            log.note(line(world, number))
        assert await kept(world) == []
    assert await kept(world) == [f"req_{number}" for number in range(7)]


async def test_what_the_database_refuses_is_dropped_alone_with_its_batch(database):
    world, log = await make_world(), RequestLog()
    log.note(line(world, 1, status=2**40))
    await log.flush()
    log.note(line(world, 2))
    await log.flush()
    assert await kept(world) == ["req_2"]


@pytest.mark.parametrize("pointer", ["/a\x00b", "/\ud800", "/" + "x" * 5_000])
async def test_no_place_breaks_a_batch(database, pointer):
    world, log = await make_world(), RequestLog()
    log.note(line(world, 1, errors=[{"pointer": pointer, "code": "unknown_field"}] * 50, code="unknown_field"))
    await log.flush()
    assert await kept(world) == ["req_1"]
