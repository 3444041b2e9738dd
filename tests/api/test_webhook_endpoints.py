"""Webhook endpoints over HTTP: made, changed without overwriting, rotated, tested, and their log sent again."""

import asyncio
import base64
import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.models.base import Prefix, new_id, parse_public_id
from backoffice.models.webhooks import Delivery, WebhookEndpoint
from backoffice.services import deliveries, webhook_endpoints, webhook_secrets
from tests.api.hooks import cast_of, hush
from tests.api.world import rows
from tests.services.webhook_cast import emit, receiving, work_once

URL = "/api/v1/webhook_endpoints"
NOWHERE = "http://127.0.0.1:9/hook"


@pytest.fixture
async def headers(acme):
    yield await acme.headers()
    await hush(acme)


async def make(client, headers, **wish):
    answer = await client.post(URL, headers=headers, json={"url": NOWHERE} | wish)
    assert answer.status_code == 201, answer.text
    return answer.json()


def refused(answer, status, code, place=None):
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    if place is not None:
        assert body["errors"][0]["pointer"] == place
    return body


async def row_of(made):
    async with transaction(Tenancy.everyone()) as session:
        key = parse_public_id(Prefix.WEBHOOK_ENDPOINT, made["id"])
        return (await session.execute(select(WebhookEndpoint).where(WebhookEndpoint.id == key))).scalar_one()


async def log(client, headers, made, **query):
    answer = await client.get(f"{URL}/{made['id']}/deliveries", headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def give_up(*delivery_ids):
    """Let the schedule of these deliveries be over."""
    ids = [parse_public_id(Prefix.DELIVERY, one) for one in delivery_ids]
    async with transaction(Tenancy.everyone()) as session:
        over = {"state": "exhausted", "attempts": 10, "next_attempt_at": None}
        await session.execute(update(Delivery).where(Delivery.id.in_(ids)).values(**over))


# Make and read


async def test_made_with_a_secret_that_only_this_answer_holds(client, headers):
    wish = {"event_types": ["document.approved"], "description": "orders", "fifo": True, "max_per_second": 5}
    answer = await client.post(URL, headers=headers, json={"url": NOWHERE} | wish)
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{URL}/{made['id']}"
    assert answer.headers["etag"] == '"1"'
    assert {name: made[name] for name in wish} == wish
    assert (made["object"], made["status"], made["paused"], made["livemode"]) == (
        "webhook_endpoint", "enabled", False, True,
    )  # fmt: skip
    assert 24 <= len(base64.b64decode(made["secret"].removeprefix("whsec_"))) <= 64
    read = await client.get(f"{URL}/{made['id']}", headers=headers)
    assert read.json() | {"secret": made["secret"]} == made
    assert "secret" not in read.json()
    assert read.headers["etag"] == '"1"'
    listed = (await client.get(URL, headers=headers)).json()
    assert listed == {"data": [read.json()], "next_cursor": None, "has_more": False}


async def test_what_is_not_named_has_its_default(client, headers):
    made = await make(client, headers)
    assert (made["event_types"], made["description"], made["fifo"], made["max_per_second"]) == ([], "", False, None)


async def test_a_repeated_post_gives_the_same_secret_and_makes_one(client, headers, acme):
    keyed = headers | {"Idempotency-Key": "make-1"}
    first, again = [await client.post(URL, headers=keyed, json={"url": NOWHERE}) for _ in range(2)]
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.headers["etag"], again.headers["location"]) == (first.headers["etag"], first.headers["location"])
    assert len((await client.get(URL, headers=headers)).json()["data"]) == 1
    other = await client.post(URL, headers=keyed, json={"url": NOWHERE, "fifo": True})
    refused(other, 422, "idempotency_mismatch")
    secret = first.json()["secret"].removeprefix("whsec_")
    async with transaction(Tenancy.everyone()) as session:
        sql = "select body_box from idempotency_records where partner_id = :p"
        boxes = (await session.execute(text(sql), {"p": acme.partner_id})).scalars().all()
    assert boxes
    assert not [box for box in boxes if secret.encode() in box or base64.b64decode(secret) in box]


async def test_lists_walk_newest_first(client, headers):
    ids = [(await make(client, headers))["id"] for _ in range(5)]
    first = (await client.get(URL, headers=headers, params={"limit": 2})).json()
    rest = (await client.get(URL, headers=headers, params={"limit": 5, "cursor": first["next_cursor"]})).json()
    assert [row["id"] for row in first["data"] + rest["data"]] == ids[::-1]
    assert (first["has_more"], rest["has_more"]) == (True, False)


async def test_there_is_a_limit(client, headers):
    for _ in range(webhook_endpoints.MAX_ENDPOINTS):
        await make(client, headers)
    refused(await client.post(URL, headers=headers, json={"url": NOWHERE}), 409, "too_many_endpoints")


