"""Who may not: every operation against every kind of stranger, and nothing is told."""

import secrets
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.models.api_keys import ApiKey
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.partners import PartnerStatus
from backoffice.services import api_keys
from tests.api.world import OPERATOR, applicant, files, make_world

URL = "/api/v1/documents"
OPERATIONS = [
    ("POST", URL, "documents:write"),
    ("GET", URL, "documents:read"),
    ("GET", URL + "/{document}", "documents:read"),
    ("GET", URL + "/{document}/history", "documents:read"),
    ("GET", URL + "/{document}/files/{file}", "personal:read"),
    ("POST", URL + "/{document}/cancel", "documents:write"),
    ("POST", URL + "/{document}/appeal", "documents:write"),
    ("GET", URL + "/{document}/questions", "documents:read"),
    ("POST", URL + "/{document}/questions/{question}/answer", "documents:write"),
    ("POST", URL + "/uploads", "documents:write"),
    ("GET", URL + "/{document}/uploads", "documents:write"),
    ("POST", URL + "/{document}/submit", "documents:write"),
    ("POST", "/api/v1/applicants", "applicants:write"),
    ("GET", "/api/v1/applicants", "applicants:read"),
    ("GET", "/api/v1/applicants/{applicant}", "applicants:read"),
    ("PATCH", "/api/v1/applicants/{applicant}", "applicants:write"),
    ("DELETE", "/api/v1/applicants/{applicant}", "applicants:erase"),
    ("POST", "/api/v1/verifications", "verifications:write"),
    ("GET", "/api/v1/verifications", "verifications:read"),
    ("GET", "/api/v1/verifications/{verification}", "verifications:read"),
    ("POST", "/api/v1/verifications/{verification}/cancel", "verifications:write"),
    ("GET", "/api/v1/erasure_requests", "applicants:read"),
    ("GET", "/api/v1/erasure_requests/{erasure_request}", "applicants:read"),
    ("GET", "/api/v1/audit_entries", "audit:read"),
    ("GET", "/api/v1/invoices", "billing:read"),
    ("GET", "/api/v1/invoices/{invoice}", "billing:read"),
    ("GET", "/api/v1/invoices/{invoice}/pdf", "billing:read"),
    ("GET", "/api/v1/usage_records", "usage:read"),
]
NOUNS = {path.split("/")[3] for _, path, _ in OPERATIONS}
KEYLESS = {"/files/{token}", "/uploads/{token}", "/keys/erasure", "/audit/checkpoint"}
every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one[0]} {one[1][7:]}")
every_operation_on_one = pytest.mark.parametrize(
    "operation", [one for one in OPERATIONS if "{" in one[1]], ids=lambda one: f"{one[0]} {one[1][7:]}"
)


def test_every_operation_stands_in_this_table():
    from backoffice.api.app import partner_api

    described = {
        (method.upper(), "/api/v1" + path.replace("_id}", "}"))
        for path, methods in partner_api.openapi()["paths"].items()
        for method in methods
        if path not in KEYLESS and path.split("/")[1] in NOUNS
    }
    assert described == {(method, path) for method, path, _ in OPERATIONS}


@pytest.fixture(scope="module")
async def rival(database):
    return await make_world()


@pytest.fixture(scope="module")
async def theirs(client, rival):
    """A document of the other partner, in live mode, and all that belongs to it; nobody here may change it."""
    return await belongings(client, await rival.headers())


async def belongings(client, headers):
    body = (await client.post(URL, headers=headers, files=files(), data={"applicant": applicant()})).json()
    person = (await client.post("/api/v1/applicants", headers=headers, json={})).json()
    erasure = await client.delete(f"/api/v1/applicants/{person['id']}", headers=headers)
    return body | {"erasure_id": erasure.json()["id"]}


