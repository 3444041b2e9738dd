"""Applicants: who may read what of them, and how a change is merged."""

import asyncio
import json

import pytest

from backoffice.adapters import boxes
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import idempotency, vault
from backoffice.services.applicants import PERSONAL_NAMES
from tests.api.world import deny, files, rows

URL = "/api/v1/applicants"
PERSON = {
    "given_names": "Camille", "surname": "Specimen", "date_of_birth": "1990-04-12", "nationality": "FRA",
    "email": "camille@example.org", "document_number": "12AB34567", "external_id": "user-1",
}  # fmt: skip


async def make(client, headers, **values):
    answer = await client.post(URL, headers=headers, json=PERSON | values)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def events_of(body):
    key = parse_public_id(Prefix.APPLICANT, body["id"])
    return [row.type for row in await rows("select type from events where subject_id = :s order by sequence", s=key)]


async def test_names_are_closed_without_personal_read(client, acme):
    body = await make(client, await acme.headers())
    headers = await acme.headers("narrow", scopes={"applicants:read", "applicants:write"})
    made = await make(client, headers, surname="Other")
    for seen in (
        made,
        (await client.get(f"{URL}/{body['id']}", headers=headers)).json(),
        (await client.patch(f"{URL}/{body['id']}", headers=headers, json={"phone": "+33 1"})).json(),
        *(await client.get(URL, headers=headers)).json()["data"],
    ):
        assert {seen[name] for name in PERSONAL_NAMES} == {None}
        assert seen["external_id"] == "user-1"


async def test_denied_attributes_are_null_and_the_others_are_not(client, acme):
    headers = await acme.headers()
    await deny(acme, "live", "document_number", "date_of_birth")
    body = await make(client, headers)
    changed = await client.patch(f"{URL}/{body['id']}", headers=headers, json={"document_number": "99"})
    listed = (await client.get(URL, headers=headers)).json()["data"][0]
    for seen in (body, listed, changed.json(), (await client.get(f"{URL}/{body['id']}", headers=headers)).json()):
        assert (seen["document_number"], seen["date_of_birth"]) == (None, None)
        assert (seen["surname"], seen["email"]) == ("Specimen", "camille@example.org")


async def test_what_was_kept_is_read_back_and_sealed_at_rest(client, acme):
    headers = await acme.headers()
    answer = await client.post(URL, headers=headers, json=PERSON)
    body = answer.json()
    assert answer.headers["location"] == f"{URL}/{body['id']}"
    assert {name: body[name] for name in PERSON} == PERSON
    assert (body["object"], body["version"], body["erased_at"], body["livemode"]) == ("applicant", 1, None, True)
    read = await client.get(f"{URL}/{body['id']}", headers=headers)
    assert read.json() == body
    assert read.headers["etag"] == '"1"'
    assert await events_of(body) == ["applicant.created"]
    key = parse_public_id(Prefix.APPLICANT, body["id"])
    assert b"Camille" not in (await rows("select personal_box from applicants where id = :a", a=key))[0][0]
    told = await rows("select data::text from events where subject_id = :a", a=key)
    assert not any(value in told[0][0] for value in ("Camille", "Specimen", "12AB34567"))


async def test_every_read_of_personal_data_is_written_down(client, acme):
    headers = await acme.headers()
    body = await make(client, headers)
    key = parse_public_id(Prefix.APPLICANT, body["id"])
    sql = "select count(*) from audit_entries where action = 'applicant.personal_read' and subject_id = :a"
    before = (await rows(sql, a=key))[0][0]
    await client.get(f"{URL}/{body['id']}", headers=headers)
    await client.get(URL, headers=headers)
    assert (await rows(sql, a=key))[0][0] == before + 2
    narrow = await acme.headers("narrow", scopes={"applicants:read"})
    await client.get(f"{URL}/{body['id']}", headers=narrow)
    assert (await rows(sql, a=key))[0][0] == before + 2


