"""A POST that is sent again does its work once."""

import asyncio

import pytest
from sqlalchemy import text

from backoffice.db import Tenancy, transaction
from tests.api.world import applicant, files, passport, picture

URL = "/api/v1/documents"


async def documents_of(world):
    async with transaction(Tenancy.everyone()) as session:
        sql = "select count(*) from documents where partner_id = :p"
        return (await session.execute(text(sql), {"p": world.partner_id})).scalar_one()


async def send(client, headers, key, *, data=None, data_files=None, url=URL):
    return await client.post(
        url, headers=headers | {"Idempotency-Key": key}, data=data or {}, files=data_files or files()
    )


async def test_a_repeated_post_answers_the_same(client, acme):
    headers = await acme.headers()
    data = {"applicant": applicant(), "external_id": "u-1"}
    first = await send(client, headers, "key-1", data=data)
    again = await send(client, headers, '"key-1"', data=dict(reversed(data.items())))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    assert "idempotent-replayed" not in first.headers
    assert await documents_of(acme) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"data": {"external_id": "u-2"}},
        {"data_files": files(passport())},
        {"data_files": files(picture(), picture())},
        {"data": {"external_id": "u-1", "sides": "back"}},
    ],
)
async def test_another_body_under_the_same_key_is_refused(client, acme, other):
    headers = await acme.headers()
    await send(client, headers, "key-1", data={"external_id": "u-1"})
    answer = await send(client, headers, "key-1", **({"data": {"external_id": "u-1"}} | other))
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert await documents_of(acme) == 1


async def test_keys_of_other_partners_and_modes_are_other_keys(client, acme, rival):
    headers = [await acme.headers(), await acme.headers("test", livemode=False), await rival.headers()]
    answers = [await send(client, one, "shared-key") for one in headers]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.json()["id"] for answer in answers}) == 3


async def test_eight_at_once_make_one_document(client, acme):
    headers = await acme.headers()
    answers = await asyncio.gather(*(send(client, headers, "rush", data={"external_id": "once"}) for _ in range(8)))
    made = [answer for answer in answers if answer.status_code == 201]
    waiting = [answer for answer in answers if answer.status_code == 409]
    assert len(made) + len(waiting) == 8
    assert len({answer.json()["id"] for answer in made}) == 1
    assert [answer for answer in made if "idempotent-replayed" not in answer.headers][1:] == []
    for answer in waiting:
        assert answer.json()["code"] == "idempotency_in_progress"
        assert answer.headers["retry-after"] == "1"
    assert await documents_of(acme) == 1
    from tests.api.test_bad_input import stored

    assert len(stored(acme)) == 1


async def test_a_refusal_is_not_kept(client, acme):
    headers = await acme.headers()
    refused = await send(client, headers, "second-chance", data={"type": "library_card"})
    assert refused.status_code == 422
    assert (await send(client, headers, "second-chance", data={"type": "passport"})).status_code == 201


async def test_cancel_is_repeatable_under_a_key(client, acme):
    headers = await acme.headers()
    ids = [(await client.post(URL, headers=headers, files=files())).json()["id"] for _ in range(2)]
    keyed = headers | {"Idempotency-Key": "stop"}
    first = await client.post(f"{URL}/{ids[0]}/cancel", headers=keyed)
    again = await client.post(f"{URL}/{ids[0]}/cancel", headers=keyed)
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = await client.post(f"{URL}/{ids[1]}/cancel", headers=keyed)
    assert other.json()["code"] == "idempotency_mismatch"


async def test_after_24_hours_the_key_is_free_again(client, acme):
    headers = await acme.headers()
    first = await send(client, headers, "daily")
    async with transaction(Tenancy.everyone()) as session:
        sql = "update idempotency_records set expires_at = now() - interval '1 second' where partner_id = :p"
        await session.execute(text(sql), {"p": acme.partner_id})
    second = await send(client, headers, "daily", data={"external_id": "next day"})
    assert second.status_code == 201
    assert second.json()["id"] != first.json()["id"]


@pytest.mark.parametrize(
    "key", ["", '""', "a" * 256, "tab\tin", "caf\u00e9".encode().decode("latin-1"), 'quo"te', "two words"]
)
async def test_unusable_keys(client, acme, key):
    answer = await client.post(
        URL, headers=[*(await acme.headers()).items(), ("Idempotency-Key", key.encode("latin-1"))], files=files()
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_idempotency_key")
    assert await documents_of(acme) == 0