def address(path, body):
    return path.format(
        document=body["id"],
        file=body["files"][0]["id"],
        applicant=body["applicant_id"],
        verification=body["verification_id"],
        erasure_request=body["erasure_id"],
        question=public_id(Prefix.QUESTION, new_id()),
        invoice=public_id(Prefix.INVOICE, new_id()),
    )


BODIES = {
    URL: {"files": files()},
    f"{URL}/uploads": {"json": {"files": [{"side": "front"}]}},
    "/api/v1/verifications": {"json": {"applicant": {}}},
}


ENDS = {"/appeal": {"json": {"reason": "Both names are hers."}}, "/answer": {"json": {"text": "Yes, she married."}}}


async def ask(client, method, path, headers):
    body = BODIES.get(path) or ENDS.get(path[path.rindex("/") :], {})
    return await client.request(method, path, headers=headers, **(body if method == "POST" else {}))


def problem(answer, status, code):
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["status"] == status
    assert body["title"]
    assert body["type"].endswith(f"#error-{code}")
    assert body["request_id"] == answer.headers["x-request-id"]
    assert "ratelimit" in answer.headers
    assert "ratelimit-policy" in answer.headers
    return body


@every_operation
async def test_without_a_key(client, theirs, operation):
    method, path, _ = operation
    answer = await ask(client, method, address(path, theirs), {})
    problem(answer, 401, "missing_api_key")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@every_operation