WRONG = [
    ({"url": "http://example.com/hook"}, "url_not_allowed", "/url"),
    ({"url": "https://10.0.0.1/hook"}, "url_not_allowed", "/url"),
    ({"url": "https://[::ffff:127.0.0.1]/"}, "url_not_allowed", "/url"),
    ({"url": "https://user:word@example.com/"}, "url_not_allowed", "/url"),
    ({"url": ""}, "invalid_value", "/url"),
    ({"url": "https://example.com/" + "x" * 2048}, "too_long", "/url"),
    ({"url": None}, "invalid_type", "/url"),
    ({"url": 5}, "invalid_type", "/url"),
    ({"event_types": ["document.approved", "document.declined"]}, "unknown_event_type", "/event_types/1"),
    ({"event_types": ["document.*"]}, "unknown_event_type", "/event_types/0"),
    ({"event_types": "document.approved"}, "invalid_type", "/event_types"),
    ({"event_types": None}, "invalid_type", "/event_types"),
    ({"event_types": ["document.approved"] * 201}, "too_long", "/event_types"),
    ({"description": "x" * 201}, "too_long", "/description"),
    ({"description": "a\nb"}, "invalid_description", "/description"),
    ({"description": "a\u0000"}, "control_characters", "/description"),
    ({"fifo": 1}, "invalid_type", "/fifo"),
    ({"fifo": "true"}, "invalid_type", "/fifo"),
    ({"max_per_second": 0}, "out_of_range", "/max_per_second"),
    ({"max_per_second": 1001}, "out_of_range", "/max_per_second"),
    ({"max_per_second": 1.5}, "invalid_type", "/max_per_second"),
    ({"max_per_second": True}, "invalid_type", "/max_per_second"),
    ({"secret": "whsec_mine"}, "unknown_field", "/secret"),
    ({"livemode": False}, "unknown_field", "/livemode"),
]


@pytest.mark.parametrize(("wrong", "code", "place"), WRONG)
async def test_wrong_wishes_are_named_and_nothing_is_made_or_changed(client, headers, wrong, code, place):
    made = await make(client, headers)
    refused(await client.post(URL, headers=headers, json={"url": NOWHERE} | wrong), 422, code, place)
    refused(await client.patch(f"{URL}/{made['id']}", headers=headers, json={"fifo": True} | wrong), 422, code, place)
    [row] = (await client.get(URL, headers=headers)).json()["data"]
    assert (row["version"], row["fifo"]) == (1, False)


async def test_a_missing_address(client, headers):
    refused(await client.post(URL, headers=headers, json={}), 422, "missing", "/url")
    refused(await client.post(URL, headers=headers), 422, "missing", "/url")
    refused(await client.post(URL, headers=headers, content=b"[]"), 422, "invalid_type")
    refused(await client.post(URL, headers=headers, content=b"{"), 422, "invalid_json")


# Change


async def test_changes_what_is_named_and_leaves_the_rest(client, headers):
    made = await make(client, headers, description="old", max_per_second=5)
    place = f"{URL}/{made['id']}"
    answer = await client.patch(place, headers=headers, json={"description": "new", "paused": True})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    assert answer.json() == {**without_secret(made), "description": "new", "paused": True, "version": 2}
    free = await client.patch(place, headers=headers, json={"max_per_second": None, "event_types": []})
    assert (free.json()["max_per_second"], free.json()["version"]) == (None, 3)
    same = await client.patch(place, headers=headers, json={"max_per_second": None, "description": "new"})
    assert same.json() == free.json()
    nothing = await client.patch(place, headers=headers, json={})
    assert nothing.json() == free.json()


def without_secret(made):
    return {name: value for name, value in made.items() if name != "secret"}


async def test_switched_off_and_on_again(client, headers, acme):
    made = await make(client, headers)
    place = f"{URL}/{made['id']}"
    off = (await client.patch(place, headers=headers, json={"status": "disabled", "description": "mine"})).json()
    assert (off["status"], off["description"]) == ("disabled", "mine")
    assert off["disabled_reason"]
    await emit(cast_of(acme))
    refused(await client.post(f"{place}/test", headers=headers), 409, "endpoint_disabled")
    refused(
        await client.post(f"{place}/recover", headers=headers, json={"since": "2026-01-01T00:00:00Z"}),
        409,
        "endpoint_disabled",
    )
    on = (await client.patch(place, headers=headers, json={"status": "enabled"})).json()
    assert (on["status"], on["disabled_reason"]) == ("enabled", None)
    assert await log(client, headers, made) == []
    for wrong, code in (("off", "invalid_choice"), (None, "invalid_choice"), (1, "invalid_choice")):
        refused(await client.patch(place, headers=headers, json={"status": wrong}), 422, code, "/status")
    refused(await client.patch(place, headers=headers, json={"paused": None}), 422, "invalid_type", "/paused")


