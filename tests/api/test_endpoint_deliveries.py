"""An endpoint's deliveries over the API: a test, the log, replay, and recovery of a range."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.models.base import Prefix, new_id, parse_public_id
from backoffice.models.webhooks import Delivery
from backoffice.services import deliveries
from tests.api.endpoint_cast import URL, log, make, refused, row_of
from tests.api.hooks import cast_of, hush
from tests.api.world import rows
from tests.services.webhook_cast import emit, receiving, work_once


@pytest.fixture
async def headers(acme):
    yield await acme.headers()
    await hush(acme)


async def give_up(*delivery_ids):
    """Let the schedule of these deliveries be over."""
    ids = [parse_public_id(Prefix.DELIVERY, one) for one in delivery_ids]
    async with transaction(Tenancy.everyone()) as session:
        over = {"state": "exhausted", "attempts": 10, "next_attempt_at": None}
        await session.execute(update(Delivery).where(Delivery.id.in_(ids)).values(**over))


# The log


async def test_a_test_goes_to_this_endpoint_alone_and_its_delivery_can_be_read(client, headers):
    async with receiving() as receiver:
        made = await make(client, headers, url=receiver.url, event_types=["document.approved"])
        other = await make(client, headers, url=receiver.url)
        sent = (await client.post(f"{URL}/{made['id']}/test", headers=headers)).json()
        assert (sent["event_type"], sent["status"], sent["attempt_count"]) == ("webhook_endpoint.test", "pending", 0)
        await work_once(await row_of(made))
    assert [got.headers["webhook-id"] for got in receiver.got] == [sent["event_id"]]
    assert await log(client, headers, other) == []
    detail = (await client.get(f"/api/v1/deliveries/{sent['id']}", headers=headers)).json()
    assert (detail["status"], detail["attempt_count"], detail["last_status"]) == ("delivered", 1, 200)
    assert detail["event"] == json.loads(receiver.got[0].body)
    [attempt] = detail["attempts"]
    assert (attempt["number"], attempt["status"], attempt["response_excerpt"]) == (1, 200, "said the receiver")
    assert attempt["request_headers"]["webhook-signature"] == receiver.got[0].headers["webhook-signature"]
    assert made["secret"] not in json.dumps(detail)


async def test_the_log_is_searched(client, headers, acme):
    async with receiving(status=500) as receiver:
        made = await make(client, headers, url=receiver.url)
        begin = now()
        first = await emit(cast_of(acme))
        await work_once(await row_of(made))
        await emit(cast_of(acme), type_="document.rejected")
        receiver.status = 200
        await client.patch(f"{URL}/{made['id']}", headers=headers, json={"description": "again"})
    rows = await log(client, headers, made)
    assert [row["event_type"] for row in rows] == ["document.rejected", "document.approved"]
    failed = rows[1]
    assert (failed["status"], failed["attempt_count"], failed["last_status"]) == ("pending", 1, 500)
    assert failed["next_attempt_at"] > failed["created_at"]
    for query, found in (
        ({"status": "pending"}, 2),
        ({"status": "delivered"}, 0),
        ({"event_type": "document.rejected"}, 1),
        ({"event_type": "document.expired"}, 0),
        ({"event_id": failed["event_id"]}, 1),
        ({"created_after": begin.isoformat()}, 2),
        ({"created_before": begin.isoformat()}, 0),
        ({"created_after": first.created_at.isoformat(), "created_before": rows[0]["created_at"]}, 1),
        ({"created_after": "0001-01-01T00:00:00+14:00", "created_before": "9999-12-31T23:59:59-14:00"}, 2),
        ({"limit": 1}, 1),
    ):
        assert len(await log(client, headers, made, **query)) == found, query
    page = await client.get(f"{URL}/{made['id']}/deliveries", headers=headers, params={"limit": 1})
    rest = await log(client, headers, made, cursor=page.json()["next_cursor"])
    assert [row["id"] for row in page.json()["data"] + rest] == [row["id"] for row in rows]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"status": "lost"}, 422, "invalid_choice"),
        ({"event_type": "document.declined"}, 422, "unknown_event_type"),
        ({"event_id": "evt_1"}, 404, "not_found"),
        ({"created_after": "yesterday"}, 422, "invalid_date"),
        ({"cursor": "dlv_1"}, 422, "invalid_cursor"),
        ({"limit": "0"}, 422, "out_of_range"),
        ({"page": "2"}, 422, "unknown_field"),
    ],
)
async def test_wrong_searches(client, headers, query, status, code):
    made = await make(client, headers)
    refused(await client.get(f"{URL}/{made['id']}/deliveries", headers=headers, params=query), status, code)


# Again


async def test_replay_sends_the_same_message_again(client, headers, acme):
    async with receiving() as receiver:
        made = await make(client, headers, url=receiver.url)
        await emit(cast_of(acme))
        await work_once(await row_of(made))
        [delivered] = await log(client, headers, made, status="delivered")
        place, keyed = f"/api/v1/deliveries/{delivered['id']}/replay", headers | {"Idempotency-Key": "again-1"}
        answers = [await client.post(place, headers=keyed) for _ in range(2)]
        assert [answer.json()["status"] for answer in answers] == ["pending", "pending"]
        assert answers[1].headers["idempotent-replayed"] == "true"
        await work_once(await row_of(made))
        refused(await client.post(place, headers=headers, json={"force": True}), 422, "unknown_field", "/force")
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    assert len({got.body for got in receiver.got}) == 1
    assert len(receiver.got) == 2


async def test_recover_retries_what_was_given_up_in_the_range_only(client, headers, acme):
    made = await make(client, headers)
    await emit(cast_of(acme))
    middle = now()
    await emit(cast_of(acme))
    late, early = await log(client, headers, made)
    await give_up(late["id"], early["id"])
    place, begin = f"{URL}/{made['id']}/recover", middle - timedelta(minutes=5)
    body = {"since": begin.isoformat(), "until": middle.isoformat()}
    done = (await client.post(place, headers=headers, json=body)).json()
    assert (done["object"], done["retried"], done["added"], done["has_more"]) == ("recovery", 1, 0, False)
    assert [row["status"] for row in await log(client, headers, made)] == ["exhausted", "pending"]
    done = (await client.post(place, headers=headers, json={"since": begin.isoformat()})).json()
    assert done["retried"] == 1
    assert (await client.post(place, headers=headers, json={"since": begin.isoformat()})).json()["retried"] == 0


async def test_recover_missing_owes_what_it_wants_and_never_got(client, headers, acme, rival):
    """From before it was made, and while it was off: in order, once, and nothing of anybody else."""
    begin = now() - timedelta(seconds=1)
    subject = new_id()
    cast = cast_of(acme)
    before = [await emit(cast, subject_id=subject), await emit(cast, subject_id=subject)]
    await emit(cast, type_="document.rejected")
    await emit(cast_of(rival))
    other = await make(client, headers)
    await client.post(f"{URL}/{other['id']}/test", headers=headers)
    async with receiving() as receiver:
        made = await make(client, headers, url=receiver.url, event_types=["document.approved"], fifo=True)
        place = f"{URL}/{made['id']}"
        owed = await emit(cast)
        await client.patch(place, headers=headers, json={"status": "disabled"})
        off = await emit(cast, subject_id=subject)
        await client.patch(place, headers=headers, json={"status": "enabled"})
        body = {"since": begin.isoformat(), "missing": True}
        done = (await client.post(f"{place}/recover", headers=headers, json=body)).json()
        assert (done["retried"], done["added"]) == (0, 3)
        again = (await client.post(f"{place}/recover", headers=headers, json=body)).json()
        assert (again["retried"], again["added"]) == (0, 0)
        for _ in range(4):
            await work_once(await row_of(made))
    got = [json.loads(one.body) for one in receiver.got]
    assert len(got) == 4
    assert [one["sequence"] for one in got if one["subject"]["id"].startswith("doc_") and one["sequence"] > 1] == [2, 3]
    expected = {str(one.id) for one in [*before, owed, off]}
    assert {str(parse_public_id(Prefix.EVENT, one["id"])) for one in got} == expected


async def test_an_endpoint_never_recovers_what_was_told_of_itself(client, headers, acme):
    begin = now() - timedelta(seconds=1)
    made = await make(client, headers)
    place = f"{URL}/{made['id']}"
    for status in ("disabled", "enabled"):
        await client.patch(place, headers=headers, json={"status": status})
    itself = {"p": acme.partner_id, "s": parse_public_id(Prefix.WEBHOOK_ENDPOINT, made["id"])}
    told = await rows("select type from events where partner_id = :p and subject_id = :s", **itself)
    assert "webhook_endpoint.disabled" in {row.type for row in told}
    body = {"since": begin.isoformat(), "missing": True}
    assert (await client.post(f"{place}/recover", headers=headers, json=body)).status_code == 200
    owed = (
        "select type from events e join deliveries d on d.event_id = e.id where e.subject_id = :s and d.partner_id = :p"
    )
    assert await rows(owed, **itself) == []


async def test_two_recoveries_at_once_owe_everything_once(client, headers, acme):
    begin = (now() - timedelta(seconds=1)).isoformat()
    for _ in range(5):
        await emit(cast_of(acme))
    made = await make(client, headers, event_types=["document.approved"])
    place, body = f"{URL}/{made['id']}/recover", {"since": begin, "missing": True}
    answers = await asyncio.gather(*(client.post(place, headers=headers, json=body) for _ in range(4)))
    assert sorted(answer.json()["added"] for answer in answers) == [0, 0, 0, 5]


MANY = """
insert into events (id, created_at, partner_id, livemode, subject_type, subject_id, request_id, type, sequence, data)
select uuidv7(), now(), :p, true, 'document', gen_random_uuid(), '', 'document.approved', 1, '{}'
from generate_series(1, :many)"""


async def test_recovery_of_very_much_goes_in_steps(client, headers, acme):
    most = deliveries.MAX_RECOVERED
    made = await make(client, headers, event_types=["document.approved"])
    async with transaction(Tenancy.everyone()) as session:
        await session.execute(text(MANY), {"p": acme.partner_id, "many": most + 5})
    place, body = f"{URL}/{made['id']}/recover", {"since": (now() - timedelta(minutes=1)).isoformat(), "missing": True}
    steps = []
    while not steps or steps[-1]["has_more"]:
        steps.append((await client.post(place, headers=headers, json=body)).json())
    assert [(step["added"], step["has_more"]) for step in steps] == [(most, True), (5, False)]


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({}, "missing", "/since"),
        ({"since": "yesterday"}, "invalid_date", "/since"),
        ({"since": 0}, "invalid_date", "/since"),
        ({"since": "2026-01-01T00:00:00"}, "invalid_date", "/since"),
        ({"since": "2026-01-01T00:00:00Z", "until": "2025-01-01T00:00:00Z"}, "out_of_range", "/since"),
        ({"since": "9999-01-01T00:00:00Z"}, "out_of_range", "/since"),
        ({"since": "0001-01-01T00:00:00Z", "until": "0001-01-02T00:00:00Z"}, None, None),
        ({"since": "0001-01-01T00:00:00+14:00", "until": "9999-12-31T23:59:59-14:00", "missing": True}, None, None),
        ({"since": "2026-01-01T00:00:00Z", "missing": "yes"}, "invalid_type", "/missing"),
    ],
)
async def test_wrong_ranges(client, headers, body, code, place):
    made = await make(client, headers)
    answer = await client.post(f"{URL}/{made['id']}/recover", headers=headers, json=body)
    if code is None:
        assert (answer.status_code, answer.json()["retried"]) == (200, 0)
    else:
        refused(answer, 422, code, place)
