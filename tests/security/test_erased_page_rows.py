"""Row 59: what an open page holds of a person in Redis goes with the person, also when nobody serves the page."""

import asyncio
import json
import os
import signal
import uuid
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from redis.asyncio import Redis
from sqlalchemy import select, text

from backoffice.adapters import live, shown
from backoffice.db import Tenancy, transaction
from backoffice.jobs import erasures as jobs
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.erasure_requests import ErasureRequest
from backoffice.models.members import Role
from backoffice.services import erasure_ledger, erasures, reveals, sessions, vault
from tests.api.world import files, make_world, passport, screened
from tests.browsing import cookie_of, signed_in
from tests.rx_socket import tab
from tests.security.test_erasure_rows import canaries, forms, in_database, in_redis
from tests.services.people import make_person
from tests.services.review_cast import SYSTEM
from tests.web_process import web_process

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(300)]
EVERYONE = Tenancy.everyone()
SOON = 2.0


async def arrived(web, world, person) -> dict:
    """A document of the person, screened."""
    async with httpx2.AsyncClient(base_url=web.url, timeout=60) as client:
        answer = await client.post(
            "/api/v1/documents", headers=await world.headers(), files=files(passport()),
            data={"applicant": json.dumps(person)},
        )  # fmt: skip
    assert answer.status_code == 201, answer.text
    await screened(answer.json()["id"])
    return answer.json()


@asynccontextmanager
async def reading(web, world, document, note=""):
    """An administrator of the partner who has the document open and said what for."""
    admin = await make_person(Role.PARTNER_ADMIN, world.partner_id)
    async with signed_in(web, Role.PARTNER_ADMIN, admin) as (_, client):
        async with transaction(EVERYONE) as session:
            found = await sessions.by_secret(session, client.cookies["sid"], ip="127.0.0.1")
        actor = sessions.actor_of(*found, ip="127.0.0.1")
        async with transaction(actor.tenancy) as session:
            key = parse_public_id(Prefix.DOCUMENT, document["id"])
            await reveals.begin(session, actor, key, purpose="other", note=note or "The bank asked for it.")
        place = f"/partner/documents/{document['id']}"
        async with tab(web.url, cookie=cookie_of(client), token=str(uuid.uuid4()), path=place) as page:
            await page.until(lambda one: one.shown("partner___document____document_state").get("status") == "ready")
            yield page, client, place


async def erased(document) -> str:
    """Erase the person, as somebody else does; answers the request."""
    applicant_id = parse_public_id(Prefix.APPLICANT, document["applicant_id"])
    async with transaction(SYSTEM.tenancy) as session:
        request = await erasures.request(session, SYSTEM, applicant_id)
    await jobs.erase(str(request.id))
    return str(request.id)


