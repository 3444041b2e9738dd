"""The month's documents: exact under many at once, told in time, and nothing is kept of what is refused."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from backoffice import clock
from backoffice.db import Tenancy, transaction
from backoffice.models.members import Role
from backoffice.models.partners import Plan
from backoffice.models.plans import PLANS, Terms
from backoffice.services import api_keys, events, quotas
from backoffice.services.access import Actor
from backoffice.settings import settings
from tests.api.world import files, make_world, picture

URL = "/api/v1/documents"
QUOTA = "/api/v1/quota"
USAGE = "/api/v1/usage"
CAP = PLANS[Plan.FREE].documents_per_month


@pytest.fixture
async def world(database):
    return await make_world(plan=Plan.FREE)


async def run(sql, **values):
    async with transaction(Tenancy.everyone()) as session:
        result = await session.execute(text(sql), values)
        return result.all() if result.returns_rows else []


async def use_up(world, used):
    """Let the partner have sent so many this month."""
    month = clock.now().date().replace(day=1)
    sql = """insert into usage_counters (partner_id, livemode, metric, month, used)
             values (:p, true, 'documents', :m, :u)
             on conflict (partner_id, livemode, metric, month) do update set used = :u"""
    await run(sql, p=world.partner_id, m=month, u=used)


async def used(world):
    sql = "select used from usage_counters where partner_id = :p and metric = 'documents'"
    return [row[0] for row in await run(sql, p=world.partner_id)]


async def told(world):
    sql = """select type, data->'object'->>'percent', data->'object'->>'used' from events
             where partner_id = :p and subject_type = 'partner' order by sequence"""
    return [tuple(row) for row in await run(sql, p=world.partner_id)]


async def documents_of(world):
    return (await run("select count(*) from documents where partner_id = :p", p=world.partner_id))[0][0]


def stored(world):
    return [path for path in (settings().data_dir / "documents").rglob(f"{world.partner_id}/**/*") if path.is_file()]


async def send(client, headers, **more):
    return await client.post(URL, headers=headers | more, files=files())


async def test_each_live_document_counts_one(client, world):
    headers = await world.headers()
    for number in (1, 2, 3):
        assert (await send(client, headers)).status_code == 201
        body = (await client.get(QUOTA, headers=headers)).json()
        assert body["documents"]["used"] == number
        assert body["documents"]["remaining"] == CAP - number
    assert (body["plan"], body["documents"]["included"]) == ("free", CAP)
    start, end = quotas.month_of(clock.now())
    assert body["period"]["starts_at"] == f"{start:%Y-%m-%d}T00:00:00.000Z"
    assert body["documents"]["resets_at"] == body["period"]["ends_at"] == f"{end:%Y-%m-%d}T00:00:00.000Z"
    assert body["requests"] == [
        {"name": "burst", "quota": 20, "seconds": 4, "counts": "all"},
        {"name": "daily", "quota": 5_000, "seconds": 86_400, "counts": "all"},
        {"name": "write", "quota": 20, "seconds": 4, "counts": "writes"},
        {"name": "partner", "quota": 80, "seconds": 4, "counts": "all"},
        {"name": "partner-daily", "quota": 20_000, "seconds": 86_400, "counts": "all"},
        {"name": "partner-write", "quota": 80, "seconds": 4, "counts": "writes"},
    ]


async def test_replays_refusals_and_test_keys_count_nothing(client, world):
    headers, in_test = await world.headers(), await world.headers("test", livemode=False)
    first = await send(client, headers, **{"Idempotency-Key": "one"})
    for _ in range(3):
        again = await send(client, headers, **{"Idempotency-Key": "one"})
        assert again.json() == first.json()
    wrong = await client.post(URL, headers=headers, files=files(), data={"issuing_country": "XX"})
    assert wrong.status_code == 422
    broken = await client.post(URL, headers=headers, files=files(picture()[:200]))
    assert broken.status_code == 422
    assert (await send(client, in_test)).status_code == 201
    assert await used(world) == [1]
    body = (await client.get(QUOTA, headers=in_test)).json()
    assert body["documents"] | {"resets_at": ""} == {"included": None, "used": 0, "remaining": None, "resets_at": ""}


async def test_fifty_at_once_around_the_cap_are_exact(client, world):
    left = 17
    await use_up(world, CAP - left)
    keys = [await world.headers(f"server-{number}") for number in range(5)]
    answers = await asyncio.gather(*(send(client, keys[number % 5]) for number in range(50)))
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(201), statuses.count(429)) == (left, 50 - left)
    assert {answer.json()["code"] for answer in answers if answer.status_code == 429} == {"quota_exceeded"}
    assert await used(world) == [CAP]
    assert await documents_of(world) == left
    assert len(stored(world)) == left
    assert [row[:2] for row in await told(world)] == [
        ("quota.threshold_reached", "80"),
        ("quota.threshold_reached", "90"),
        ("quota.threshold_reached", "100"),
        ("quota.exceeded", None),
    ]
    days = await run(
        "select used from usage_counters where partner_id = :p and metric = 'documents_by_day'", p=world.partner_id
    )
    assert days == [(left,)]


async def test_a_refusal_says_until_when_and_what_to_do(client, world):
    await use_up(world, CAP)
    headers = await world.headers()
    answer = await send(client, headers)
    body = answer.json()
    assert (answer.status_code, body["code"], body["violated-policies"]) == (
        429,
        "quota_exceeded",
        ["documents_per_month"],
    )
    end = quotas.month_of(clock.now())[1]
    until = (end - clock.now()).total_seconds()
    assert until - 60 < int(answer.headers["retry-after"]) <= until + 60
    assert f"{end:%Y-%m-%d}" in body["detail"]
    assert "larger plan" in body["detail"]
    assert (await client.get(URL, headers=headers)).status_code == 200
    assert (await send(client, await world.headers("test", livemode=False))).status_code == 201


async def test_over_the_cap_the_body_is_not_even_looked_at(client, world):
    await use_up(world, CAP)
    headers = await world.headers() | {"Content-Type": "multipart/form-data; boundary=b"}
    answer = await client.post(URL, headers=headers, content=b"this is no form")
    assert (answer.status_code, answer.json()["code"]) == (429, "quota_exceeded")
    await use_up(world, CAP - 1)
    answer = await client.post(URL, headers=headers, content=b"this is no form")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_multipart")


async def test_an_answer_that_was_given_is_given_again_over_the_cap(client, world):
    headers = await world.headers()
    await use_up(world, CAP - 1)
    last = await send(client, headers, **{"Idempotency-Key": "last"})
    assert last.status_code == 201
    again = await send(client, headers, **{"Idempotency-Key": "last"})
    assert (again.status_code, again.json()) == (201, last.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = await send(client, headers, **{"Idempotency-Key": "another"})
    assert other.json()["code"] == "quota_exceeded"
    assert await used(world) == [CAP]


async def test_the_soft_caps_are_told_once_each_with_the_document_that_reached_them(client, world):
    headers = await world.headers()
    await use_up(world, CAP * 80 // 100 - 2)
    for _ in range(3):
        await send(client, headers)
    assert await told(world) == [("quota.threshold_reached", "80", "80")]
    await use_up(world, CAP * 90 // 100 - 1)
    await send(client, headers)
    await use_up(world, CAP - 1)
    await send(client, headers)
    for _ in range(3):
        await send(client, headers)
    assert await told(world) == [
        ("quota.threshold_reached", "80", "80"),
        ("quota.threshold_reached", "90", "90"),
        ("quota.threshold_reached", "100", "100"),
        ("quota.exceeded", None, "100"),
    ]


async def test_many_first_refusals_at_once_are_told_once(client, world):
    await use_up(world, CAP)
    headers = await world.headers()
    await asyncio.gather(*(send(client, headers) for _ in range(10)))
    assert await told(world) == [("quota.exceeded", None, "100")]


async def test_events_of_a_quota_are_written_as_partners_get_them(client, world):
    await use_up(world, CAP)
    await send(client, await world.headers())
    async with transaction(Tenancy.everyone()) as session:
        [row] = await events.newest(session, Actor.system(world.partner_id), livemode=True, limit=1)
    envelope = events.envelope(row)
    assert envelope["type"] == "quota.exceeded"
    assert envelope["subject"]["type"] == "partner"
    assert envelope["subject"]["id"].startswith("ptr_")
    assert envelope["data"]["object"]["included"] == CAP


async def test_another_month_starts_anew(client, world):
    await use_up(world, CAP)
    actor = Actor.system(world.partner_id)
    key = await _live(world)
    _, end = quotas.month_of(clock.now())
    with clock.at(end + timedelta(seconds=1)):
        async with transaction(actor.tenancy) as session:
            await quotas.count(session, key, Terms(Plan.FREE))
            standing = await quotas.standing(session, actor)
    assert (standing.used, standing.starts) == (1, end)


async def _live(world):
    async with transaction(Tenancy.everyone()) as session:
        return (await api_keys.authenticate(session, await world.key(), "203.0.113.9")).actor


async def test_a_larger_plan_counts_at_once(client, world):
    await use_up(world, CAP)
    headers = await world.headers()
    assert (await send(client, headers)).status_code == 429
    await run("update partners set plan = 'standard' where id = :p", p=world.partner_id)
    assert (await send(client, headers)).status_code == 201
    assert (await client.get(QUOTA, headers=headers)).json()["documents"]["used"] == CAP + 1


@pytest.mark.parametrize(
    ("moment", "start", "end"),
    [
        ("2026-11-30T23:59:59+00:00", "2026-11-01", "2026-12-01"),
        ("2026-12-31T23:59:59+00:00", "2026-12-01", "2027-01-01"),
        ("2028-02-29T12:00:00+00:00", "2028-02-01", "2028-03-01"),
        ("2026-12-01T00:30:00+05:00", "2026-11-01", "2026-12-01"),
    ],
)
def test_months_are_those_of_utc(moment, start, end):
    first, last = quotas.month_of(datetime.fromisoformat(moment))
    assert (first.date().isoformat(), last.date().isoformat()) == (start, end)
    assert first.tzinfo == UTC


# Usage


async def test_usage_is_by_month_and_by_day(client, world):
    headers = await world.headers()
    for _ in range(2):
        await send(client, headers)
    today = clock.now().date()
    body = (await client.get(USAGE, headers=headers)).json()
    assert (body["from"], body["to"]) == (today.replace(day=1).isoformat(), today.isoformat())
    assert body["months"] == [{"month": f"{today:%Y-%m}", "documents": 2}]
    assert body["days"][-1] == {"date": today.isoformat(), "documents": 2}
    assert len(body["days"]) == today.day
    assert sum(day["documents"] for day in body["days"]) == 2
    long = {"from": (today - timedelta(days=40)).isoformat(), "to": today.isoformat()}
    body = (await client.get(USAGE, headers=headers, params=long)).json()
    assert len(body["days"]) == 41
    assert body["months"][-1]["documents"] == 2
    in_test = await client.get(USAGE, headers=await world.headers("test", livemode=False))
    assert sum(day["documents"] for day in in_test.json()["days"]) == 0


@pytest.mark.parametrize("day", ["0001-01-01", "0039-05-11", "9999-12-31"])
async def test_no_year_breaks_the_form_of_a_month(client, world, day):
    body = (await client.get(USAGE, headers=await world.headers(), params={"from": day, "to": day})).json()
    assert body["months"] == [{"month": day[:7], "documents": 0}]
    assert body["days"] == [{"date": day, "documents": 0}]


async def test_usage_is_the_partners_own(client, world, rival):
    await send(client, await rival.headers())
    body = (await client.get(USAGE, headers=await world.headers())).json()
    assert sum(day["documents"] for day in body["days"]) == 0


@pytest.mark.parametrize(
    ("query", "code", "place"),
    [
        ({"from": "2026-11-02", "to": "2026-11-01"}, "out_of_range", "/to"),
        ({"from": "2026-01-01", "to": "2026-12-01"}, "out_of_range", "/from"),
        ({"from": "yesterday"}, "invalid_date", "/from"),
        ({"to": "2026-02-30"}, "invalid_date", "/to"),
        ({"since": "2026-02-03"}, "unknown_field", "/since"),
    ],
)
async def test_wrong_ranges_are_named(client, world, query, code, place):
    answer = await client.get(USAGE, headers=await world.headers(), params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"][0]["pointer"] == place


async def test_the_page_permission_is_usage(database, world):
    analyst = Actor.member(id=world.partner_id, name="x", role=Role.PARTNER_ANALYST, partner_id=world.partner_id)
    async with transaction(analyst.tenancy) as session:
        assert (await quotas.standing(session, analyst)).used == 0
