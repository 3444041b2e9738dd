"""The two-step upload: announced, sent apart, submitted once; and nothing left behind on any way out."""

import asyncio
import hashlib

import pytest

from backoffice import clock
from backoffice.db import transaction
from backoffice.errors import Conflict
from backoffice.models.base import new_id
from backoffice.models.partners import Plan
from backoffice.services import files as file_service
from backoffice.services import tokens, uploads
from backoffice.services.access import Actor, ActorType
from backoffice.services.permissions import SCOPES
from tests.api.test_bad_input import HOSTILE, stored
from tests.api.upload_cast import MEGABYTE, URL, announce, assert_sealed, key_of, path_of, put, read, staged, submit
from tests.api.world import files, moved, passport, picture, rows


def originals(world):
    return [path for path in stored(world) if "staging" not in path.parts]


async def test_addresses_that_nobody_wrote_or_that_ended(client, acme, monkeypatch):
    body = await announce(client, await acme.headers())
    path = path_of(body["uploads"][0])
    for index in (len(path) - 1, len(path) - 30, len("/api/v1/uploads/")):
        bent = path[:index] + ("A" if path[index] != "A" else "B") + path[index + 1 :]
        answer = await client.put(bent, content=picture())
        assert (answer.status_code, answer.json()["code"]) == (404, "link_expired"), index
    token = path.rsplit("/", 1)[1]
    upload_id, partner_id, _ = uploads.BODY.unpack(tokens.read(uploads.TOKEN_PURPOSE, token, uploads.BODY.size))
    past = int(clock.wall().timestamp()) - 1
    for forged in (
        tokens.write(uploads.TOKEN_PURPOSE, uploads.BODY.pack(upload_id, partner_id, past)),
        tokens.write(uploads.TOKEN_PURPOSE, uploads.BODY.pack(upload_id, new_id().bytes, past + 60)),
        tokens.write(uploads.TOKEN_PURPOSE, uploads.BODY.pack(new_id().bytes, partner_id, past + 60)),
        tokens.write(file_service.TOKEN_PURPOSE, uploads.BODY.pack(upload_id, partner_id, past + 60)),
    ):
        answer = await client.put(f"/api/v1/uploads/{forged}", content=picture())
        assert (answer.status_code, answer.json()["code"]) == (404, "link_expired")
    assert staged(acme) == []


async def test_announced_sent_submitted(client, acme):
    headers = await acme.headers()
    body = await announce(
        client, headers, "front", "back", type="passport", issuing_country="FRA", external_id="u-1",
        applicant={"surname": "Specimen", "external_id": "person-1"}, metadata={"campaign": "autumn"},
    )  # fmt: skip
    assert (body["status"], body["files"], body["submitted_at"]) == ("awaiting_upload", [], None)
    assert [upload["side"] for upload in body["uploads"]] == ["front", "back"]
    assert {upload["method"] for upload in body["uploads"]} == {"PUT"}
    both = (passport(), picture())
    for upload, data in zip(body["uploads"], both, strict=True):
        sent = await put(client, upload, data)
        digest = hashlib.sha256(data).hexdigest()
        assert sent.json() == {
            "file_id": upload["file_id"], "side": upload["side"], "bytes": len(data), "sha256": digest,
        }  # fmt: skip
    assert [path.read_bytes()[:1] for path in staged(acme)] == [b"\x01", b"\x01"]
    assert not any(path.read_bytes().find(passport()[200:264]) >= 0 for path in staged(acme))
    answer = await submit(client, headers, body)
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert document == await read(client, headers, body)
    assert (document["status"], document["version"], document["external_id"]) == ("submitted", 2, "u-1")
    assert document["sla"]["due_at"]
    assert document["metadata"] == {"campaign": "autumn"}
    assert [file["id"] for file in document["files"]] == [upload["file_id"] for upload in body["uploads"]]
    assert [file["sha256"] for file in document["files"]] == [hashlib.sha256(data).hexdigest() for data in both]
    assert staged(acme) == []
    await assert_sealed(document, both)
    jobs = await rows("select 1 from pgqueuer where dedupe_key = :k", k=f"document.screen:{key_of(body)}")
    assert len(jobs) == 1
    history = (await client.get(f"{URL}/{body['id']}/history", headers=headers)).json()["data"]
    assert [event["type"] for event in history] == ["document.created", "document.submitted"]
    verification = await client.get(f"/api/v1/verifications/{body['verification_id']}", headers=headers)
    assert (verification.json()["status"], verification.json()["missing"]) == ("processing", [])
    person = (await client.get(f"/api/v1/applicants/{body['applicant_id']}", headers=headers)).json()
    assert (person["surname"], person["external_id"]) == ("Specimen", "person-1")


