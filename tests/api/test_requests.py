"""The log of API requests: who may read it, what stands in it, what never does, and what it costs nobody."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from backoffice import clock
from backoffice.adapters import metrics
from backoffice.db import Store, Tenancy, engine, transaction
from backoffice.errors import NotAllowed, NotFound
from backoffice.jobs.api_requests import purge
from backoffice.models.base import Prefix, new_id, parse_public_id, public_id
from backoffice.models.members import Role
from backoffice.models.partners import Plan
from backoffice.services import api_keys, api_requests
from backoffice.services.access import Actor
from backoffice.services.request_log import request_log
from tests.api.world import OPERATOR, applicant, files, make_world

URL = "/api/v1/requests"
DOCUMENTS = "/api/v1/documents"


async def logged(client, headers, **query):
    await request_log.flush()
    answer = await client.get(URL, headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def rows_of(world):
    await request_log.flush()
    async with transaction(Tenancy.everyone()) as session:
        sql = "select t::text from api_requests t where partner_id = :p"
        return list((await session.execute(text(sql), {"p": world.partner_id})).scalars())


def key_of(world, name="live"):
    return public_id(Prefix.API_KEY, world.key_ids[name])


# Outsiders


async def test_another_partners_and_the_other_modes_requests_do_not_exist(client, acme, rival):
    await client.get(DOCUMENTS, headers=await rival.headers())
    [line] = await logged(client, await rival.headers())
    for headers in (await acme.headers(), await rival.headers("test", livemode=False)):
        assert line["id"] not in [one["id"] for one in await logged(client, headers)]
        assert await logged(client, headers, request_id=line["request_id"]) == []
        assert await logged(client, headers, key_id=line["key_id"]) == []
        answer = await client.get(f"{URL}/{line['id']}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.PARTNER_ADMIN, True),
        (Role.PARTNER_DEVELOPER, True),
        (Role.PARTNER_ANALYST, False),
        (Role.REVIEWER, False),
    ],
)
async def test_people_need_a_permission_of_its_own(client, acme, role, may):
    await client.get(DOCUMENTS, headers=await acme.headers())
    await request_log.flush()
    actor = Actor.member(id=new_id(), name="x", role=role, partner_id=acme.partner_id)
    async with transaction(actor.tenancy) as session:
        if not may:
            with pytest.raises(NotAllowed):
                await api_requests.page(session, actor, api_requests.Filter())
            return
        [row] = (await api_requests.page(session, actor, api_requests.Filter())).rows
        assert (await api_requests.get(session, actor, row.id)).path == DOCUMENTS
        with pytest.raises(NotFound):
            await api_requests.get(session, actor, new_id())


# What stands in it


async def test_a_line_says_what_was_asked_and_how_it_was_answered(client, acme, address):
    headers = await acme.headers()
    made = await client.post(DOCUMENTS, headers=headers, files=files())
    place = f"{DOCUMENTS}/{made.json()['id']}"
    await client.get(place, headers=headers)
    read, sent = await logged(client, headers)
    assert (read["method"], read["route"], read["path"]) == ("GET", "/documents/{document_id}", place)
    assert (sent["method"], sent["path"], sent["status"], sent["code"]) == ("POST", DOCUMENTS, 201, None)
    assert sent["request_id"] == made.headers["x-request-id"]
    assert (sent["key_id"], sent["ip"], sent["is_replay"]) == (key_of(acme), address, False)
    assert sent["request_bytes"] > 1_000
    assert sent["duration_ms"] > 0
    assert sent["errors"] == []
    assert (await client.get(f"{URL}/{sent['id']}", headers=headers)).json() == sent


async def test_a_refusal_stands_there_with_code_and_places(client, acme):
    headers = await acme.headers()
    wrong = {"issuing_country": "Atlantis"}
    refused = await client.post(DOCUMENTS, headers=headers, files=files(), data=wrong)
    missing = await client.get(f"{DOCUMENTS}/doc_nothing", headers=headers)
    late, first = await logged(client, headers)
    assert (first["status"], first["code"]) == (422, "invalid_country")
    assert first["errors"] == [{"pointer": "/issuing_country", "code": "invalid_country"}]
    assert (late["status"], late["code"], late["request_id"]) == (404, "not_found", missing.headers["x-request-id"])
    assert refused.headers["x-request-id"] == first["request_id"]


async def test_a_replay_is_marked(client, acme):
    headers = await acme.headers() | {"Idempotency-Key": "once"}
    for _ in range(2):
        await client.post(DOCUMENTS, headers=headers, files=files())
    assert [line["is_replay"] for line in await logged(client, await acme.headers())] == [True, False]


async def test_a_known_key_that_is_refused_is_there_and_an_unknown_one_is_not(client, acme):
    headers = await acme.headers()
    await acme.key("old")
    async with transaction(Tenancy.everyone()) as session:
        await api_keys.revoke(session, OPERATOR, acme.key_ids["old"])
    await client.get(DOCUMENTS, headers=await acme.headers("old"))
    good = await acme.key("old")
    front = good.rpartition("_")[0][:-1]
    guess = f"{front}{'A' if good.rpartition('_')[0][-1] != 'A' else 'B'}"
    await client.get(DOCUMENTS, headers={"Authorization": f"Bearer {guess}_{api_keys.checksum(guess)}"})
    await client.get(DOCUMENTS)
    [line] = await logged(client, headers)
    assert (line["key_id"], line["status"], line["code"]) == (key_of(acme, "old"), 401, "api_key_revoked")


async def test_no_body_no_query_no_header_and_no_link_is_kept(client, acme):
    headers = await acme.headers() | {"User-Agent": "secret-agent", "Idempotency-Key": "secret-idea"}
    data = {"applicant": applicant(surname="Secretperson"), "external_id": "secret-reference"}
    made = (await client.post(DOCUMENTS, headers=headers, files=files(), data=data)).json()
    await client.get(DOCUMENTS, headers=headers, params={"q": "secret-question"})
    place = f"{DOCUMENTS}/{made['id']}/files/{made['files'][0]['id']}"
    link = (await client.get(place, headers=headers, params={"variant": "original"})).json()["url"]
    opened = await client.get(link[link.index("/api/v1") :])
    assert opened.status_code == 200
    kept = "".join(await rows_of(acme))
    assert "/files/{token}" in kept
    assert "ecret" not in kept
    assert link.rpartition("/")[2] not in kept
    assert (await acme.key()).split("_")[3] not in kept


@pytest.mark.parametrize("path", ["%00", "%ff%fe", "x" * 5_000, "%E2%80%AE%F0%9F%98%80"])
async def test_no_path_breaks_the_log(client, acme, path):
    headers = await acme.headers()
    await client.get(f"{DOCUMENTS}/{path}", headers=headers)
    await client.get(DOCUMENTS, headers=headers, params={"a\x00b\n": "1"})
    lines = await rows_of(acme)
    assert len(lines) == 2
    assert all(len(line) < 1_500 for line in lines)


# How it is read


async def test_filters_narrow_and_pages_neither_skip_nor_repeat(client, acme):
    headers, other = await acme.headers(), await acme.headers("other")
    for number in range(3):
        await client.get(DOCUMENTS, headers=headers)
        await client.get(f"{DOCUMENTS}/doc_{number}", headers=other)
        await client.post(f"{DOCUMENTS}/doc_{number}/cancel", headers=other)
    await request_log.flush()
    asked = {
        "method=GET": 6,
        "method=POST": 3,
        "status=4xx": 6,
        "status=404": 6,
        "status=2xx": 3,
        "status=5xx": 0,
        "status=200": 3,
        "code=not_found": 6,
        "code=nothing": 0,
        "route=/documents/{document_id}/cancel": 3,
        f"key_id={key_of(acme, 'other')}": 6,
        f"key_id={key_of(acme)}": 3,
        "created_after=2999-01-01T00:00:00Z": 0,
        "created_before=2999-01-01T00:00:00Z": 9,
        "created_before=2020-01-01T00:00:00Z": 0,
        "created_before=0451-05-21T23:10:47Z": 0,
        "created_after=0001-01-01T00:00:00Z": 9,
        "created_before=9999-12-31T23:59:59Z": 9,
    }
    reader = await acme.headers("reader", scopes=["usage:read"])
    for query, count in asked.items():
        name, value = query.split("=", 1)
        seen, cursor = [], None
        while cursor is not None or not seen:
            params = {name: value, "limit": 2} | ({"cursor": cursor} if cursor else {})
            page = (await client.get(URL, headers=reader, params=params)).json()
            seen += [row["id"] for row in page["data"]]
            cursor = page["next_cursor"]
            if not seen:
                break
        assert len(seen) == count == len(set(seen)), query
        assert seen == sorted(seen, reverse=True)


async def test_a_search_looks_through_so_many_lines_and_says_how_far_it_came(client, acme, monkeypatch):
    monkeypatch.setattr(api_requests, "LOOKED_AT", 4)
    headers = await acme.headers()
    await client.get(f"{DOCUMENTS}/doc_x", headers=headers)
    for _ in range(9):
        await client.get(DOCUMENTS, headers=headers)
    await request_log.flush()
    reader, found, cursor, pages = await acme.headers("reader", scopes=["usage:read"]), [], None, 0
    while pages == 0 or cursor:
        params = {"status": "404"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(URL, headers=reader, params=params)).json()
        assert page["has_more"] is (page["next_cursor"] is not None)
        found, cursor, pages = found + page["data"], page["next_cursor"], pages + 1
    assert len(found) == 1
    assert pages == 3


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"status": "600"}, "invalid_value"),
        ({"status": "4x"}, "invalid_value"),
        ({"method": "BREW"}, "invalid_choice"),
        ({"key_id": "doc_x"}, "not_found"),
        ({"cursor": "evt_x"}, "invalid_cursor"),
        ({"limit": "101"}, "out_of_range"),
        ({"created_after": "monday"}, "invalid_date"),
        ({"path": "/"}, "unknown_field"),
    ],
)
async def test_wrong_filters_are_refused(client, acme, query, code):
    answer = await client.get(URL, headers=await acme.headers(), params=query)
    assert answer.json()["code"] == code


# How it is kept


async def test_a_database_that_is_away_breaks_no_request_and_loses_no_line(client, acme):
    headers = await acme.headers()
    async with transaction(Tenancy.everyone()) as session:
        await session.execute(text("lock table api_requests in access exclusive mode"))
        for _ in range(3):
            assert (await client.get(DOCUMENTS, headers=headers)).status_code == 200
        flushing = asyncio.create_task(request_log.flush())
        sql = """select pg_terminate_backend(pid) from pg_stat_activity
                 where wait_event_type = 'Lock' and query like '%api_requests%'"""
        found = []
        while not found:
            await asyncio.sleep(0.02)
            async with engine(Store.MAIN).connect() as connection:
                found = (await connection.execute(text(sql))).all()
        await flushing
    assert len(await rows_of(acme)) == 3


async def test_a_full_buffer_drops_the_oldest_and_counts_it(client, acme, monkeypatch):
    await request_log.flush()
    monkeypatch.setattr(request_log, "_max_waiting", 3)
    dropped = metrics.request_log_dropped.labels("full")._value.get()
    headers = await acme.headers()
    for number in range(5):
        await client.get(f"{DOCUMENTS}/doc_{number}", headers=headers)
    assert metrics.request_log_dropped.labels("full")._value.get() - dropped == 2
    paths = "".join(await rows_of(acme))
    assert [number for number in range(5) if f"doc_{number}" in paths] == [2, 3, 4]


async def test_a_flood_that_is_refused_leaves_a_few_lines(client, database):
    world = await make_world(plan=Plan.FREE)
    headers = await world.headers()
    await request_log.flush()
    statuses = [(await client.get(DOCUMENTS, headers=headers)).status_code for _ in range(60)]
    assert statuses.count(429) > 10
    lines = await rows_of(world)
    assert statuses.count(200) < len(lines) <= statuses.count(200) + 5


async def test_after_thirty_days_a_line_is_gone(client, acme):
    headers = await acme.headers()
    for _ in range(2):
        await client.get(DOCUMENTS, headers=headers)
    old, young = [parse_public_id(Prefix.API_REQUEST, line["id"]) for line in await logged(client, headers)]
    async with transaction(Tenancy.everyone()) as session:
        sql = "update api_requests set created_at = :t where id = :i"
        await session.execute(text(sql), {"t": clock.now() - timedelta(days=30, minutes=1), "i": old})
        await session.execute(text(sql), {"t": clock.now() - timedelta(days=29), "i": young})
    await purge()
    left = [line["id"] for line in await logged(client, headers)]
    assert public_id(Prefix.API_REQUEST, old) not in left
    assert public_id(Prefix.API_REQUEST, young) in left
