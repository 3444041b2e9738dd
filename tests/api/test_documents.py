"""The happy way and what must be true after a 201."""

import hashlib
import json

from backoffice.adapters.storage import storage_for
from backoffice.db import Tenancy, transaction
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import files as file_service
from backoffice.services import vault
from tests.api.world import applicant, deny, files, moved, passport, picture, rows, screened
from tests.services.review_cast import CLEAN

URL = "/api/v1/documents"


async def test_post_answers_the_contract(client, acme):
    answer = await client.post(
        URL,
        headers=await acme.headers() | {"X-Request-Id": "partner-call-0001"},
        files=files(passport()),
        data={
            "sides": "front",
            "type": "passport",
            "issuing_country": "FRA",
            "applicant": applicant(external_id="app-1"),
            "external_id": "user-8841",
            "metadata": json.dumps({"campaign": "autumn", "nested": {"a": [1, 2.5, None, True]}}),
        },
    )
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert answer.headers["x-request-id"] == "partner-call-0001"
    assert answer.headers["location"] == f"{URL}/{body['id']}"
    assert body["status"] == "submitted"
    assert body["livemode"] is True
    assert body["external_id"] == "user-8841"
    assert body["metadata"] == {"campaign": "autumn", "nested": {"a": [1, 2.5, None, True]}}
    assert body["files"][0]["sha256"] == hashlib.sha256(passport()).hexdigest()
    assert body["files"][0]["mime_type"] == "image/jpeg"
    assert body["sla"]["breached"] is False
    assert body["decision"] is None
    read = await client.get(f"{URL}/{body['id']}", headers=await acme.headers())
    assert read.json() == body


async def test_a_201_is_durable(client, acme):
    both = (passport(), picture())
    answer = await client.post(
        URL, headers=await acme.headers(), files=files(*both), data={"applicant": applicant(), "sides": "front,back"}
    )
    body = answer.json()
    document_id = parse_public_id(Prefix.DOCUMENT, body["id"])
    stored = await rows(
        "select f.id, storage_key, applicant_id from files f join documents d on d.id = document_id "
        "where document_id = :d order by position",
        d=document_id,
    )
    async with transaction(Tenancy.everyone()) as session:
        key = await vault.data_key(session, stored[0].applicant_id)
    for row, original in zip(stored, both, strict=True):
        box = await storage_for("default").get(row.storage_key)
        assert original[:64] not in box
        assert file_service.open_file(key, row.id, box) == original
    sequence = await rows("select sequence, type from events where subject_id = :d order by sequence", d=document_id)
    assert [tuple(row) for row in sequence] == [(1, "document.created"), (2, "document.submitted")]
    jobs = await rows("select payload from pgqueuer where entrypoint = 'document.screen'")
    assert {"document_id": str(document_id)} in [json.loads(row.payload) for row in jobs]
    audit = await rows("select action, actor_type from audit_entries where subject_id = :d", d=document_id)
    assert ("document.created", "api_key") in [tuple(row) for row in audit]
    personal = await rows("select personal_box from applicants where id = :a", a=stored[0].applicant_id)
    assert b"Camille" not in personal[0].personal_box


async def test_history_counts_from_one(client, acme):
    headers = await acme.headers()
    body = (await client.post(URL, headers=headers, files=files())).json()
    answer = await client.get(f"{URL}/{body['id']}/history", headers=headers)
    assert [event["sequence"] for event in answer.json()["data"]] == [1, 2]
    assert answer.json()["data"][0]["subject"] == {"type": "document", "id": body["id"]}


async def test_lists_stay_stable_while_rows_arrive(client, acme):
    headers = await acme.headers()
    ids = [(await client.post(URL, headers=headers, files=files())).json()["id"] for _ in range(5)]
    seen, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(URL, headers=headers, params=query)).json()
        seen += [row["id"] for row in page["data"]]
        await client.post(URL, headers=headers, files=files())
        cursor = page["next_cursor"]
        assert page["has_more"] is (cursor is not None)
        if not cursor:
            break
    assert seen == list(reversed(ids))


async def test_filters_narrow(client, acme):
    headers = await acme.headers()
    one = (
        await client.post(URL, headers=headers, files=files(), data={"type": "passport", "external_id": "a%b"})
    ).json()
    two = (await client.post(URL, headers=headers, files=files(), data={"type": "tax_id", "external_id": "axb"})).json()

    async def ids(**query):
        answer = await client.get(URL, headers=headers, params=query)
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()["data"]]

    assert await ids() == [two["id"], one["id"]]
    assert await ids(type="passport") == [one["id"]]
    assert await ids(status=["submitted", "approved"]) == [two["id"], one["id"]]
    assert await ids(status="approved") == []
    assert await ids(external_id="axb") == [two["id"]]
    assert await ids(q="a%") == [one["id"]]
    assert await ids(q=two["id"]) == [two["id"]]
    assert await ids(applicant_id=one["applicant_id"]) == [one["id"]]
    assert await ids(verification_id=two["verification_id"]) == [two["id"]]
    assert await ids(created_after=two["created_at"]) == [two["id"]]
    assert await ids(created_before="2020-01-01T00:00:00Z") == []


