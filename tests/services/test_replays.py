"""Replays: what the log holds is asked again by the real API, with a test key, and never of live things."""

import asyncio
import json

import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.routing import Mount

from backoffice.adapters import own_api as adapter
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
from backoffice.services import api_keys, replays, sandbox
from backoffice.services.access import Actor, Permission
from backoffice.services.api_keys.lend import LIVES
from backoffice.services.permissions import SCOPES
from backoffice.services.replays import Kind
from backoffice.services.request_log import request_log
from tests.services.late_api import Late
from tests.services.review_cast import make_cast, member, submitted

pytestmark = pytest.mark.usefixtures("database", "gate")


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
    given = {"path": path or row.path, "once": new_id().hex}
    return await replays.send(actor, plan, token, **given | more)


async def rows(model, *conditions):
    async with transaction(Tenancy.everyone()) as session:
        return (await session.execute(select(model).where(*conditions).order_by(model.id))).scalars().all()


async def trail(actor):
    """What the trail says of a person's replays: each step and the status that came back."""
    found = await rows(AuditEntry, AuditEntry.actor_id == actor.id, AuditEntry.action.startswith("api_request."))
    return [(one.action.removeprefix("api_request."), one.changes.get("status")) for one in found]


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
        replays.send(actor, plan, "kyc_test_x", path=row.path, once="a"),
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
        await replays.send(actor, replays.planned(row), "kyc_live_x", path=row.path, once="a")


# What can be asked again


@pytest.mark.parametrize(
    ("method", "route", "size", "kind"),
    [
        ("GET", "/documents", 0, Kind.WHOLE),
        ("GET", "/documents/{document_id}", 0, Kind.WHOLE),
        ("GET", "/events/stream", 0, Kind.NOT),
        ("GET", "/audit_entries", 0, Kind.NOT),
        ("GET", "/audit_entries/{entry_id}", 0, Kind.NOT),
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
            await replays.send(await developer(acme), plan, "kyc_test_x", path=row.path, once="a")


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
        await replays.send(actor, await planned(actor, row), "kyc_test_x", path=path, once="a")


# The key


async def test_the_lent_key_is_a_test_key_with_the_same_rights_that_soon_ends(acme):
    actor = await developer(acme)
    row = await logged(acme, key_id=await key_of(acme, "events:read"))
    lent = await replays.lend_key(actor, row)
    assert lent.token.startswith("kyc_test_")
    [key] = await rows(ApiKey, ApiKey.created_by == actor.id)
    assert (key.livemode, key.scopes, key.name, key.expires_at) == (
        False,
        ["events:read"],
        replays.KEY_NAME,
        lent.until,
    )
    assert lent.until - present() <= LIVES
    answer = await replays.send(actor, await planned(actor, row), lent.token, path=row.path, once="a")
    assert (answer.status, said(answer)["code"]) == (403, "insufficient_scope")


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.PARTNER_DEVELOPER])
async def test_no_lent_key_reads_the_audit_trail_or_makes_keys(acme, role):
    """The trail is one for live and test data, and a key that lasts asks who is there."""
    actor = await member(acme, role)
    await replays.lend_key(actor, await logged(acme, key_id=await key_of(acme, *SCOPES)))
    await replays.lend_key(actor, await logged(acme))
    for key in await rows(ApiKey, ApiKey.created_by == actor.id):
        assert set(key.scopes) == {str(scope) for scope in SCOPES - {Permission.AUDIT_READ, Permission.KEYS_WRITE}}


async def test_a_request_that_was_a_replay_itself_lends_no_wider_key(acme):
    actor = await developer(acme)
    await replays.lend_key(actor, await logged(acme, key_id=await key_of(acme, "events:read")))
    [lent] = await rows(ApiKey, ApiKey.created_by == actor.id)
    other = await developer(acme)
    for one in (actor, other):
        await replays.lend_key(one, await logged(acme, key_id=lent.id, livemode=False))
        [key] = await rows(ApiKey, ApiKey.created_by == one.id)
        assert (key.scopes, key.lent_for) == (["events:read"], lent.lent_for)


# Once, to the end, and written down


async def test_it_stands_in_the_audit_trail_and_in_the_log_of_requests(acme):
    actor = await developer(acme)
    row = await logged(acme)
    answer = await again(actor, row)
    named = {"api_request": public_id(Prefix.API_REQUEST, row.id), "method": "GET", "route": "/documents"}
    begun, done = await rows(AuditEntry, AuditEntry.actor_id == actor.id, AuditEntry.action.startswith("api_request."))
    assert (begun.action, begun.changes) == ("api_request.replay_begun", named)
    came = {"status": 200, "request_id": answer.headers["x-request-id"]}
    assert (done.action, done.changes) == ("api_request.replayed", named | came)
    await request_log.flush()
    [line] = await rows(ApiRequest, ApiRequest.request_id == answer.headers["x-request-id"])
    assert (line.partner_id, line.livemode, line.route, line.status) == (acme.partner.id, False, "/documents", 200)
    [lent] = await rows(ApiKey, ApiKey.created_by == actor.id)
    assert line.key_id == lent.id


async def test_the_same_press_posts_one_document(acme):
    actor = await developer(acme)
    row = await logged(acme, "POST", request_bytes=9_999)
    first, second = [await again(actor, row, picture="in_review", once="a") for _ in range(2)]
    assert said(first)["id"] == said(second)["id"]
    assert said(await again(actor, row, picture="in_review", once="b"))["id"] != said(first)["id"]
    assert (await again(actor, row, picture="approved", once="a")).status == 201, "another choice is another press"


async def test_an_answer_that_comes_too_late_is_written_down_as_not_known_and_the_retry_gives_it(acme, monkeypatch):
    actor = await developer(acme)
    row = await logged(acme, "POST", request_bytes=9_999)
    await sandbox.send(actor, "in_review", "a")
    late = Late()
    own_api.serve(late)
    monkeypatch.setattr(adapter, "SECONDS", 3)
    with pytest.raises(TimeoutError):
        await again(actor, row, picture="in_review", once="b")
    assert late.is_done.is_set()
    assert await trail(actor) == [("replay_begun", None), ("replayed", 0)]
    late.may_go.set()
    answer = await again(actor, row, picture="in_review", once="b")
    assert (answer.status, answer.headers["idempotent-replayed"]) == (201, "true")
    async with transaction(Tenancy.everyone()) as session:
        mine = select(func.count()).select_from(Document).where(Document.partner_id == acme.partner.id)
        assert (await session.execute(mine)).scalar_one() == 2, "the one of before, and one"


async def test_who_leaves_meanwhile_stops_nothing_and_it_is_written_down(acme):
    actor = await developer(acme)
    row = await logged(acme, "POST", request_bytes=9_999)
    late = Late()
    own_api.serve(late)
    leaving = asyncio.create_task(again(actor, row, picture="in_review"))
    await late.is_done.wait()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert await trail(actor) == [("replay_begun", None)], "known before it is asked"
    late.may_go.set()
    async with asyncio.timeout(10):
        while len(await trail(actor)) < 2:
            await asyncio.sleep(0.02)
    assert await trail(actor) == [("replay_begun", None), ("replayed", 201)]


async def test_without_an_api_nobody_answers():
    with pytest.raises(ConnectionError):
        await OwnApi().ask("GET", "/api/v1/documents", token="kyc_test_x")