async def test_a_missing_file_is_named_and_may_still_come(client, acme):
    headers = await acme.headers()
    body = await announce(client, headers, "front", "back", "page")
    await put(client, body["uploads"][0], picture())
    answer = await submit(client, headers, body)
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_missing")
    assert answer.json()["errors"][0]["pointer"] == "/files/1"
    for upload in body["uploads"][1:]:
        assert upload["file_id"] in answer.json()["detail"]
        await put(client, upload, picture())
    assert body["uploads"][0]["file_id"] not in answer.json()["detail"]
    assert (await submit(client, headers, body)).status_code == 200


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "empty"])
async def test_a_refused_file_is_named_leaves_nothing_and_may_be_sent_again(client, acme, name):
    data, status, code = HOSTILE[name]
    headers = await acme.headers()
    body = await announce(client, headers, "front", "back")
    for upload, content in zip(body["uploads"], (picture(), data), strict=True):
        assert (await put(client, upload, content)).status_code == 200
    refused = await submit(client, headers, body)
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    assert [one["pointer"] for one in refused.json()["errors"]] == ["/files/1"]
    assert originals(acme) == []
    assert await rows("select 1 from files where document_id = :d", d=key_of(body)) == []
    assert (await read(client, headers, body))["status"] == "awaiting_upload"
    await put(client, body["uploads"][1], passport())
    assert (await submit(client, headers, body)).json()["files"][1]["sha256"] == hashlib.sha256(passport()).hexdigest()


async def test_what_is_too_large_or_empty_is_refused_as_it_comes(client, acme):
    headers = await acme.headers()
    body = await announce(client, headers)
    path, sent = path_of(body["uploads"][0]), 0

    async def endless():
        nonlocal sent
        while sent < 64:
            sent += 1
            yield b"\xff" * MEGABYTE

    counted = await client.put(path, content=endless())
    assert (counted.status_code, counted.json()["code"]) == (413, "file_too_large")
    declared = await client.put(path, content=b"x", headers={"Content-Length": str(16 * MEGABYTE)})
    assert (declared.status_code, declared.json()["code"]) == (413, "file_too_large")
    empty = await client.put(path, content=b"")
    assert (empty.status_code, empty.json()["code"]) == (422, "file_empty")
    assert staged(acme) == []
    assert (await submit(client, headers, body)).json()["code"] == "upload_missing"


async def test_one_address_is_not_written_without_end_and_others_go_on(client, acme):
    body = await announce(client, await acme.headers(), "front", "back")
    front, back = body["uploads"]
    answers = [await client.put(path_of(front), content=b"") for _ in range(32)]
    assert {answer.status_code for answer in answers[:30]} == {422}
    assert (answers[-1].status_code, answers[-1].json()["code"]) == (429, "too_many_requests")
    assert answers[-1].json()["violated-policies"] == ["upload"]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert (await put(client, back, picture())).status_code == 200


async def test_a_file_that_comes_while_its_document_is_submitted_is_not_lost_in_silence(client, acme):
    body = await announce(client, await acme.headers())
    [upload] = body["uploads"]
    await put(client, upload, picture())
    caller = Actor(
        type=ActorType.API_KEY, id=acme.key_ids["live"], name="live", permissions=SCOPES,
        partner_id=acme.partner_id, livemode=True,
    )  # fmt: skip
    received = await uploads.store(caller, key_of(body))
    await put(client, upload, passport())
    with pytest.raises(Conflict) as caught:
        async with transaction(caller.tenancy) as session:
            await uploads.keep(session, caller, received, plan=Plan.STANDARD)
    assert caught.value.code == "upload_changed"
    document = (await submit(client, await acme.headers(), body)).json()
    assert document["files"][0]["sha256"] == hashlib.sha256(passport()).hexdigest()


async def test_the_last_sending_counts_and_none_after_the_submission(client, acme):
    headers = await acme.headers()
    body = await announce(client, headers)
    for data in (picture(), passport()):
        await put(client, body["uploads"][0], data)
    document = (await submit(client, headers, body)).json()
    assert document["files"][0]["sha256"] == hashlib.sha256(passport()).hexdigest()
    late = await put(client, body["uploads"][0], picture())
    assert (late.status_code, late.json()["code"]) == (409, "not_awaiting_upload")
    again = await submit(client, headers, body)
    assert (again.status_code, again.json()["code"]) == (409, "not_awaiting_upload")
    assert (await client.get(f"{URL}/{body['id']}/uploads", headers=headers)).json()["data"] == []
    assert staged(acme) == []


async def test_a_repeated_announcement_gives_fresh_addresses_of_one_document(client, acme):
    headers = await acme.headers() | {"Idempotency-Key": "announce"}
    first = await announce(client, headers, "front", applicant={"surname": "Specimen"})
    again = await announce(client, headers, "front", applicant={"surname": "Specimen"})
    assert again["id"] == first["id"]
    assert [one["file_id"] for one in again["uploads"]] == [one["file_id"] for one in first["uploads"]]
    kept = await rows("select body_box from idempotency_records where partner_id = :p", p=acme.partner_id)
    assert len(kept) == 1
    assert len(await rows("select 1 from documents where partner_id = :p", p=acme.partner_id)) == 1
    fresh = (await client.get(f"{URL}/{first['id']}/uploads", headers=headers)).json()["data"]
    assert (await put(client, fresh[0], picture())).status_code == 200
    assert (await submit(client, await acme.headers(), first)).status_code == 200
    assert (await announce(client, headers, "front", applicant={"surname": "Specimen"}))["uploads"] == []


