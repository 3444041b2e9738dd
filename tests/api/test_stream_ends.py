"""A stream ends when its key does, when it is quiet for long, and when nobody takes what it tells."""

import asyncio
import socket
import subprocess
import sys
import time

import httpx2
import pytest
from sqlalchemy import text, update

from backoffice.adapters import live
from backoffice.db import Tenancy, transaction
from backoffice.models.base import Prefix, public_id
from backoffice.models.partners import Partner, PartnerStatus
from backoffice.services import api_keys
from tests.api.api_process import ApiProcess
from tests.api.served_quickly import LONGEST, PATIENCE
from tests.api.sse import Listener
from tests.api.stream_cast import is_open
from tests.api.world import OPERATOR, make_world

QUICK = "tests.api.served_quickly:serve"


@pytest.fixture(scope="module")
def server(servers):
    with ApiProcess(servers) as running:
        yield running


@pytest.fixture(scope="module")
def quick(servers):
    """A server whose streams look at everything often and last a few seconds."""
    with ApiProcess(servers, QUICK) as running:
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


def said(stream) -> str:
    """Its last words; a heartbeat that was on its way may come after them."""
    return next(comment for comment in reversed(stream.comments) if comment)


@pytest.mark.parametrize("end", ["revoked", "suspended", "scope"])
async def test_a_stream_ends_when_its_key_is_no_longer_good(quick, listen, end):
    world = await make_world()
    stream = listen(quick, await world.headers(), after="now")
    await stream.until(is_open)
    async with transaction(Tenancy.everyone()) as session:
        if end == "revoked":
            await api_keys.revoke(session, OPERATOR, world.key_ids["live"])
        elif end == "suspended":
            mine = update(Partner).where(Partner.id == world.partner_id)
            await session.execute(mine.values(status=PartnerStatus.SUSPENDED))
        else:
            sql = "update api_keys set scopes = '{documents:read}' where id = :id"
            await session.execute(text(sql), {"id": world.key_ids["live"]})
    began = time.monotonic()
    assert await stream.end() is None
    assert time.monotonic() - began < 3
    words = {"revoked": "revoked", "suspended": "suspended", "scope": "events:read"}
    assert words[end] in said(stream)


async def test_a_quiet_stream_beats_and_ends_in_time(quick, acme, listen):
    stream = listen(quick, await acme.headers(), after="now")
    assert await stream.end() is None
    assert stream.comments.count("") > 5
    assert "over" in said(stream)


LARGE = """
insert into events (id, created_at, partner_id, livemode, subject_type, subject_id, request_id, type, sequence, data,
                    position)
select uuidv7(), now(), :p, true, 'document', gen_random_uuid(), '', 'document.created', 1,
       jsonb_build_object('object', jsonb_build_object('id', repeat('x', 200000))), number - 100000
from generate_series(1, 100) number"""


async def test_a_client_that_takes_nothing_is_let_go(quick, acme):
    """Twenty megabytes fill every buffer on the way; its place is free again long before the stream would end."""
    async with transaction(Tenancy.everyone()) as session:
        await session.execute(text(LARGE), {"p": acme.partner_id})
    key = await acme.key()
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", quick.port))
    with line:
        began = time.monotonic()
        line.sendall(f"GET /api/v1/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
        assert line.recv(12) == b"HTTP/1.1 200"
        holder = f"backoffice:lease:stream:{public_id(Prefix.API_KEY, acme.key_ids['live'])}"
        async with asyncio.timeout(LONGEST - 1):
            while await live.redis_client().zcard(holder):
                await asyncio.sleep(0.1)
        assert time.monotonic() - began > PATIENCE


def test_the_signals_of_the_process_still_reach_who_listened_before():
    """In a process of its own: the handler that stood first still runs."""
    program = """
import asyncio, os, signal
from backoffice.adapters import stops
async def main():
    loop, heard, first = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, first.set)
    stops.on_stop(heard.set)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(asyncio.gather(heard.wait(), first.wait()), 5)
    print("both")
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout.strip() == "both", done.stderr
