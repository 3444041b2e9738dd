"""`/api_keys`: a key makes, changes, rotates and revokes keys, shows each secret once, and never more than it has."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.models.base import Prefix, public_id
from backoffice.services.api_keys import rules
from backoffice.services.permissions import SCOPES
from tests.api.world import World, files
from tests.services.review_cast import in_review, make_cast

URL = "/api/v1/api_keys"
DOCUMENTS = "/api/v1/documents"
BODY = {"name": "Onboarding server", "scopes": ["documents:read"]}


async def make(client, headers, **fields):
    answer = await client.post(URL, headers=headers, json=BODY | fields)
    assert answer.status_code == 201, answer.text
    return answer.json()


def using(secret):
    return {"Authorization": f"Bearer {secret}"}


# Outsiders


async def test_another_partners_and_the_other_modes_keys_do_not_exist(client, acme, rival):
    theirs = await make(client, await rival.headers())
    in_test = await rival.headers("test", livemode=False)
    for headers in (await acme.headers(), in_test):
        listed = [one["id"] for one in (await client.get(URL, headers=headers)).json()["data"]]
        assert theirs["id"] not in listed
        for method, path in (("GET", ""), ("PATCH", ""), ("POST", "/rotate"), ("DELETE", "")):
            answer = await client.request(method, f"{URL}/{theirs['id']}{path}", headers=headers, json=None)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), method
    assert (await client.get(DOCUMENTS, headers=using(theirs["secret"]))).status_code == 200


async def test_a_key_cannot_make_one_with_more_scopes_or_touch_one(client, acme):
    weak = await acme.headers("keeper", scopes=["keys:read", "keys:write", "documents:read"])
    answer = await client.post(URL, headers=weak, json=BODY | {"scopes": ["documents:read", "personal:read"]})
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
    assert "personal:read" in answer.json()["detail"]
    strong = public_id(Prefix.API_KEY, acme.key_ids["keeper"])
    await acme.key()
    strong = public_id(Prefix.API_KEY, acme.key_ids["live"])
    for method, path, body in (("POST", "/rotate", {}), ("PATCH", "", {"name": "Mine"}), ("DELETE", "", None)):
        answer = await client.request(method, f"{URL}/{strong}{path}", headers=weak, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope"), method


async def test_a_key_can_neither_widen_nor_revoke_itself(client, acme):
    headers = await acme.headers("keeper", scopes=["keys:read", "keys:write"], denied_attributes=["email"])
    own = f"{URL}/{public_id(Prefix.API_KEY, acme.key_ids['keeper'])}"
    wider = await client.patch(own, headers=headers, json={"scopes": sorted(SCOPES)})
    assert (wider.status_code, wider.json()["code"]) == (403, "insufficient_scope")
    looser = await client.patch(own, headers=headers, json={"denied_attributes": []})
    assert (looser.status_code, looser.json()["code"]) == (403, "wider_key")
    gone = await client.delete(own, headers=headers)
    assert (gone.status_code, gone.json()["code"]) == (403, "own_key")
    assert (await client.get(own, headers=headers)).json()["status"] == "active"


async def test_a_repeated_answer_with_a_secret_is_given_to_the_same_key_only(client, acme):
    headers = await acme.headers()
    weak = await acme.headers("keeper", scopes=["keys:read", "keys:write"])
    keyed = {"Idempotency-Key": "make-a-key"}
    first = await client.post(URL, headers=headers | keyed, json=BODY)
    again = await client.post(URL, headers=headers | keyed, json=BODY)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = await client.post(URL, headers=weak | keyed, json=BODY)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


# The way of a key


async def test_the_secret_is_shown_once_and_works(client, acme, address):
    headers = await acme.headers()
    made = await make(
        client, headers, ip_allowlist=["127.0.0.0/8"], denied_attributes=["surname"], expires_at="2999-01-01T00:00:00Z"
    )
    assert made["secret"].startswith("kyc_live_")
    assert made["ip_allowlist"] == ["127.0.0.0/8"]
    assert (made["denied_attributes"], made["expires_at"]) == (["surname"], "2999-01-01T00:00:00.000Z")
    assert (await client.get(DOCUMENTS, headers=using(made["secret"]))).status_code == 200
    read = await client.get(f"{URL}/{made['id']}", headers=headers)
    listed = await client.get(URL, headers=headers)
    for answer in (read, listed):
        assert made["secret"] not in answer.text
        assert made["secret"].split("_")[3] not in answer.text
    assert "secret" not in read.json()
    assert read.json()["last_used_ip"] == address
    assert [one["state"] for one in read.json()["secrets"]] == ["active"]
    assert read.json()["secrets"][0]["prefix"] == "_".join(made["secret"].split("_")[:3])
    assert made["id"] in [one["id"] for one in listed.json()["data"]]


async def test_a_key_of_a_test_key_is_a_test_key(client, acme):
    made = await make(client, await acme.headers("test", livemode=False))
    assert made["livemode"] is False
    assert made["secret"].startswith("kyc_test_")


async def test_a_rotation_from_the_first_call_to_the_end_of_the_old_secret(client, acme):
    headers = await acme.headers()
    made = await make(client, headers)
    place, old = f"{URL}/{made['id']}", made["secret"]
    rotated = await client.post(f"{place}/rotate", headers=headers, json={"grace_seconds": 3600})
    assert rotated.status_code == 200
    new = rotated.json()["secret"]
    assert [one["state"] for one in rotated.json()["secrets"]] == ["pending", "active"]
    assert (await client.get(DOCUMENTS, headers=using(old))).status_code == 200
    assert (await client.get(DOCUMENTS, headers=using(new))).status_code == 200
    for _ in range(2):
        assert (await client.get(DOCUMENTS, headers=using(old))).status_code == 200
    secrets = {one["state"]: one for one in (await client.get(place, headers=headers)).json()["secrets"]}
    assert secrets["retiring"]["late_uses"] == 2
    assert secrets["retiring"]["ends_at"] > now().isoformat()
    assert secrets["active"]["last_four"] == new[-4:]
    again = await client.post(f"{place}/rotate", headers=headers)
    at_once = await client.post(f"{place}/rotate", headers=headers, json={"grace_seconds": 0})
    assert (await client.get(DOCUMENTS, headers=using(again.json()["secret"]))).status_code == 401
    assert (await client.get(DOCUMENTS, headers=using(at_once.json()["secret"]))).status_code == 200
    refused = await client.get(DOCUMENTS, headers=using(new))
    assert (refused.status_code, refused.json()["code"]) == (401, "api_key_replaced")


async def test_a_key_renews_itself(client, acme):
    headers = await acme.headers("keeper", scopes=["keys:write"])
    own = f"{URL}/{public_id(Prefix.API_KEY, acme.key_ids['keeper'])}"
    new = (await client.post(f"{own}/rotate", headers=headers, json={"grace_seconds": 0})).json()["secret"]
    assert (await client.post(f"{own}/rotate", headers=using(new))).status_code == 200
    assert (await client.post(f"{own}/rotate", headers=headers)).json()["code"] == "api_key_replaced"


async def test_revoking_is_for_the_next_request_and_twice_is_once(client, acme):
    headers = await acme.headers()
    made = await make(client, headers)
    for _ in range(2):
        answer = await client.delete(f"{URL}/{made['id']}", headers=headers)
        assert (answer.status_code, answer.json()["status"], answer.json()["version"]) == (200, "revoked", 2)
    refused = await client.get(DOCUMENTS, headers=using(made["secret"]))
    assert (refused.status_code, refused.json()["code"]) == (401, "api_key_revoked")
    for method, path in (("POST", "/rotate"), ("PATCH", "")):
        late = await client.request(method, f"{URL}/{made['id']}{path}", headers=headers, json={})
        assert (late.status_code, late.json()["code"]) == (409, "api_key_ended"), method


async def test_a_change_leaves_what_is_not_named_and_null_takes_the_expiry_away(client, acme):
    headers = await acme.headers()
    made = await make(client, headers, expires_at="2999-01-01T00:00:00Z", ip_allowlist=["127.0.0.0/8"])
    place = f"{URL}/{made['id']}"
    one = (await client.patch(place, headers=headers, json={"name": "Paris"})).json()
    assert (one["name"], one["expires_at"], one["version"]) == ("Paris", "2999-01-01T00:00:00.000Z", 2)
    two = (await client.patch(place, headers=headers, json={"expires_at": None, "ip_allowlist": []})).json()
    assert (two["name"], two["expires_at"], two["ip_allowlist"]) == ("Paris", None, [])
    three = (await client.patch(place, headers=headers, json={})).json()
    assert three == two


async def test_if_match_lets_one_of_two_change_it(client, acme):
    headers = await acme.headers()
    made = await client.post(URL, headers=headers, json=BODY)
    place, tag = f"{URL}/{made.json()['id']}", made.headers["etag"]
    assert (await client.get(place, headers=headers)).headers["etag"] == tag
    names = ("Lyon", "Nice")
    both = await asyncio.gather(
        *(client.patch(place, headers=headers | {"If-Match": tag}, json={"name": name}) for name in names)
    )
    assert sorted(answer.status_code for answer in both) == [200, 412]
    lost = next(answer for answer in both if answer.status_code == 412)
    assert lost.json()["code"] == "precondition_failed"
    for method, path in (("POST", "/rotate"), ("DELETE", "")):
        late = await client.request(method, f"{place}{path}", headers=headers | {"If-Match": tag})
        assert late.status_code == 412, method
    fresh = (await client.get(place, headers=headers)).headers["etag"]
    assert (await client.delete(place, headers=headers | {"If-Match": f'"x", {fresh}'})).status_code == 200
    assert (await client.delete(place, headers=headers | {"If-Match": "*"})).status_code == 200


@pytest.mark.parametrize(
    ("fields", "code", "place"),
    [
        ({"name": ""}, "invalid_value", "/name"),
        ({"name": "  "}, "invalid_name", "/name"),
        ({"name": "x" * 81}, "too_long", "/name"),
        ({"name": None}, "invalid_type", "/name"),
        ({"scopes": []}, "invalid_value", "/scopes"),
        ({"scopes": ["documents:decide"]}, "invalid_scope", "/scopes/0"),
        ({"scopes": "documents:read"}, "invalid_type", "/scopes"),
        ({"ip_allowlist": ["everywhere"]}, "invalid_address", "/ip_allowlist/0"),
        ({"ip_allowlist": ["10.0.0.1"] * 51}, "too_long", "/ip_allowlist"),
        ({"denied_attributes": ["surnam"]}, "unknown_attribute", "/denied_attributes/0"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "invalid_expiry", "/expires_at"),
        ({"expires_at": "tomorrow"}, "invalid_date", "/expires_at"),
        ({"expires_at": 4102444800}, "invalid_date", "/expires_at"),
        ({"livemode": True}, "unknown_field", "/livemode"),
    ],
)
async def test_wrong_fields_are_named(client, acme, fields, code, place):
    headers = await acme.headers()
    answer = await client.post(URL, headers=headers, json=BODY | fields)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert [one["pointer"] for one in answer.json()["errors"]] == [place]
    assert len((await client.get(URL, headers=headers)).json()["data"]) == 1


@pytest.mark.parametrize("seconds", [-1, 604_801, "60", 1.5, True])
async def test_a_grace_is_a_number_of_seconds_within_a_week(client, acme, seconds):
    headers = await acme.headers()
    made = await make(client, headers)
    answer = await client.post(f"{URL}/{made['id']}/rotate", headers=headers, json={"grace_seconds": seconds})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/grace_seconds")


async def test_keys_live_by_the_worlds_clock_whatever_a_test_clock_says(client, acme):
    headers = await acme.headers("test", livemode=False)
    async with transaction(Tenancy.everyone()) as session:
        sql = "update partners set test_clock_seconds = :s where id = :p"
        await session.execute(text(sql), {"s": timedelta(days=90).total_seconds(), "p": acme.partner_id})
    soon = (now() + timedelta(days=1)).isoformat()
    made = await make(client, headers, expires_at=soon)
    assert made["status"] == "active"
    old = using(made["secret"])
    new = (await client.post(f"{URL}/{made['id']}/rotate", headers=headers)).json()["secret"]
    for secret in (new, made["secret"]):
        assert (await client.get(DOCUMENTS, headers=using(secret))).status_code == 200
    states = [one["state"] for one in (await client.get(f"{URL}/{made['id']}", headers=headers)).json()["secrets"]]
    assert states == ["active", "retiring"]
    assert (await client.get(DOCUMENTS, headers=old)).status_code == 200


async def test_what_a_key_is_denied_it_never_reads(client, database):
    cast = await make_cast()
    world = World(cast.partner.id)
    place = f"{DOCUMENTS}/{public_id(Prefix.DOCUMENT, (await in_review(cast)).document_id)}"
    whole = await client.get(place, headers=await world.headers())
    assert set(whole.json()["extracted"]) == {"surname", "document_number"}
    for path in (place, DOCUMENTS):
        answer = await client.get(path, headers=await world.headers("blind", denied_attributes=["surname", "email"]))
        assert "document_number" in answer.text
        assert "Okafor" not in answer.text


async def test_a_picture_shows_everything_so_a_key_that_is_denied_something_gets_none(client, acme):
    headers = await acme.headers("blind", denied_attributes=["surname", "email"])
    made = (await client.post(DOCUMENTS, headers=headers, files=files())).json()
    place = f"{DOCUMENTS}/{made['id']}/files/{made['files'][0]['id']}"
    answer = await client.get(place, headers=headers, params={"variant": "original"})
    assert (answer.status_code, answer.json()["code"]) == (403, "attribute_denied")
    whole = await client.get(place, headers=await acme.headers(), params={"variant": "original"})
    assert whole.status_code == 200


async def test_a_link_that_was_written_before_a_key_was_narrowed_shows_nothing(client, acme):
    headers = await acme.headers("wide")
    made = (await client.post(DOCUMENTS, headers=headers, files=files())).json()
    place = f"{DOCUMENTS}/{made['id']}/files/{made['files'][0]['id']}"
    link = (await client.get(place, headers=headers, params={"variant": "original"})).json()["url"]
    path = link[link.index("/api/v1") :]
    assert (await client.get(path)).status_code == 200
    own = f"{URL}/{public_id(Prefix.API_KEY, acme.key_ids['wide'])}"
    keeper = await acme.headers()
    for narrow, code in (
        ({"scopes": ["personal:read"]}, "insufficient_scope"),
        ({"scopes": ["documents:read", "personal:read"], "denied_attributes": ["surname"]}, "attribute_denied"),
    ):
        assert (await client.patch(own, headers=keeper, json=narrow)).status_code == 200
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, code)


def test_what_is_kept_from_a_key_is_not_shown_under_another_name():
    assert rules.withheld(["surname"]) == {"surname", "full_name"}
    assert rules.withheld(["full_name"]) == {"full_name", "given_names", "surname"}
    assert rules.withheld([]) == frozenset()