async def test_a_kept_answer_holds_no_personal_data_and_shows_it_again(client, acme):
    headers = await acme.headers() | {"Idempotency-Key": "one-person"}
    first = await client.post(URL, headers=headers, json=PERSON)
    again = await client.post(URL, headers=headers, json=dict(reversed(PERSON.items())))
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    other = await client.post(URL, headers=headers, json=PERSON | {"surname": "Other"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    box = (await rows("select body_box from idempotency_records where partner_id = :p", p=acme.partner_id))[0][0]
    kept = json.loads(boxes.open_(idempotency.KEY_PURPOSE, box, vault.aad(acme.partner_id, "one-person")))
    assert kept["id"] == first.json()["id"]
    assert {kept[name] for name in PERSONAL_NAMES} == {None}


async def test_a_change_merges_and_null_clears(client, acme):
    headers = await acme.headers()
    body = await make(client, headers)
    where = f"{URL}/{body['id']}"
    answer = await client.patch(where, headers=headers, json={"surname": "Martin", "email": None, "external_id": None})
    changed = answer.json()
    assert answer.headers["etag"] == '"2"'
    assert changed == body | {
        "surname": "Martin", "email": None, "external_id": None, "version": 2, "updated_at": changed["updated_at"],
    }  # fmt: skip
    assert changed["updated_at"] > body["updated_at"]
    assert (await client.get(where, headers=headers)).json() == changed
    same = await client.patch(where, headers=headers, json={"surname": "Martin", "email": None})
    nothing = await client.patch(where, headers=headers, json={})
    assert (same.json(), nothing.json()) == (changed, changed)
    assert await events_of(body) == ["applicant.created", "applicant.updated"]
    key = parse_public_id(Prefix.APPLICANT, body["id"])
    sql = "select changes from audit_entries where action = 'applicant.updated' and subject_id = :a"
    assert (await rows(sql, a=key))[0].changes == {"fields": ["surname", "email", "external_id"]}


@pytest.mark.parametrize(
    ("tag", "status"),
    [('"1"', 200), ("*", 200), ('"7", "1"', 200), ('"2"', 412), ('W/"1"', 412), ("1", 412), ("", 412), ('"', 412)],
)
async def test_if_match_names_the_version(client, acme, tag, status):
    headers = await acme.headers()
    body = await make(client, headers)
    answer = await client.patch(f"{URL}/{body['id']}", headers=headers | {"If-Match": tag}, json={"phone": "1"})
    assert answer.status_code == status, answer.text
    if status == 412:
        assert answer.json()["code"] == "precondition_failed"
        assert (await client.get(f"{URL}/{body['id']}", headers=headers)).json() == body


async def test_of_two_changes_of_one_version_one_is_refused(client, acme):
    headers = await acme.headers()
    body = await make(client, headers)
    tagged = headers | {"If-Match": '"1"'}
    changes = [{"phone": str(number)} for number in range(4)]
    answers = await asyncio.gather(
        *(client.patch(f"{URL}/{body['id']}", headers=tagged, json=change) for change in changes)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    assert (await events_of(body)).count("applicant.updated") == 1


async def test_changes_at_once_are_merged_and_none_is_lost(client, acme):
    headers = await acme.headers()
    body = await make(client, headers)
    changes = [{"phone": "1"}, {"address": "2"}, {"surname": "3"}, {"full_name": "4"}]
    await asyncio.gather(*(client.patch(f"{URL}/{body['id']}", headers=headers, json=change) for change in changes))
    seen = (await client.get(f"{URL}/{body['id']}", headers=headers)).json()
    assert [seen[name] for name in ("phone", "address", "surname", "full_name")] == ["1", "2", "3", "4"]
    assert seen["version"] == 5


async def test_lists_are_filtered_and_walked(client, acme):
    headers = await acme.headers()
    made = [await make(client, headers, external_id=f"user-{number % 2}") for number in range(5)]
    newest = [body["id"] for body in reversed(made)]

    async def ids(**query):
        answer = await client.get(URL, headers=headers, params=query)
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()["data"]]

    assert await ids() == newest
    assert await ids(external_id="user-1") == [made[3]["id"], made[1]["id"]]
    assert await ids(created_after=made[2]["created_at"]) == newest[:3]
    assert await ids(created_before="1890-01-01T00:00:00Z") == []
    assert await ids(created_after="9999-12-31T23:59:59Z") == []
    assert await ids(created_before="9999-12-31T23:59:59Z", created_after="0001-01-01T00:00:00+14:00") == newest
    seen, cursor = [], None
    while cursor or not seen:
        page = (
            await client.get(URL, headers=headers, params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        ).json()
        seen += [row["id"] for row in page["data"]]
        cursor = page["next_cursor"]
        assert page["has_more"] is (cursor is not None)
        await make(client, headers)
    assert seen == newest


async def test_an_applicant_takes_documents(client, acme):
    headers = await acme.headers()
    body = await make(client, headers)
    sent = await client.post("/api/v1/documents", headers=headers, files=files(), data={"applicant_id": body["id"]})
    assert sent.json()["applicant_id"] == body["id"]


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({"nickname": "x"}, "unknown_field", "/nickname"),
        ({"surname": 5}, "invalid_type", "/surname"),
        ({"surname": ""}, "invalid_value", "/surname"),
        ({"surname": "x" * 201}, "too_long", "/surname"),
        ({"nationality": "fra"}, "invalid_country", "/nationality"),
        ({"nationality": "ZZZ"}, "invalid_country", "/nationality"),
        ({"date_of_birth": "1990-02-30"}, "invalid_date", "/date_of_birth"),
        ({"date_of_birth": 0}, "invalid_date", "/date_of_birth"),
        ([], "invalid_type", ""),
    ],
)
async def test_wrong_fields_are_named_and_change_nothing(client, acme, body, code, place):
    headers = await acme.headers()
    kept = await make(client, headers)
    for answer in (
        await client.post(URL, headers=headers, json=body),
        await client.patch(f"{URL}/{kept['id']}", headers=headers, json=body),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
        assert [one["pointer"] for one in answer.json()["errors"]] == ([place] if place else [])
    assert (await client.get(URL, headers=headers)).json()["data"] == [kept]


async def test_other_bodies_are_refused(client, acme):
    headers = await acme.headers()
    form = await client.post(URL, headers=headers, data={"surname": "x"})
    assert (form.status_code, form.json()["code"]) == (415, "unsupported_media_type")
    large = await client.post(URL, headers=headers, content=json.dumps({"surname": "x" * 70_000}))
    assert (large.status_code, large.json()["code"]) == (413, "request_too_large")
    twice = await client.post(URL, headers=headers, content='{"surname": "a", "surname": "b"}')
    assert (twice.status_code, twice.json()["code"]) == (422, "invalid_json")
