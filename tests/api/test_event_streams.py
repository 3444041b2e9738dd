"""Open streams on a real server: no gap and no repeat across a kill, ended by key, hour and stop, bounded in number."""

import asyncio
import json
import time
from contextlib import contextmanager
from types import SimpleNamespace

import httpx2
import pytest
from sqlalchemy import text

from backoffice.db import POOL_SIZE, Tenancy, transaction
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.partners import Plan
from backoffice.models.plans import PLANS
from backoffice.services import events
from backoffice.services.access import Permission
from backoffice.services.events import Subject
from backoffice.services.permissions import SCOPES
from tests.api.api_process import ApiProcess
from tests.api.sse import Listener
from tests.api.stream_cast import is_open, opened
from tests.api.world import OPERATOR, make_world


@pytest.fixture(scope="module")
def server(servers):
    with ApiProcess(servers) as running:
        yield running


@pytest.fixture
async def browser():
    async with httpx2.AsyncClient() as client:
        yield client


@pytest.fixture
async def listen(browser):
    """Open streams that end with the test."""
    opened = []

    def listen(server, headers, **query):
        opened.append(Listener(browser, server.url, headers, **query))
        return opened[-1]

    yield listen
    for one in opened:
        await one.close()


async def happen(world, number=1, *, type_="document.created", livemode=True, subject_id=None):
    ids = []
    for _ in range(number):
        subject = Subject("document", subject_id or new_id(), world.partner_id, livemode, {"id": "x"})
        async with transaction(Tenancy.everyone()) as session:
            ids.append(public_id(Prefix.EVENT, (await events.emit(session, OPERATOR, type_, subject)).id))
    return ids


# Strangers


async def test_who_may_not_read_events_gets_no_stream(server, acme, listen):
    for headers, status, code in (
        ({}, 401, "missing_api_key"),
        (await acme.headers("blind", scopes=SCOPES - {Permission.EVENTS_READ}), 403, "insufficient_scope"),
    ):
        stream = listen(server, headers)
        assert await stream.end() is None
        assert (stream.status, json.loads(stream.body)["code"]) == (status, code)


async def test_a_stream_tells_its_own_partner_and_mode_only(server, acme, rival, listen):
    await acme.headers("test", livemode=False)
    mine, test = (
        listen(server, await acme.headers(), after="now"),
        listen(server, await acme.headers("test"), after="now"),
    )
    theirs = listen(server, await rival.headers(), after="now")
    for stream in (mine, test, theirs):
        await stream.until(is_open)
    told = [await happen(acme), await happen(acme, livemode=False), await happen(rival)]
    for stream, ids in zip((mine, test, theirs), told, strict=True):
        await stream.count(1)
        assert stream.ids == ids


async def test_a_wrong_place_is_refused_before_anything_is_sent(server, acme, rival, listen):
    [foreign] = await happen(rival)
    headers = await acme.headers()
    for query, code in (
        ({"after": "nonsense"}, "invalid_cursor"),
        ({"after": foreign}, "invalid_cursor"),
        ({"last_id": "nonsense"}, "invalid_cursor"),
        ({"last_id": "x" * 201}, "too_long"),
        ({"type": "document.declined"}, "unknown_event_type"),
        ({"limit": "5"}, "unknown_field"),
    ):
        stream = listen(server, headers, **query)
        assert await stream.end() is None
        assert (stream.status, json.loads(stream.body)["code"]) == (422, code), query


# What is told


async def test_a_message_is_the_event_and_its_id_the_lists_cursor(server, acme, listen, browser):
    headers = await acme.headers()
    ids = await happen(acme, 3)
    stream = listen(server, headers, type="document.*")
    await stream.count(3)
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert stream.headers["cache-control"] == "no-store"
    assert stream.headers["x-request-id"]
    assert "ratelimit" in stream.headers
    assert stream.ids == ids
    page = (await browser.get(f"{server.url}/events?type=document.*", headers=headers)).json()
    assert [message.data for message in stream.messages] == page["data"]
    assert {message.event for message in stream.messages} == {"document.created"}
    assert stream.messages[-1].id == page["next_cursor"]
    rest = (await browser.get(f"{server.url}/events", headers=headers, params={"after": stream.messages[1].id})).json()
    assert [row["id"] for row in rest["data"]] == ids[2:]


async def news_in(where, world, listen):
    """Say how long each of some events took to arrive, one after the other."""
    stream = listen(where, await world.headers(), after="now")
    await stream.until(is_open)
    waits = []
    for number in range(12):
        began = time.monotonic()
        await happen(world)
        await stream.count(number + 1)
        waits.append(time.monotonic() - began)
    return sorted(waits)


async def test_news_arrive_by_the_live_channel_before_anybody_looks(server, acme, listen):
    assert (await news_in(server, acme, listen))[6] < 0.5


async def test_the_whole_product_streams_through_all_its_doors(web, acme, listen):
    assert (await news_in(SimpleNamespace(url=f"{web.url}/api/v1"), acme, listen))[6] < 0.5


async def test_who_begins_at_the_present_learns_its_cursor_at_once(server, acme, listen):
    await happen(acme, 2)
    stream = listen(server, await acme.headers(), after="now")
    await stream.until(lambda heard: heard.last_id)
    await stream.close()
    assert stream.messages == []
    missed = await happen(acme, 2)
    again = listen(server, await acme.headers(), last_id=stream.last_id)
    await again.count(2)
    assert again.ids == missed


