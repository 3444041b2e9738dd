"""Webhook endpoints over HTTP: made, changed without overwriting, rotated, tested, and their log sent again."""

import asyncio
import base64

import pytest
from sqlalchemy import text

from backoffice.db import Tenancy, transaction
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import webhook_endpoints, webhook_secrets
from tests.api.endpoint_cast import NOWHERE, URL, log, make, refused, row_of
from tests.api.hooks import cast_of, hush
from tests.services.webhook_cast import emit


@pytest.fixture
async def headers(acme):
    yield await acme.headers()
    await hush(acme)


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
