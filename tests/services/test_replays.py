"""Replays: what the log holds is asked again by the real API, with a test key, and never of live things."""

import json

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Mount

from backoffice.adapters.own_api import OwnApi, own_api
from backoffice.api.app import MOUNTED_AT, partner_api
from backoffice.clock import present
from backoffice.db import Tenancy, insert, transaction
from backoffice.errors import Invalid, NotAllowed, NotFound
from backoffice.models.api_keys import ApiKey
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.documents import Document
from backoffice.models.members import Role
from backoffice.models.usage import ApiRequest
from backoffice.services import api_keys, intake, replays, sandbox
from backoffice.services.access import Actor
from backoffice.services.replays import Kind
from tests.services.review_cast import make_cast, member, submitted

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module", autouse=True)
def gate():
    """Leave no child of the gate behind."""
    yield
    intake.admission().close()
    intake.admission.cache_clear()


@pytest.fixture
async def acme(database):
    own_api.serve(Starlette(routes=[Mount(MOUNTED_AT, partner_api)]))
    return await make_cast()


async def developer(cast):
    return await member(cast, Role.PARTNER_DEVELOPER)


async def key_of(cast, *scopes, livemode=True):
    system = Actor.system(cast.partner.id)
    async with transaction(system.tenancy) as session:
        key, _ = await api_keys.create(session, system, name="server", livemode=livemode, scopes=scopes)
    return key.id


async def logged(cast, method="GET", route="/documents", **values):
    given = {
        "livemode": True,
        "key_id": new_id(),
        "path": f"/api/v1{route}",
        "status": 200,
        "duration_ms": 1.0,
        "request_id": f"req_{new_id().hex}",
    }
    row = ApiRequest(partner_id=cast.partner.id, method=method, route=route, **given | values)
    async with transaction(Tenancy.everyone()) as session:
        await insert(session, row)
    return row


async def planned(actor, row):
    async with transaction(actor.tenancy) as session:
        return await replays.plan(session, actor, row.id)


async def again(actor, row, path="", **more):
    plan = await planned(actor, row)
    token = (await replays.lend_key(actor, row)).token
    return await replays.send(actor, plan, token, path=path or row.path, **more)


def said(answer):
    return json.loads(answer.body)


# Strangers


async def test_another_partners_request_does_not_exist(acme):
    row = await logged(acme)
    with pytest.raises(NotFound):
        await planned(await developer(await make_cast()), row)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PARTNER_ADMIN, Role.PARTNER_DEVELOPER}))
async def test_nobody_else_asks_again(acme, role):
    row, actor = await logged(acme), await member(acme, role)
    plan = replays.planned(row)
    for asking in (
        planned(actor, row),
        replays.lend_key(actor, row),
        replays.send(actor, plan, "kyc_test_x", path=row.path),
    ):
        with pytest.raises(NotAllowed):
            await asking


async def test_live_things_are_out_of_reach(acme):
    """A live document of one's own is not found, and what changes is not even asked of a live id."""
    live = public_id(Prefix.DOCUMENT, await submitted(acme))
    actor = await developer(acme)
    read = await logged(acme, route="/documents/{document_id}", path=f"/api/v1/documents/{live}")
    assert (await again(actor, read)).status == 404
    cancel = await logged(
        acme, "POST", "/documents/{document_id}/cancel", path=f"/api/v1/documents/{live}/cancel", status=200
    )
    with pytest.raises(Invalid):
        await again(actor, cancel)
    assert said(await again(actor, await logged(acme)))["data"] == []


async def test_a_live_key_is_never_used(acme):
    row, actor = await logged(acme), await developer(acme)
    with pytest.raises(NotAllowed):
        await replays.send(actor, replays.planned(row), "kyc_live_x", path=row.path)


# What can be asked again


@pytest.mark.parametrize(
    ("method", "route", "size", "kind"),
    [
        ("GET", "/documents", 0, Kind.WHOLE),
        ("GET", "/documents/{document_id}", 0, Kind.WHOLE),
        ("GET", "/events/stream", 0, Kind.NOT),
        ("POST", "/documents", 214_032, Kind.PICTURE),
        ("POST", "/documents/{document_id}/cancel", 0, Kind.WHOLE),
        ("POST", "/applicants", 40, Kind.NOT),
        ("POST", "/api_keys/{key_id}/rotate", 0, Kind.NOT),
        ("POST", "/webhook_endpoints/{endpoint_id}/rotate_secret", 0, Kind.NOT),
        ("PATCH", "/applicants/{applicant_id}", 20, Kind.NOT),
        ("DELETE", "/applicants/{applicant_id}", 0, Kind.NOT),
    ],
)
async def test_what_the_log_holds_decides(acme, method, route, size, kind):
    row = await logged(acme, method, route, request_bytes=size)
    plan = await planned(await developer(acme), row)
    assert (plan.kind, bool(plan.why)) == (kind, kind == Kind.NOT)
    if kind == Kind.NOT:
        with pytest.raises(NotAllowed):
            await replays.send(await developer(acme), plan, "kyc_test_x", path=row.path)