async def test_types_narrow_the_stream(server, acme, listen):
    stream = listen(server, await acme.headers(), after="now", type=["document.approved", "review.*"])
    await stream.until(is_open)
    await happen(acme)
    wanted = await happen(acme, type_="document.approved")
    await happen(acme, type_="document.rejected")
    wanted += await happen(acme, type_="document.approved")
    await stream.count(2)
    assert stream.ids == wanted


async def test_without_redis_streams_look_by_themselves(servers, acme, listen):
    with ApiProcess(servers, BACKOFFICE_REDIS_URL="redis://127.0.0.1:1/0") as alone:
        stream = listen(alone, await acme.headers(), type="document.*")
        await stream.until(is_open)
        ids = []
        for number in range(3):
            ids += await happen(acme)
            await stream.count(number + 1)
        assert stream.ids == ids
        small = await (await make_world(plan=Plan.FREE)).headers()
        statuses = [(await opened(listen(alone, small, after="now"))).status for _ in range(3)]
        assert (statuses[0], statuses[-1]) == (200, 429)


# Over restarts


async def test_a_stream_outlives_the_connections_of_the_database(server, acme, listen):
    """Every pooled connection dies; the stream goes on, or is ended and comes back with its cursor: nothing is lost."""
    headers = await acme.headers()
    stream, heard, ids = listen(server, headers, after="now"), [], []
    await stream.until(lambda heard: heard.last_id)
    for _ in range(3):
        async with transaction(Tenancy.everyone()) as session:
            sql = """select pg_terminate_backend(pid, 2000) from pg_stat_activity
                     where usename = current_user and state = 'idle' and pid <> pg_backend_pid()"""
            await session.execute(text(sql))
        ids += await happen(acme)
        while len(heard) + len(stream.messages) < len(ids):
            if stream.task.done():
                heard += stream.ids
                stream = listen(server, headers, last_id=stream.last_id)
            await asyncio.sleep(0.05)
    assert heard + stream.ids == ids


@pytest.mark.slow
async def test_no_gap_and_no_repeat_across_kills_and_stops(servers, acme, listen):
    """Events go on all the while; the server is killed and stopped in the middle of it, and started again.

    A stop ends every open stream with a word, at once. The places that a killed server held come free.
    """
    headers, small = await acme.headers(), await make_world(plan=Plan.FREE)
    with ApiProcess(servers) as server, writing(acme) as written:
        held = [listen(server, await small.headers(), after="now") for _ in range(PLANS[Plan.FREE].streams)]
        for stream in held:
            await stream.until(is_open)
        heard, last_id = [], ""
        for end in ("kill", "stop"):
            stream = listen(server, headers, last_id=last_id, type="document.*")
            await stream.count(15)
            await asyncio.to_thread(getattr(server, end))
            cut = await stream.end()
            if end == "stop":
                assert cut is None
                assert any("restarts" in comment for comment in stream.comments)
            heard += stream.ids
            last_id = stream.last_id
            server.start()
        async with asyncio.timeout(40):
            while (await opened(listen(server, await small.headers()))).status != 200:
                await asyncio.sleep(0.5)
        await written.end()
        stream = listen(server, headers, last_id=last_id, type="document.*")
        await stream.count(len(written.ids) - len(heard))
        heard += stream.ids
    assert len(heard) == len(set(heard))
    assert heard == written.ids


class Writing:
    """Writes events about three subjects, one after the other, until it is ended."""

    def __init__(self, world):
        self.ids, self.is_done = [], False
        self.task = asyncio.create_task(self._write(world))

    async def _write(self, world):
        subjects = [new_id() for _ in range(3)]
        while not self.is_done:
            for subject_id in subjects:
                self.ids.extend(await happen(world, subject_id=subject_id))
            await asyncio.sleep(0.02)

    async def end(self):
        self.is_done = True
        await self.task


@contextmanager
def writing(world):
    running = Writing(world)
    try:
        yield running
    finally:
        running.is_done = True


# Bounds


async def test_a_key_has_so_many_streams_at_once(server, listen):
    world, most = await make_world(plan=Plan.FREE), PLANS[Plan.FREE].streams
    headers = await world.headers()
    held = [listen(server, headers, after="now") for _ in range(most)]
    for stream in held:
        await stream.until(is_open)
    refused = listen(server, headers)
    assert await refused.end() is None
    problem = json.loads(refused.body)
    assert (refused.status, problem["code"]) == (429, "too_many_requests")
    assert problem["violated-policies"] == ["streams"]
    assert int(refused.headers["retry-after"]) >= 1
    other = listen(server, await world.headers("second key"), after="now")
    await other.until(is_open)
    await held[0].close()
    async with asyncio.timeout(10):
        while True:
            if (await opened(listen(server, headers, after="now"))).status == 200:
                break
            await asyncio.sleep(0.1)


async def test_open_streams_hold_no_database_connection(server, acme, listen, browser):
    """There are more streams than the pool has connections, and still everybody is answered."""
    headers = await acme.headers()
    streams = [listen(server, headers, after="now") for _ in range(2 * POOL_SIZE + 10)]
    for stream in streams:
        await stream.until(is_open)
    answer = await browser.get(f"{server.url}/events", headers=headers, timeout=20)
    assert answer.status_code == 200
    ids = await happen(acme)
    for stream in streams:
        await stream.count(1)
        assert stream.ids == ids
