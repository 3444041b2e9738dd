"""Why a receiver refuses a signature: against deliveries that really went over the wire."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import Invalid, NotAllowed, NotFound
from backoffice.models.members import Role
from backoffice.models.signature_findings import Received
from backoffice.services import signature_checks, webhook_endpoints, webhook_secrets
from tests.services.review_cast import make_cast, member
from tests.services.webhook_cast import emit, endpoint_of, endpoint_row, quiet, receiving, work_once

pytestmark = pytest.mark.usefixtures("database")
NAMES = ("webhook-id", "webhook-timestamp", "webhook-signature")


@pytest.fixture
async def acme(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


async def delivered(cast) -> tuple[object, Received, bytes]:
    """One webhook as a real receiver got it, and the key that signed it."""
    async with receiving() as receiver:
        endpoint, _ = await endpoint_of(cast, receiver.url)
        await emit(cast)
        await work_once(endpoint)
        await receiver.until(1)
        got = receiver.got[0]
    row = await endpoint_row(endpoint)
    return endpoint, Received(*(got.headers[name] for name in NAMES), got.body), webhook_secrets.signing_keys(row)[0]


async def check(actor, endpoint, received):
    async with transaction(actor.tenancy) as session:
        return await signature_checks.check(session, actor, endpoint.id, received)


def bad(found) -> dict[str, str]:
    return {step.name: step.words for step in found.steps if not step.is_good}


async def test_strangers_and_people_without_webhooks_check_nothing(acme):
    endpoint, received, _ = await delivered(acme)
    rival = await make_cast()
    with pytest.raises(NotFound):
        await check(await member(rival, Role.PARTNER_DEVELOPER), endpoint, received)
    for role in (Role.PARTNER_ANALYST, Role.REVIEWER):
        with pytest.raises(NotAllowed):
            await check(await member(acme, role), endpoint, received)


async def test_what_arrived_is_right_from_its_headers_to_its_last_byte(acme):
    endpoint, received, key = await delivered(acme)
    found = await check(await member(acme, Role.PARTNER_DEVELOPER), endpoint, received)
    assert (found.is_right, bad(found), found.difference) == (True, {}, None)
    assert base64.b64encode(key).decode() not in str(found)


@pytest.mark.parametrize(
    ("change", "at", "why"),
    [
        (lambda body: json.dumps(json.loads(body)).encode(), 6, "written anew"),
        (lambda body: body + b"\n", None, "White space"),
        (lambda body: b"\xef\xbb\xbf" + body, 0, "byte order mark"),
        (lambda body: body[:40], 40, "cut off after 40 bytes"),
        (lambda body: body.replace(b'"event"', b'"fence"'), None, "so do its values"),
        (lambda _: b"", 0, "empty"),
    ],
)
async def test_a_changed_body_is_shown_where_it_parts(acme, change, at, why):
    endpoint, received, _ = await delivered(acme)
    changed = replace(received, body=change(received.body))
    found = await check(await member(acme, Role.PARTNER_DEVELOPER), endpoint, changed)
    assert why in found.difference.why
    place = at if at is not None else next(
        (n for n, (a, b) in enumerate(zip(received.body, changed.body, strict=False)) if a != b), len(received.body)
    )  # fmt: skip
    assert found.difference.at == place
    assert bad(found).keys() == {"Body", "Secret"}
    assert "the secret is right and the body was changed" in bad(found)["Secret"]


async def test_headers_that_are_not_what_arrived_are_named(acme):
    endpoint, received, _ = await delivered(acme)
    developer = await member(acme, Role.PARTNER_DEVELOPER)
    millis = await check(developer, endpoint, replace(received, timestamp=received.timestamp + "000"))
    assert "milliseconds" in bad(millis)["webhook-timestamp"]
    words = await check(developer, endpoint, replace(received, timestamp="yesterday"))
    assert "whole seconds" in bad(words)["webhook-timestamp"]
    old = int(received.timestamp) - int(timedelta(hours=1).total_seconds())
    late = await check(developer, endpoint, replace(received, timestamp=str(old)))
    assert "Signed 1:00:0" in bad(late)["webhook-timestamp"]
    assert "Secret" in bad(late), "a timestamp is signed, too"
    bare = await check(developer, endpoint, replace(received, signature=received.signature.removeprefix("v1,")))
    assert "v1," in bad(bare)["webhook-signature"]
    for name in ("", "evt_nothing", "evt_01hzzzzzzzzzzzzzzzzzzzzzzz"):
        unknown = await check(developer, endpoint, replace(received, id=name))
        assert {"webhook-id", "Body", "Secret"} <= bad(unknown).keys(), name
    for long in ({"body": b"x" * 300_000}, {"signature": "v1,x " * 500}, {"timestamp": "1" * 5_000}):
        with pytest.raises(Invalid):
            await check(developer, endpoint, replace(received, **long))
    for odd in (
        {"timestamp": "9" * 12},
        {"timestamp": "9" * 11},
        {"body": b"[" * 100_000},
        {"signature": "v1,é v1,\ud800"},
    ):
        assert not (await check(developer, endpoint, replace(received, computed="x", **odd))).is_right


async def test_another_endpoints_secret_is_named_and_an_old_one_signs_during_a_rotation(acme):
    endpoint, received, _ = await delivered(acme)
    other, _ = await endpoint_of(acme, "http://127.0.0.1:9/other")
    developer = await member(acme, Role.PARTNER_DEVELOPER)
    there = await check(developer, other, received)
    assert "another endpoint" in bad(there)["Secret"]
    async with transaction(developer.tenancy) as session:
        await webhook_endpoints.rotate_secret(session, developer, endpoint.id)
    assert (await check(developer, endpoint, received)).is_right
    async with transaction(developer.tenancy) as session:
        await webhook_endpoints.rotate_secret(session, developer, endpoint.id, overlap=timedelta())
    assert "rotated since" in bad(await check(developer, endpoint, received))["Secret"]


def mistakes(received: Received, key: bytes):
    """What receivers come to that verify wrongly, by the words that name why."""
    text, body = base64.b64encode(key).decode(), received.body
    whole = b".".join((received.id.encode(), received.timestamp.encode(), body))
    anew = json.dumps(json.loads(body)).encode()
    yield "right", digest(key, whole)
    yield "has to be decoded", digest(text.encode(), whole)
    yield "whole text with whsec_", digest(f"whsec_{text}".encode(), whole)
    yield "only the body is signed", digest(key, body)
    yield "without the id", digest(key, whole.partition(b".")[2])
    yield "without dots", digest(key, received.id.encode() + received.timestamp.encode() + body)
    yield "written again", digest(key, whole[: -len(body)] + anew)
    yield "hex", base64.b64decode(digest(key, whole)).hex()
    yield "no mistake we know", digest(b"another key", whole)


def digest(key: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


async def test_what_a_receivers_code_came_to_is_explained(acme):
    endpoint, received, key = await delivered(acme)
    developer = await member(acme, Role.PARTNER_DEVELOPER)
    for words, computed in mistakes(received, key):
        for written in (computed, f"v1,{computed}", computed.rstrip("=")):
            found = await check(developer, endpoint, replace(received, computed=written))
            last = found.steps[-1]
            assert (last.name, last.is_good) == ("Your result", words == "right"), words
            assert words in last.words, words


async def test_several_mistakes_at_once_are_all_named(acme):
    endpoint, received, key = await delivered(acme)
    text = base64.b64encode(key).decode()
    computed = hmac.digest(text.encode(), received.body, hashlib.sha256).hex()
    developer = await member(acme, Role.PARTNER_DEVELOPER)
    found = await check(developer, endpoint, replace(received, computed=computed))
    for words in ("has to be decoded", "only the body is signed", "hex"):
        assert words in found.steps[-1].words
    assert received.timestamp <= str(int(now().timestamp()))