async def test_with_a_wrong_key(client, acme, theirs, operation):
    method, path, _ = operation
    good = await acme.key()
    front, _, check = good.rpartition("_")
    flipped = front[:-1] + ("A" if front[-1] != "A" else "B")
    strangers = {
        "malformed": "kyc_live_nonsense",
        "checksum": f"{flipped}_{check}",
        "unknown": f"{flipped}_{api_keys.checksum(flipped)}",
        "other mode": good.replace("kyc_live_", "kyc_test_"),
        "other scheme": "",
    }
    for token in strangers.values():
        answer = await ask(client, method, address(path, theirs), {"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401, token
        assert answer.json()["code"] in {"invalid_api_key", "missing_api_key"}
        if token:
            assert token not in answer.text
    basic = await ask(client, method, address(path, theirs), {"Authorization": f"Basic {good}"})
    problem(basic, 401, "missing_api_key")


@every_operation
async def test_with_a_revoked_key(client, acme, theirs, operation):
    method, path, _ = operation
    headers = await acme.headers()
    async with transaction(Tenancy.everyone()) as session:
        await api_keys.revoke(session, OPERATOR, acme.key_ids["live"])
    problem(await ask(client, method, address(path, theirs), headers), 401, "api_key_revoked")


@every_operation
async def test_with_an_expired_key(client, acme, theirs, operation):
    method, path, _ = operation
    headers = await acme.headers()
    async with transaction(Tenancy.everyone()) as session:
        past = now() - timedelta(seconds=1)
        await session.execute(update(ApiKey).where(ApiKey.id == acme.key_ids["live"]).values(expires_at=past))
    problem(await ask(client, method, address(path, theirs), headers), 401, "api_key_expired")


@every_operation
async def test_from_a_strange_address(client, acme, theirs, operation):
    method, path, _ = operation
    headers = await acme.headers("office", ip_allowlist=["203.0.113.0/24"])
    problem(await ask(client, method, address(path, theirs), headers), 403, "ip_not_allowed")


@every_operation
async def test_for_a_suspended_partner(client, theirs, operation):
    method, path, _ = operation
    world = await make_world(status=PartnerStatus.SUSPENDED)
    problem(await ask(client, method, address(path, theirs), await world.headers()), 403, "partner_suspended")


@every_operation
async def test_without_the_scope(client, acme, theirs, operation):
    method, path, scope = operation
    headers = await acme.headers("less", scopes=api_keys.SCOPES - {scope})
    answer = await ask(client, method, address(path, theirs), headers)
    assert scope in problem(answer, 403, "insufficient_scope")["detail"]


@every_operation_on_one
async def test_another_partners_document_does_not_exist(client, acme, theirs, operation):
    method, path, _ = operation
    before = await _traces(theirs)
    mine = problem(await ask(client, method, address(path, theirs), await acme.headers()), 404, "not_found")
    nobody = {
        "id": public_id(Prefix.DOCUMENT, new_id()),
        "files": [{"id": public_id(Prefix.FILE, new_id())}],
        "applicant_id": public_id(Prefix.APPLICANT, new_id()),
        "verification_id": public_id(Prefix.VERIFICATION, new_id()),
        "erasure_id": public_id(Prefix.ERASURE_REQUEST, new_id()),
    }
    other = problem(await ask(client, method, address(path, nobody), await acme.headers()), 404, "not_found")
    assert mine["detail"] == other["detail"]
    assert await _traces(theirs) == before


async def _traces(body):
    from backoffice.models.base import parse_public_id

    document_id = parse_public_id(Prefix.DOCUMENT, body["id"])
    async with transaction(Tenancy.everyone()) as session:
        sql = """select (select count(*) from events where subject_id = :d),
                        (select count(*) from audit_entries where subject_id = :d)"""
        return (await session.execute(text(sql), {"d": document_id})).one()


@every_operation_on_one
async def test_a_test_key_does_not_see_live_data_nor_the_other_way(client, rival, theirs, operation):
    method, path, _ = operation
    test_headers = await rival.headers("test", livemode=False)
    problem(await ask(client, method, address(path, theirs), test_headers), 404, "not_found")
    made = await belongings(client, test_headers)
    assert made["livemode"] is False
    problem(await ask(client, method, address(path, made), await rival.headers()), 404, "not_found")


async def test_lists_hold_own_mode_and_partner_only(client, acme, rival, theirs):
    assert (await client.get(URL, headers=await acme.headers())).json()["data"] == []
    of_test = (await client.get(URL, headers=await rival.headers("test", livemode=False))).json()["data"]
    assert theirs["id"] not in [row["id"] for row in of_test]
    query = {"applicant_id": theirs["applicant_id"]}
    assert (await client.get(URL, headers=await acme.headers(), params=query)).json()["data"] == []


@pytest.mark.parametrize("field", ["applicant_id", "verification_id", "replaces"])
async def test_a_reference_to_somebody_elses_thing_is_404(client, acme, theirs, field):
    value = theirs["id"] if field == "replaces" else theirs[field]
    answer = await client.post(URL, headers=await acme.headers(), files=files(), data={field: value})
    body = problem(answer, 404, "not_found")
    assert body["errors"][0]["pointer"] == f"/{field}"
    assert value not in answer.text


@pytest.mark.parametrize("bad", ["doc_1", "x", "doc_" + "z" * 26, "doc_" + "0" * 400, "%00", "ver_" + "0" * 26])
async def test_ids_that_cannot_be_ours(client, acme, bad):
    answer = await client.get(f"{URL}/{bad}", headers=await acme.headers())
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_unknown_addresses_and_methods_are_problems(client, acme):
    problem_404 = (await client.get("/api/v1/nothing")).json()
    assert problem_404["code"] == "not_found"
    answer = await client.put(URL, headers=await acme.headers())
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"]


async def test_request_ids_are_taken_over_only_when_harmless(client):
    for bad in ("short", "a" * 101, "has space in it", 'x"><script>', "tab\tseparated"):
        answer = await client.get(URL, headers={"X-Request-Id": bad})
        assert answer.headers["x-request-id"].startswith("req_")
        assert bad not in answer.text
    assert (await client.get(URL, headers={"X-Request-Id": "good-id-1234"})).json()["request_id"] == "good-id-1234"


async def test_a_link_that_nobody_wrote(client):
    for token in (secrets.token_urlsafe(60), "x", "a" * 199, "%00"):
        answer = await client.get(f"/api/v1/files/{token}")
        assert answer.status_code == 404, token