@pytest.mark.parametrize("tag", ['"7"', 'W/"1"', "1", "", '"1', "x" * 500])
async def test_another_version_changes_nothing(client, headers, tag):
    made = await make(client, headers)
    place, late = f"{URL}/{made['id']}", headers | {"If-Match": tag}
    refused(await client.patch(place, headers=late, json={"description": "late"}), 412, "precondition_failed")
    refused(await client.delete(place, headers=late), 412, "precondition_failed")
    refused(await client.post(f"{place}/rotate_secret", headers=late), 412, "precondition_failed")
    assert (await client.get(place, headers=headers)).json() == without_secret(made)


async def test_the_version_that_was_read_may_be_changed(client, headers):
    made = await make(client, headers)
    place = f"{URL}/{made['id']}"
    for number, tag in enumerate(['"1"', "*", '"7", "3"']):
        answer = await client.patch(place, headers=headers | {"If-Match": tag}, json={"description": f"{number}"})
        assert (answer.status_code, answer.headers["etag"]) == (200, f'"{number + 2}"')
    rotated = await client.post(f"{place}/rotate_secret", headers=headers | {"If-Match": '"4"'})
    assert (rotated.status_code, rotated.headers["etag"]) == (200, '"5"')
    assert (await client.delete(place, headers=headers | {"If-Match": rotated.headers["etag"]})).status_code == 200


async def test_of_eight_who_read_the_same_version_one_wins(client, headers):
    made = await make(client, headers)
    place, tagged = f"{URL}/{made['id']}", headers | {"If-Match": '"1"'}
    answers = await asyncio.gather(
        *(client.patch(place, headers=tagged, json={"description": str(number)}) for number in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    [winner] = [answer.json() for answer in answers if answer.status_code == 200]
    assert (await client.get(place, headers=headers)).json() == winner


async def test_deleted_is_gone_and_what_it_was_owed_is_canceled(client, headers, acme):
    made = await make(client, headers)
    await emit(cast_of(acme))
    [owed] = await log(client, headers, made)
    place = f"{URL}/{made['id']}"
    answer = await client.delete(place, headers=headers)
    assert answer.json() == {"id": made["id"], "object": "webhook_endpoint", "deleted": True}
    for again in (await client.get(place, headers=headers), await client.delete(place, headers=headers)):
        refused(again, 404, "not_found")
    detail = (await client.get(f"/api/v1/deliveries/{owed['id']}", headers=headers)).json()
    assert (detail["status"], detail["next_attempt_at"]) == ("canceled", None)


async def test_a_deletion_waits_for_no_delivery_that_is_being_settled(client, headers, acme):
    """Settling holds the delivery and wants the endpoint; who deletes holds the endpoint and must not wait."""
    made = await make(client, headers)
    await emit(cast_of(acme))
    [owed] = await log(client, headers, made)
    async with transaction(Tenancy.everyone()) as session:
        sql = "select id from deliveries where id = :id for update"
        await session.execute(text(sql), {"id": parse_public_id(Prefix.DELIVERY, owed["id"])})
        answer = await asyncio.wait_for(client.delete(f"{URL}/{made['id']}", headers=headers), 5)
    assert answer.status_code == 200


# Rotate


async def test_rotation_answers_the_new_secret_and_keeps_the_old_for_a_while(client, headers):
    made = await make(client, headers)
    place = f"{URL}/{made['id']}/rotate_secret"
    keyed = headers | {"Idempotency-Key": "rotate-1"}
    first = await client.post(place, headers=keyed, json={"overlap_seconds": 3600})
    again = await client.post(place, headers=keyed, json={"overlap_seconds": 3600})
    assert (first.status_code, again.json()) == (200, first.json())
    rotated = first.json()
    assert rotated["secret"] != made["secret"]
    assert rotated["previous_secret_until"] > rotated["secret_changed_at"]
    keys = [base64.b64decode(one["secret"].removeprefix("whsec_")) for one in (rotated, made)]
    assert webhook_secrets.signing_keys(await row_of(made)) == tuple(keys)
    at_once = (await client.post(place, headers=headers, json={"overlap_seconds": 0})).json()
    assert at_once["previous_secret_until"] is None
    assert len(webhook_secrets.signing_keys(await row_of(made))) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"overlap_seconds": -1}, "out_of_range"),
        ({"overlap_seconds": 7 * 86400 + 1}, "out_of_range"),
        ({"overlap_seconds": "3600"}, "invalid_type"),
        ({"overlap": 5}, "unknown_field"),
    ],
)
async def test_a_wrong_overlap_rotates_nothing(client, headers, body, code):
    made = await make(client, headers)
    answer = await client.post(f"{URL}/{made['id']}/rotate_secret", headers=headers, json=body)
    refused(answer, 422, code, f"/{next(iter(body))}")
    assert (await row_of(made)).version == 1


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
