"""Verifications: what is required, what is missing, and a status that nobody writes by hand."""

import asyncio
import itertools

import pytest

from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.documents import DocumentStatus
from backoffice.services.verifications import derive, missing
from tests.api.world import applicant, files, moved, rows, rows_changed, screened

URL = "/api/v1/verifications"
DOCUMENTS = "/api/v1/documents"


async def begin(client, headers, **values):
    answer = await client.post(URL, headers=headers, json={"applicant": {"surname": "Specimen"}} | values)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def read(client, headers, verification):
    return (await client.get(f"{URL}/{verification['id']}", headers=headers)).json()


async def send(client, headers, verification, type_=None, **data):
    data |= {"verification_id": verification["id"]} | ({"type": type_} if type_ else {})
    answer = await client.post(DOCUMENTS, headers=headers, files=files(), data=data)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def told(verification):
    key = parse_public_id(Prefix.VERIFICATION, verification["id"])
    found = await rows("select type, sequence from events where subject_id = :v order by sequence", v=key)
    assert [row.sequence for row in found] == list(range(1, len(found) + 1))
    return [row.type.removeprefix("verification.") for row in found]


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({}, "missing", "/applicant_id"),
        ({"applicant": {}, "applicant_id": "app_" + "0" * 26}, "applicant_conflict", "/applicant"),
        ({"applicant": {"surname": 5}}, "invalid_type", "/applicant/surname"),
        ({"applicant": {"nickname": "x"}}, "unknown_field", "/applicant/nickname"),
        ({"applicant": {}, "required_types": ["library_card"]}, "invalid_choice", "/required_types/0"),
        ({"applicant": {}, "required_types": ["passport", "passport"]}, "invalid_value", "/required_types"),
        ({"applicant": {}, "required_types": "passport"}, "invalid_type", "/required_types"),
        ({"applicant": {}, "external_id": ""}, "invalid_value", "/external_id"),
        ({"applicant": {}, "status": "approved"}, "unknown_field", "/status"),
    ],
)
async def test_wrong_fields_are_named_and_make_nothing(client, acme, body, code, place):
    headers = await acme.headers()
    answer = await client.post(URL, headers=headers, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert [one["pointer"] for one in answer.json()["errors"]] == [place]
    assert (await client.get(URL, headers=headers)).json()["data"] == []
    assert (await client.get("/api/v1/applicants", headers=headers)).json()["data"] == []


async def test_another_partners_applicant_does_not_exist(client, acme, rival):
    theirs = await begin(client, await rival.headers())
    answer = await client.post(URL, headers=await acme.headers(), json={"applicant_id": theirs["applicant_id"]})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.json()["errors"][0]["pointer"] == "/applicant_id"
    other_mode = await rival.headers("test", livemode=False)
    answer = await client.post(URL, headers=other_mode, json={"applicant_id": theirs["applicant_id"]})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_it_waits_for_all_that_is_required(client, acme):
    headers = await acme.headers()
    person = (await client.post("/api/v1/applicants", headers=headers, json={})).json()
    required = ["passport", "selfie"]
    values = {"applicant_id": person["id"], "required_types": required, "external_id": "onboarding-1"}
    answer = await client.post(URL, headers=headers, json=values)
    verification = answer.json()
    assert answer.headers["location"] == f"{URL}/{verification['id']}"
    assert {name: verification[name] for name in values} == values
    assert (verification["status"], verification["documents"], verification["missing"]) == ("created", [], required)
    assert await read(client, headers, verification) == verification

    passport = await send(client, headers, verification, "passport")
    assert passport["applicant_id"] == person["id"]
    now = await read(client, headers, verification)
    assert (now["status"], now["missing"]) == ("processing", ["selfie"])
    assert now["documents"] == [{"id": passport["id"], "type": "passport", "status": "submitted"}]
    await moved(passport["id"], "processing", "in_review", "approved")
    assert (await read(client, headers, verification))["status"] == "pending"

    selfie = await send(client, headers, verification, "selfie", applicant_id=person["id"])
    await moved(selfie["id"], "processing", "in_review", "approved")
    now = await read(client, headers, verification)
    assert (now["status"], now["missing"]) == ("approved", [])
    assert [part["id"] for part in now["documents"]] == [passport["id"], selfie["id"]]
    assert await told(verification) == [
        "created", "processing", "in_review", "pending", "processing", "in_review", "approved",
    ]  # fmt: skip


async def test_a_type_that_screening_finds_counts(client, acme):
    headers = await acme.headers()
    verification = await begin(client, headers, required_types=["passport"])
    document = await send(client, headers, verification)
    assert (await read(client, headers, verification))["missing"] == ["passport"]
    await screened(document["id"])
    now = await read(client, headers, verification)
    assert (now["status"], now["missing"], now["documents"][0]["type"]) == ("in_review", [], "passport")


async def test_a_resubmission_takes_the_place_of_the_first(client, acme):
    headers = await acme.headers()
    verification = await begin(client, headers, required_types=["passport"])
    first = await send(client, headers, verification, "passport")
    await moved(first["id"], "processing", "in_review", "resubmission_requested")
    now = await read(client, headers, verification)
    assert (now["status"], now["missing"]) == ("resubmission_requested", [])
    second = await send(client, headers, verification, replaces=first["id"])
    assert (second["attempt"], second["type"]) == (2, "passport")
    await moved(second["id"], "processing", "in_review", "approved")
    assert (await read(client, headers, verification))["status"] == "approved"


async def test_a_withdrawn_document_leaves_room_for_another(client, acme):
    headers = await acme.headers()
    verification = await begin(client, headers, required_types=["passport"])
    first = await send(client, headers, verification, "passport")
    await client.post(f"{DOCUMENTS}/{first['id']}/cancel", headers=headers)
    now = await read(client, headers, verification)
    assert (now["status"], now["missing"], now["canceled_at"]) == ("canceled", ["passport"], None)
    second = await send(client, headers, verification, "passport")
    await moved(second["id"], "processing", "in_review", "approved")
    assert (await read(client, headers, verification))["status"] == "approved"


async def test_cancel_ends_all_that_is_open(client, acme):
    headers = await acme.headers()
    verification = await begin(client, headers, required_types=["passport", "selfie", "tax_id"])
    decided = await send(client, headers, verification, "passport")
    await moved(decided["id"], "processing", "in_review", "approved")
    reviewed, fresh = [await send(client, headers, verification, type_) for type_ in ("selfie", "tax_id")]
    task = await screened(reviewed["id"])
    keyed = headers | {"Idempotency-Key": "stop"}
    answer = await client.post(f"{URL}/{verification['id']}/cancel", headers=keyed)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["status"] == "canceled"
    assert body["canceled_at"]
    assert {part["id"]: part["status"] for part in body["documents"]} == {
        decided["id"]: "approved", reviewed["id"]: "canceled", fresh["id"]: "canceled",
    }  # fmt: skip
    assert (await rows("select status from review_tasks where id = :t", t=task.id))[0].status == "completed"
    again = await client.post(f"{URL}/{verification['id']}/cancel", headers=keyed)
    assert (again.json(), again.headers["idempotent-replayed"]) == (body, "true")
    twice = await client.post(f"{URL}/{verification['id']}/cancel", headers=headers)
    assert (twice.status_code, twice.json()["code"]) == (409, "illegal_move")
    late = await client.post(DOCUMENTS, headers=headers, files=files(), data={"verification_id": verification["id"]})
    assert (late.status_code, late.json()["code"]) == (409, "verification_closed")
    assert (await told(verification)).count("canceled") == 1
    key = parse_public_id(Prefix.VERIFICATION, verification["id"])
    done = await rows("select action from audit_entries where subject_id = :v order by id", v=key)
    assert [row.action for row in done] == ["verification.created", "verification.canceled"]


async def test_a_resubmission_does_not_open_what_was_canceled(client, acme):
    headers = await acme.headers()
    verification = await begin(client, headers, required_types=["passport"])
    document = await send(client, headers, verification, "passport")
    await moved(document["id"], "processing", "in_review", "resubmission_requested")
    canceled = await client.post(f"{URL}/{verification['id']}/cancel", headers=headers)
    assert (canceled.status_code, canceled.json()["status"]) == (200, "canceled")
    late = await client.post(DOCUMENTS, headers=headers, files=files(), data={"replaces": document["id"]})
    assert (late.status_code, late.json()["code"]) == (409, "verification_closed")


async def test_what_is_decided_or_empty(client, acme):
    headers = await acme.headers()
    verification = await begin(client, headers, required_types=["passport"])
    document = await send(client, headers, verification, "passport")
    await moved(document["id"], "processing", "in_review", "rejected")
    refused = await client.post(f"{URL}/{verification['id']}/cancel", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_move")
    assert (await read(client, headers, verification))["status"] == "rejected"
    empty = await begin(client, headers)
    answer = await client.post(f"{URL}/{empty['id']}/cancel", headers=headers, content=b"{}")
    assert answer.json()["status"] == "canceled"
    extra = await client.post(f"{URL}/{empty['id']}/cancel", headers=headers, json={"why": "x"})
    assert (extra.status_code, extra.json()["code"]) == (422, "unknown_field")


async def test_nothing_joins_what_is_canceled_at_the_same_moment(client, acme):
    headers = await acme.headers()
    for _ in range(6):
        verification = await begin(client, headers, required_types=["passport"])
        where = {"verification_id": verification["id"], "type": "passport"}
        sent, also_sent, canceled = await asyncio.gather(
            client.post(DOCUMENTS, headers=headers, files=files(), data=where),
            client.post(DOCUMENTS, headers=headers, files=files(), data=where),
            client.post(f"{URL}/{verification['id']}/cancel", headers=headers),
        )
        assert canceled.status_code in {200, 409}
        assert {sent.status_code, also_sent.status_code} <= {201, 409}, (sent.text, also_sent.text)
        now = await read(client, headers, verification)
        statuses = {part["status"] for part in now["documents"]}
        if canceled.status_code == 200:
            assert (now["status"], statuses - {"canceled"}) == ("canceled", set())
        else:
            assert canceled.json()["code"] == "stale_version"
        assert len(now["documents"]) == [sent.status_code, also_sent.status_code].count(201)


async def test_a_repeated_post_begins_one(client, acme):
    keyed = await acme.headers() | {"Idempotency-Key": "begin"}
    first = await client.post(URL, headers=keyed, json={"applicant": {"surname": "A"}})
    again = await client.post(URL, headers=keyed, json={"applicant": {"surname": "A"}})
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    assert len(await rows("select 1 from applicants where partner_id = :p", p=acme.partner_id)) == 1


async def test_lists_narrow(client, acme):
    headers = await acme.headers()
    one = await begin(client, headers, external_id="a", required_types=["passport"])
    two = await begin(client, headers, external_id="b")
    await send(client, headers, two)
    by_call = (await client.post(DOCUMENTS, headers=headers, files=files(), data={"applicant": applicant()})).json()

    async def ids(**query):
        answer = await client.get(URL, headers=headers, params=query)
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()["data"]]

    assert await ids() == [by_call["verification_id"], two["id"], one["id"]]
    assert await ids(status="created") == [one["id"]]
    assert await ids(status=["created", "processing"], external_id="b") == [two["id"]]
    assert await ids(applicant_id=two["applicant_id"]) == [two["id"]]
    assert await ids(created_after=two["created_at"], created_before=by_call["created_at"]) == [two["id"]]
    listed = (await client.get(URL, headers=headers)).json()["data"]
    assert listed == [await read(client, headers, row) for row in listed]
    assert (await client.get(URL, headers=headers, params={"status": "declined"})).json()["code"] == "invalid_choice"


async def test_an_expired_try_does_not_spoil_an_approval(client, acme):
    headers = await acme.headers()
    verification = await begin(client, headers, required_types=["passport"])
    first = await send(client, headers, verification, "passport")
    await moved(first["id"], "processing", "in_review", "resubmission_requested", "expired")
    now = await read(client, headers, verification)
    assert (now["status"], now["missing"]) == ("expired", ["passport"])
    second = await send(client, headers, verification, "passport")
    await moved(second["id"], "processing", "in_review", "approved")
    assert (await read(client, headers, verification))["status"] == "approved"


async def test_the_status_is_nobodys_to_write(client, acme):
    headers = await acme.headers()
    verification = await begin(client, headers, required_types=["passport"])
    key = parse_public_id(Prefix.VERIFICATION, verification["id"])
    await rows_changed("update verifications set status = 'approved' where id = :v", v=key)
    await send(client, headers, verification, "selfie")
    assert (await read(client, headers, verification))["status"] == "processing"


def test_every_mix_of_documents_has_one_status():
    for size in (1, 2, 3):
        for mix in itertools.combinations_with_replacement(DocumentStatus, size):
            documents = [("passport", status) for status in mix]
            assert {derive(["passport"], list(order)) for order in itertools.permutations(documents)} == {
                derive(["passport"], documents)
            }
            canceled = derive(["passport"], documents, is_canceled=True)
            assert canceled == ("redacted" if {*mix} - {"superseded"} == {"redacted"} else "canceled")


def test_approved_means_every_required_type_and_nothing_open():
    approved, waiting = ("passport", "approved"), ("selfie", "in_review")
    assert derive(["passport"], [approved]) == "approved"
    assert derive([], [approved]) == "approved"
    assert derive(["passport", "selfie"], [approved]) == "pending"
    assert derive(["passport"], [approved, waiting]) == "in_review"
    assert derive(["passport"], [approved, ("selfie", "canceled")]) == "approved"
    assert derive(["passport"], []) == "created"
    assert missing(["passport", "selfie"], [approved, ("selfie", "canceled")]) == ["selfie"]
    assert missing(["passport"], [("passport", "rejected")]) == []