def kill(pid: int) -> None:
    """Kill a web process, its keeper first, so that nobody starts another."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for one in (pid, *map(int, children)):
        os.kill(one, signal.SIGKILL)


async def gone(servers, looked_for) -> list[str]:
    """Say what is left in Redis after at most two seconds."""
    async with asyncio.timeout(SOON * 5):
        end = asyncio.get_running_loop().time() + SOON
        while (left := await in_redis(servers, looked_for)) and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.1)
        return left


async def test_59_a_page_that_is_open_on_somebody_erased_holds_nothing_and_begins_anew(servers, web):
    world, person = await make_world(), canaries()
    document, looked_for = await arrived(web, world, person), forms([person["surname"], person["document_number"]])
    async with reading(web, world, document) as (page, client, place):
        assert person["surname"] in page.everything
        await page.settle(place)
        assert await in_redis(servers, looked_for), "an open page is in Redis: else this test shows nothing"
        await erased(document)
        await page.closed()
        assert await gone(servers, looked_for) == []
        async with tab(web.url, cookie=cookie_of(client), token=page.token, path=place, returns=True) as again:
            await again.until(lambda one: one.shown("partner___document____document_state").get("status") == "ready")
            await again.settle(place)
            assert person["surname"] not in again.everything
            assert not again.redirects
        assert await gone(servers, looked_for) == []


async def test_59_a_page_whose_process_was_killed_leaves_nothing(servers):
    person = canaries()
    world, looked_for = await make_world(), forms([person["surname"], person["document_number"]])
    with web_process(servers) as web:
        document = await arrived(web, world, person)
        async with reading(web, world, document) as (page, _, place):
            await page.settle(place)
            kill(web.pid)
            await page.closed()
            assert await in_redis(servers, looked_for), "nobody serves it any more, and it is there"
            await erased(document)
            assert await gone(servers, looked_for) == []


async def test_59_a_run_that_died_before_it_came_to_the_pages_is_finished_by_the_next(servers, web):
    world, token = await make_world(), uuid.uuid4().hex
    document = await arrived(web, world, canaries())
    request = await erased(document)
    applicant_id = parse_public_id(Prefix.APPLICANT, document["applicant_id"])
    async with Redis.from_url(servers.redis_url) as redis:  # as that death leaves it
        await redis.sadd(f"backoffice:shown:{applicant_id}", token)
        await redis.set(f"{token}_state", "Qael", ex=60)
        await jobs.erase(request)
        assert not await redis.exists(f"{token}_state", f"backoffice:shown:{applicant_id}")


async def test_59_whose_pages_could_not_be_reached_is_swept_until_they_are(servers, web, monkeypatch):
    world = await make_world()
    document = await arrived(web, world, canaries())
    applicant_id = parse_public_id(Prefix.APPLICANT, document["applicant_id"])
    async with transaction(SYSTEM.tenancy) as session:
        request = await erasures.request(session, SYSTEM, applicant_id)

    async def away(_applicant_id):
        raise live.Away

    async def swept() -> int:
        await jobs.enqueue_lost()
        async with transaction(EVERYONE) as session:
            waiting = text("select count(*) from pgqueuer where dedupe_key = :key")
            return (await session.execute(waiting, {"key": f"applicant.erase:{request.id}"})).scalar_one()

    with monkeypatch.context() as patch:
        patch.setattr(shown, "forget", away)
        with pytest.raises(live.Away):
            await jobs.erase(str(request.id))
    await forgotten_by_the_queue(request.id)
    assert await swept() == 1, "it is erased, and nobody has told its pages"
    await jobs.erase(str(request.id))
    await forgotten_by_the_queue(request.id)
    assert await swept() == 0


async def forgotten_by_the_queue(request_id) -> None:
    async with transaction(EVERYONE) as session:
        gone = text("delete from pgqueuer where dedupe_key = :key")
        await session.execute(gone, {"key": f"applicant.erase:{request_id}"})


@pytest.mark.parametrize("is_away", [False, True])
async def test_59_who_came_back_with_a_backup_leaves_open_pages_too(servers, web, monkeypatch, is_away):
    world = await make_world()
    document = await arrived(web, world, canaries())
    applicant_id = parse_public_id(Prefix.APPLICANT, document["applicant_id"])
    told = []

    async def back(*_):
        return [erasure_ledger.Erased(applicant_id, world.partner_id)]

    async def forget(one):
        told.append(one)
        if is_away:
            raise live.Away

    monkeypatch.setattr(erasure_ledger, "returned", back)
    monkeypatch.setattr(shown, "forget", forget)
    assert await jobs.erase_returned() == 1
    assert told == [applicant_id]
    async with transaction(EVERYONE) as session:
        found = select(ErasureRequest).where(ErasureRequest.applicant_id == applicant_id)
        row = (await session.execute(found)).scalar_one()
    assert (row.status, row.pages_forgotten_at is None) == ("completed", is_away)


async def test_59_what_was_read_before_an_erasure_is_not_kept_after_it(servers):
    """A handler that has read the person and writes when the erasure is over finds its mark."""
    someone, another, token = uuid.uuid4(), uuid.uuid4(), uuid.uuid4().hex
    async with Redis.from_url(servers.redis_url) as redis:
        assert await shown.note(redis, token, {someone, another})
        await redis.set(f"{token}_state", "Qael", ex=60)
        await redis.set(f"{token}_lock", "holder", ex=60)
        assert await shown.forget(someone) == 1
        assert [name async for name in redis.scan_iter(f"{token}*")] == [], "nor the lock, so that nobody writes on"
        assert not await shown.note(redis, token, {someone, another})
        assert await shown.note(redis, token, {another})
        assert await redis.ttl(f"backoffice:shown:{another}") > 2 * 24 * 3600
        assert await shown.forget(uuid.uuid4()) == 0


class Watched:
    """A client that lets somebody else act after each look around."""

    def __init__(self, client, act):
        self._client, self._act = client, act

    def __getattr__(self, name):
        return getattr(self._client, name)

    async def scan(self, **more):
        found = await self._client.scan(**more)
        await self._act()
        return found


FENCED = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[2], 'Qael', 'EX', 60) end"
"""As Reflex writes a state: while the lock is still theirs."""


@pytest.mark.parametrize("gives_back", [False, True])
async def test_59_who_holds_a_tabs_lock_writes_nothing_behind_the_scan(servers, monkeypatch, gives_back):
    """A scan has no order: the state may be passed before the lock, and whoever holds that writes it anew."""
    someone, token, times = uuid.uuid4(), uuid.uuid4().hex, []
    async with Redis.from_url(servers.redis_url, decode_responses=True) as redis:

        async def late():
            times.append(1)
            if gives_back and len(times) == 1:  # and another one came in
                await redis.delete(f"{token}_lock")
                await redis.set(f"{token}_lock", "holder", ex=60, nx=True)
            await redis.eval(FENCED, 2, f"{token}_lock", f"{token}_state", "holder")

        await shown.note(redis, token, {someone})
        await redis.set(f"{token}_state", "Qael", ex=60)
        await redis.set(f"{token}_lock", "holder", ex=60)
        monkeypatch.setattr(shown.live, "redis_client", lambda: Watched(redis, late))
        assert await shown.forget(someone) == 1
        assert times
        assert [name async for name in redis.scan_iter(f"{token}*")] == []


async def test_59_who_opens_data_is_known_wherever_it_is_opened(servers, web):
    world, person = await make_world(), canaries()
    document = await arrived(web, world, person)
    applicant_id = parse_public_id(Prefix.APPLICANT, document["applicant_id"])
    mine = set()
    before = vault.opened.set(mine)
    try:
        async with transaction(EVERYONE) as session:
            await vault.data_keys(session, {applicant_id, uuid.uuid4()})
    finally:
        vault.opened.reset(before)
    assert mine == {applicant_id}


async def test_59_what_was_written_beside_a_purpose_goes_with_the_person(servers, web):
    world, person = await make_world(), canaries()
    document, looked_for = await arrived(web, world, person), forms([person["phone"]])
    async with reading(web, world, document, note=f"Called back on {person['phone']}."):
        assert in_database(servers, looked_for) == [], "sealed from the first moment"
        await erased(document)
    assert in_database(servers, looked_for) == []
