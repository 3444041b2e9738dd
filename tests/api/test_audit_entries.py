"""The audit over the API: one's own, whole, and nothing of who works for us."""

import pytest

from backoffice.db import Tenancy, transaction
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.members import Role
from backoffice.models.review_tasks import Outcome
from backoffice.services import api_keys, decisions, review_claims
from backoffice.services.access import Actor
from tests.api.world import OPERATOR, applicant, files, rows_changed, screened
from tests.services.review_cast import Cast, member

URL = "/api/v1/audit_entries"
DOCUMENTS = "/api/v1/documents"


async def entries(client, world, **query):
    answer = await client.get(URL, headers=await world.headers("auditor", scopes={"audit:read"}), params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def send(client, headers, **data):
    return (await client.post(DOCUMENTS, headers=headers, files=files(), data=data)).json()


async def test_another_partners_entries_are_not_there(client, acme, rival):
    theirs = await send(client, await rival.headers())
    await send(client, await acme.headers())
    seen = await entries(client, acme)
    assert seen
    assert await entries(client, acme, subject_id=theirs["id"]) == []
    assert theirs["id"] not in str(seen)
    key = public_id(Prefix.API_KEY, rival.key_ids["live"])
    assert await entries(client, acme, actor_id=key) == []


async def test_reviewers_have_neither_name_nor_address_for_a_partner(client, acme):
    body = await send(client, await acme.headers(), applicant=applicant())
    task = await screened(body["id"])
    kim = await member(Cast(None), Role.REVIEWER, name="Kim Berg")
    kim = Actor.member(id=kim.id, name=kim.name, role=kim.role, partner_id=None, session_id=new_id(), ip="198.51.100.9")
    async with transaction(Tenancy.everyone()) as session:
        task = await review_claims.start(session, kim, task.id)
        verdict = await decisions.sign(
            session, kim, task.id, outcome=Outcome.REJECTED, reasons=["forgery"], version=task.version
        )
    await rows_changed("update review_tasks set verdict_final_at = now() where id = :t", t=task.id)
    async with transaction(Tenancy.everyone()) as session:
        await decisions.finalize(session, OPERATOR, task.id, verdict.id)
    seen = await entries(client, acme, limit=100)
    of_review = [one for one in seen if one["action"].startswith("review.")]
    assert {one["action"] for one in of_review} >= {
        "review.queued",
        "review.claimed",
        "review.signed",
        "review.completed",
    }
    assert {one["actor"]["type"] for one in of_review} == {"system", "staff"}
    signed = next(one for one in of_review if one["action"] == "review.signed")
    assert signed["actor"] == {"type": "staff", "id": None, "name": None}
    assert signed["ip"] is None
    assert set(signed["changes"]) == {"document_id", "status"}
    for secret in ("Kim Berg", "198.51.100.9", str(kim.id), public_id(Prefix.MEMBER, kim.id), "forgery"):
        assert secret not in str(seen), secret
    assert await entries(client, acme, actor_id=public_id(Prefix.MEMBER, kim.id)) == []


async def test_ones_own_people_are_named(client, acme):
    cast = Cast(type("P", (), {"id": acme.partner_id})())
    amina = await member(cast, Role.PARTNER_ADMIN, name="Amina Diallo")
    async with transaction(amina.tenancy) as session:
        key, _ = await api_keys.create(session, amina, name="by hand", livemode=True, scopes={"documents:read"})
    (entry,) = await entries(client, acme, actor_id=public_id(Prefix.MEMBER, amina.id))
    assert entry["actor"] == {"type": "member", "id": public_id(Prefix.MEMBER, amina.id), "name": "Amina Diallo"}
    assert entry["action"] == "api_key.created"
    assert entry["subject"] == {"type": "api_key", "id": public_id(Prefix.API_KEY, key.id)}


async def test_who_did_what_to_which_thing(client, acme, address):
    headers = await acme.headers() | {"X-Request-Id": "partner-call-0042"}
    body = await send(client, headers, applicant=applicant())
    seen = await entries(client, acme, request_id="partner-call-0042")
    assert {one["action"] for one in seen} == {
        "api_key.first_used", "applicant.created", "verification.created", "document.created", "document.submitted",
    }  # fmt: skip
    created = next(one for one in seen if one["action"] == "document.created")
    assert created["subject"] == {"type": "document", "id": body["id"]}
    assert created["actor"] == {
        "type": "api_key", "id": public_id(Prefix.API_KEY, acme.key_ids["live"]), "name": "live",
    }  # fmt: skip
    assert (created["result"], created["object"], created["ip"]) == ("ok", "audit_entry", address)
    assert created["id"].startswith("aud_")
    assert "Specimen" not in str(seen)


async def test_filters_narrow_and_pages_walk_in_both_modes(client, acme):
    live = await send(client, await acme.headers())
    test = await send(client, await acme.headers("test", livemode=False))
    assert {one["subject"]["id"] for one in await entries(client, acme, action="document.created")} == {
        live["id"], test["id"],
    }  # fmt: skip
    assert [one["action"] for one in await entries(client, acme, subject_id=live["id"])] == [
        "document.submitted", "document.created",
    ]  # fmt: skip
    assert await entries(client, acme, created_before=live["created_at"], subject_id=test["id"]) == []
    key = public_id(Prefix.API_KEY, acme.key_ids["test"])
    assert {one["actor"]["id"] for one in await entries(client, acme, actor_id=key)} == {key}
    seen, cursor = [], None
    headers = await acme.headers("auditor", scopes={"audit:read"})
    whole = [one["id"] for one in await entries(client, acme, limit=100)]
    while cursor or not seen:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(URL, headers=headers, params=query)).json()
        seen += [one["id"] for one in page["data"]]
        cursor = page["next_cursor"]
    assert seen[-len(whole) :] == whole


async def test_reading_it_is_written_down_once(client, acme):
    before = await entries(client, acme, action="audit.read")
    await entries(client, acme, action="document.created", created_after="2026-01-01T00:00:00Z")
    after = await entries(client, acme, action="audit.read")
    assert len(after) == len(before) + 2
    key = public_id(Prefix.API_KEY, acme.key_ids["auditor"])
    assert (after[0]["actor"]["id"], after[0]["subject"]) == (key, None)
    assert after[0]["changes"] == {"filters": ["action"], "entries": 0}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"subject_id": "doc_1"}, 404, "not_found"),
        ({"subject_id": "fil_" + "0" * 26}, 404, "not_found"),
        ({"actor_id": "doc_" + "0" * 26}, 404, "not_found"),
        ({"actor_id": "x"}, 404, "not_found"),
        ({"cursor": "doc_" + "0" * 26}, 422, "invalid_cursor"),
        ({"limit": "0"}, 422, "out_of_range"),
        ({"created_after": "yesterday"}, 422, "invalid_date"),
        ({"livemode": "true"}, 422, "unknown_field"),
    ],
)
async def test_wrong_queries(client, acme, query, status, code):
    answer = await client.get(URL, headers=await acme.headers(), params=query)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