async def test_a_second_document_joins_applicant_and_verification(client, acme):
    headers = await acme.headers()
    first = (await client.post(URL, headers=headers, files=files(), data={"applicant": applicant()})).json()
    answer = await client.post(
        URL,
        headers=headers,
        files=files(),
        data={"applicant_id": first["applicant_id"], "verification_id": first["verification_id"]},
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["applicant_id"] == first["applicant_id"]
    assert answer.json()["verification_id"] == first["verification_id"]


async def _ask_for_another(document_id):
    await moved(document_id, "processing", "in_review", "resubmission_requested")


async def test_replacing_counts_attempts_until_the_limit(client, acme):
    headers = await acme.headers()
    first = (await client.post(URL, headers=headers, files=files(), data={"type": "passport"})).json()
    early = await client.post(URL, headers=headers, files=files(), data={"replaces": first["id"]})
    assert (early.status_code, early.json()["code"]) == (409, "not_replaceable")
    current = first
    for attempt in (2, 3):
        await _ask_for_another(current["id"])
        answer = await client.post(URL, headers=headers, files=files(), data={"replaces": current["id"]})
        assert answer.status_code == 201, answer.text
        previous, current = current, answer.json()
        assert current["attempt"] == attempt
        assert current["replaces"] == previous["id"]
        assert current["applicant_id"] == first["applicant_id"]
        assert current["verification_id"] == first["verification_id"]
        old = (await client.get(f"{URL}/{previous['id']}", headers=headers)).json()
        assert old["status"] == "superseded"
    await _ask_for_another(current["id"])
    last = await client.post(URL, headers=headers, files=files(), data={"replaces": current["id"]})
    assert (last.status_code, last.json()["code"]) == (422, "resubmission_limit_exceeded")
    told = await rows(
        "select type from events where subject_id = :v order by sequence",
        v=parse_public_id(Prefix.VERIFICATION, first["verification_id"]),
    )
    assert [row.type for row in told].count("verification.created") == 1


async def test_cancel_withdraws_once(client, acme):
    headers = await acme.headers()
    body = (await client.post(URL, headers=headers, files=files())).json()
    answer = await client.post(f"{URL}/{body['id']}/cancel", headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (200, "canceled")
    again = await client.post(f"{URL}/{body['id']}/cancel", headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")
    extra = await client.post(f"{URL}/{body['id']}/cancel", headers=headers, content=b'{"why": 1}')
    assert extra.status_code == 422


async def test_original_is_served_to_its_key_and_audited(client, acme, rival):
    headers = await acme.headers()
    body = (await client.post(URL, headers=headers, files=files(passport()))).json()
    where = f"{URL}/{body['id']}/files/{body['files'][0]['id']}"
    early = await client.get(where, headers=headers)
    assert (early.status_code, early.json()["code"]) == (409, "file_not_ready")
    link = (await client.get(where, headers=headers, params={"variant": "original"})).json()
    served = await client.get(link["url"].split("8000")[-1])
    assert served.content == passport()
    assert served.headers["content-disposition"].startswith("attachment")
    assert served.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in served.headers["content-security-policy"]
    found = await rows(
        "select action from audit_entries where subject_id = :d and action = 'file.original_read'",
        d=parse_public_id(Prefix.DOCUMENT, body["id"]),
    )
    assert len(found) == 1
    path = link["url"].split("8000")[-1]
    for index in (len(path) - 1, len(path) - 40, 20):
        letter = "A" if path[index] != "A" else "B"
        bent = await client.get(path[:index] + letter + path[index + 1 :])
        assert bent.status_code == 404


async def test_a_link_ends_with_its_key(client, acme):
    from backoffice.services import api_keys
    from tests.api.world import OPERATOR

    headers = await acme.headers()
    body = (await client.post(URL, headers=headers, files=files())).json()
    where = f"{URL}/{body['id']}/files/{body['files'][0]['id']}?variant=original"
    path = (await client.get(where, headers=headers)).json()["url"].split("8000")[-1]
    async with transaction(Tenancy.everyone()) as session:
        await api_keys.revoke(session, OPERATOR, acme.key_ids["live"])
    assert (await client.get(path)).status_code == 401


async def test_without_personal_read_values_stay_closed(client, acme):
    body = (await client.post(URL, headers=await acme.headers(), files=files())).json()
    headers = await acme.headers("narrow", scopes={"documents:read"})
    answer = await client.get(f"{URL}/{body['id']}", headers=headers)
    assert answer.json()["extracted"] is None
    link = await client.get(f"{URL}/{body['id']}/files/{body['files'][0]['id']}", headers=headers)
    assert (link.status_code, link.json()["code"]) == (403, "insufficient_scope")


async def test_a_denied_attribute_is_absent_from_every_document(client, acme):
    headers = await acme.headers()
    body = (await client.post(URL, headers=headers, files=files(), data={"applicant": applicant()})).json()
    await screened(body["id"])
    whole = (await client.get(f"{URL}/{body['id']}", headers=headers)).json()["extracted"]
    assert {*whole} == {item.name for item in CLEAN.extracted} == {"surname", "document_number"}
    narrow = await acme.headers("narrow")
    await deny(acme, "narrow", "document_number")
    for seen in (
        (await client.get(f"{URL}/{body['id']}", headers=narrow)).json(),
        *(await client.get(URL, headers=narrow)).json()["data"],
    ):
        assert seen["extracted"] == {"surname": whole["surname"]}
        assert "P1234567" not in str(seen)
    document_id = parse_public_id(Prefix.DOCUMENT, body["id"])
    sql = "select count(*) from audit_entries where action = 'document.personal_read' and subject_id = :d"
    assert (await rows(sql, d=document_id))[0][0] == 3