async def test_submissions_at_once_make_one_and_keep_its_files(client, acme):
    headers = await acme.headers()
    for keys in (["a", "a", "a"], ["b1", "b2", "b3"]):
        body = await announce(client, headers, "front", "back")
        for upload in body["uploads"]:
            await put(client, upload, passport())
        answers = await asyncio.gather(*(submit(client, headers, body, **{"Idempotency-Key": key}) for key in keys))
        assert {answer.status_code for answer in answers} <= {200, 409}
        made = [answer for answer in answers if answer.status_code == 200]
        assert len([answer for answer in made if "idempotent-replayed" not in answer.headers]) == 1
        await assert_sealed(made[0].json(), (passport(), passport()))
        kept = await rows("select storage_key from files where document_id = :d", d=key_of(body))
        mine = [path for path in originals(acme) if str(key_of(body)) in path.parts]
        assert len(mine) == len(kept) == 2


async def test_a_repeated_submission_answers_the_same(client, acme):
    headers = await acme.headers()
    body = await announce(client, headers)
    await put(client, body["uploads"][0], picture())
    first = await submit(client, headers, body, **{"Idempotency-Key": "go"})
    again = await submit(client, headers, body, **{"Idempotency-Key": "go"})
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")


async def test_it_replaces_when_it_is_submitted_and_holds_the_place_until_then(client, acme):
    headers = await acme.headers()
    first = (await client.post(URL, headers=headers, files=files(), data={"type": "passport"})).json()
    await moved(first["id"], "processing", "in_review", "resubmission_requested")
    body = await announce(client, headers, replaces=first["id"])
    assert (body["replaces"], body["attempt"], body["type"]) == (first["id"], 2, "passport")
    assert (await read(client, headers, first))["status"] == "resubmission_requested"
    other = await client.post(URL, headers=headers, files=files(), data={"replaces": first["id"]})
    assert (other.status_code, other.json()["code"]) == (409, "not_replaceable")
    await client.post(f"{URL}/{body['id']}/cancel", headers=headers)
    assert (await read(client, headers, body))["replaces"] is None
    body = await announce(client, headers, replaces=first["id"])
    await put(client, body["uploads"][0], picture())
    assert (await submit(client, headers, body)).json()["replaces"] == first["id"]
    assert (await read(client, headers, first))["status"] == "superseded"


async def test_it_cannot_join_what_was_closed_meanwhile(client, acme):
    headers = await acme.headers()
    verification = (await client.post("/api/v1/verifications", headers=headers, json={"applicant": {}})).json()
    body = await announce(client, headers, verification_id=verification["id"])
    assert body["applicant_id"] == verification["applicant_id"]
    await put(client, body["uploads"][0], picture())
    await client.post(f"/api/v1/verifications/{verification['id']}/cancel", headers=headers)
    answer = await submit(client, headers, body)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_awaiting_upload")
    assert staged(acme) == []
    assert originals(acme) == []


async def test_a_withdrawn_one_leaves_nothing_staged(client, acme):
    headers = await acme.headers()
    body = await announce(client, headers)
    await put(client, body["uploads"][0], picture())
    assert len(staged(acme)) == 1
    await client.post(f"{URL}/{body['id']}/cancel", headers=headers)
    assert staged(acme) == []
    assert (await put(client, body["uploads"][0], picture())).json()["code"] == "not_awaiting_upload"


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"files": []}, "invalid_value", "/files"),
        ({"files": [{"side": "front"}] * 7}, "too_long", "/files"),
        ({"files": [{"side": "top"}]}, "invalid_choice", "/files/0/side"),
        ({"files": [{"side": "front", "name": "x"}]}, "unknown_field", "/files/0/name"),
        ({"type": "library_card"}, "invalid_choice", "/type"),
        ({"issuing_country": "XXQ"}, "invalid_country", "/issuing_country"),
        ({"metadata": {"a": "x" * 17_000}}, "metadata_too_large", "/metadata"),
        ({"metadata": []}, "invalid_type", "/metadata"),
        ({"applicant": {"date_of_birth": "x"}}, "invalid_date", "/applicant/date_of_birth"),
        ({"applicant": "x"}, "invalid_type", "/applicant"),
        ({"sides": ["front"]}, "unknown_field", "/sides"),
    ],
)
async def test_wrong_announcements_are_named_and_make_nothing(client, acme, change, code, place):
    headers = await acme.headers()
    answer = await client.post(f"{URL}/uploads", headers=headers, json={"files": [{"side": "front"}]} | change)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert [one["pointer"] for one in answer.json()["errors"]] == [place]
    assert await rows("select 1 from documents where partner_id = :p", p=acme.partner_id) == []
    assert await rows("select 1 from applicants where partner_id = :p", p=acme.partner_id) == []