async def test_a_get_is_answered_by_the_real_api_with_its_query(acme):
    actor = await developer(acme)
    sent = [await sandbox.send(actor, "in_review", str(number)) for number in range(2)]
    answer = await again(actor, await logged(acme), query="?limit=1")
    body = said(answer)
    assert (answer.status, len(body["data"]), body["has_more"]) == (200, 1, True)
    assert body["data"][0]["id"] == public_id(Prefix.DOCUMENT, sent[1])
    assert body["data"][0]["livemode"] is False
    assert answer.headers["x-request-id"]
    assert (await again(actor, await logged(acme), query="limit=0")).status == 422


async def test_a_document_is_posted_with_one_of_our_pictures(acme):
    actor = await developer(acme)
    answer = await again(actor, await logged(acme, "POST", request_bytes=9_999), picture="rejected_fraud")
    body = said(answer)
    assert (answer.status, body["livemode"], body["metadata"]) == (201, False, {"sandbox": "rejected_fraud"})
    async with transaction(Tenancy.everyone()) as session:
        rows = (await session.execute(select(Document).where(Document.partner_id == acme.partner.id))).scalars().all()
    assert [public_id(Prefix.DOCUMENT, row.id) for row in rows] == [body["id"]]
    with pytest.raises(NotFound):
        await again(actor, await logged(acme, "POST"), picture="nothing like it")


async def test_a_post_without_a_body_changes_a_test_document(acme):
    actor = await developer(acme)
    document = public_id(Prefix.DOCUMENT, await sandbox.send(actor, "in_review", "a"))
    live = f"/api/v1/documents/{public_id(Prefix.DOCUMENT, new_id())}/cancel"
    row = await logged(acme, "POST", "/documents/{document_id}/cancel", path=live)
    answer = await again(actor, row, f"/api/v1/documents/{document}/cancel")
    assert (answer.status, said(answer)["status"]) == (200, "canceled")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/documents/doc_1/cancel",
        "/api/v1/documents/../events",
        "/api/v1/documents/doc_1?x=1",
        "/api/v1/documents/doc_1/",
        "//evil.example/api/v1/documents/doc_1",
        "/api/v1/documents/doc%2F1",
        "/ops",
        "",
    ],
)
async def test_the_address_stays_one_of_the_same_operation(acme, path):
    actor = await developer(acme)
    row = await logged(acme, route="/documents/{document_id}", path="/api/v1/documents/doc_1")
    with pytest.raises(Invalid):
        await replays.send(actor, await planned(actor, row), "kyc_test_x", path=path)


# The key


async def test_the_lent_key_is_a_test_key_with_the_same_rights_that_soon_ends(acme):
    actor = await developer(acme)
    key_id = await key_of(acme, "events:read", "audit:read")
    row = await logged(acme, key_id=key_id)
    lent = await replays.lend_key(actor, row)
    assert lent.token.startswith("kyc_test_")
    async with transaction(Tenancy.everyone()) as session:
        statement = select(ApiKey).where(ApiKey.partner_id == acme.partner.id, ApiKey.name == replays.KEY_NAME)
        key = (await session.execute(statement)).scalar_one()
    assert (key.livemode, key.scopes, key.created_by) == (False, ["events:read"], actor.id)
    assert (key.expires_at - present()) <= replays.KEY_LIVES
    assert key.expiring_told_at, "its end would be announced as if somebody had forgotten it"
    answer = await replays.send(actor, await planned(actor, row), lent.token, path=row.path)
    assert (answer.status, said(answer)["code"]) == (403, "insufficient_scope")


async def test_it_stands_in_the_audit_trail_and_in_the_log_of_requests(acme):
    actor = await developer(acme)
    row = await logged(acme)
    answer = await again(actor, row)
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry).where(
            AuditEntry.actor_id == actor.id, AuditEntry.action == "api_request.replayed"
        )
        entry = (await session.execute(statement)).scalar_one()
    assert entry.changes == {
        "api_request": public_id(Prefix.API_REQUEST, row.id),
        "method": "GET",
        "route": "/documents",
        "status": 200,
        "request_id": answer.headers["x-request-id"],
    }


async def test_without_an_api_nobody_answers():
    with pytest.raises(ConnectionError):
        await OwnApi().ask("GET", "/api/v1/documents", token="kyc_test_x")
