"""Every operation that the API describes, against everybody who may not: found by itself, so that none is forgotten.

A new operation is walked as soon as it is described. When this file cannot walk it, it says what is missing.
"""

import asyncio
import re
import zlib
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import text

from backoffice.api.app import partner_api
from backoffice.db import Tenancy, transaction
from backoffice.services.access import Permission
from backoffice.services.permissions import SCOPES
from tests.api.estate import FACTORIES, Estate, named_in, nobody
from tests.api.world import make_world

KEYLESS = {
    "/files/{token}": "a signed link: it proves its viewer by itself",
    "/uploads/{token}": "a signed place: it proves by itself what may be put there",
    "/keys/erasure": "public keys, with which anybody checks a receipt",
    "/audit/checkpoint": "the audit log's signed head: a count and a hash, for everybody to keep",
}
"""Operations without a key, each with its reason."""
MODELESS = {
    "/audit_entries": "who did what with a partner's keys, members and data is one trail; it holds ids, never data",
}
"""Lists that hold things of both modes, each with its reason."""
REFUSED_BY_MODE = frozenset({"/test/clock", "/test/clock/advance", "/test/simulate", "/test/documents"})
"""For test keys only."""
SECONDS = 20.0
NO_SUCH_FIELD = {"surely_no_such_field": "1"}


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    described: dict[str, Any] = field(repr=False, hash=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_about_one(self) -> bool:
        return bool(named_in(self.path))

    @property
    def is_stream(self) -> bool:
        return "text/event-stream" in str(self.described["responses"])

    @property
    def is_safe(self) -> bool:
        return self.method == "GET"

    def content(self) -> dict[str, Any]:
        """Send what the description gives as its example, so that a refusal is never for the body."""
        found = self.described.get("requestBody", {}).get("content", {})
        example = found.get("application/json", {}).get("example")
        return {} if example is None else {"json": example}

    def query(self) -> dict[str, Any]:
        wanted = [one for one in self.described.get("parameters", ()) if one["in"] == "query" and one.get("required")]
        return {one["name"]: _example(one) for one in wanted}

    def headers(self) -> dict[str, str]:
        wanted = [one for one in self.described.get("parameters", ()) if one["in"] == "header" and one.get("required")]
        return {one["name"]: str(_example(one)) for one in wanted}


def _example(parameter: dict[str, Any]) -> Any:
    schema = parameter.get("schema", {})
    examples = [parameter.get("example"), *schema.get("examples", ()), schema.get("default"), *schema.get("enum", ())]
    return next((one for one in examples if one is not None), "1")


OPERATIONS = [
    Operation(method.upper(), path, described)
    for path, methods in partner_api.openapi()["paths"].items()
    for method, described in methods.items()
    if path not in KEYLESS
]
ABOUT_ONE = [one for one in OPERATIONS if one.is_about_one]
LISTS = [one for one in OPERATIONS if one.is_safe and not one.is_about_one and not one.is_stream]
every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=str)
every_operation_on_one = pytest.mark.parametrize("operation", ABOUT_ONE, ids=str)
every_list = pytest.mark.parametrize("operation", LISTS, ids=str)


@dataclass
class Cast:
    """One partner in both modes, another one, and somebody who owns nothing."""

    live: Estate
    test: Estate
    rival: Estate
    rival_test: Estate


@pytest.fixture(scope="session")
async def cast(client) -> Cast:
    acme, rival = await make_world(), await make_world()
    return Cast(
        Estate(client, acme, livemode=True),
        Estate(client, acme, livemode=False),
        Estate(client, rival, livemode=True),
        Estate(client, rival, livemode=False),
    )


@pytest.fixture(scope="session")
async def gone(client) -> tuple[Estate, Estate]:
    """Everything of one more partner in both modes: erased, deleted, revoked."""
    world = await make_world()
    estates = Estate(client, world, livemode=True), Estate(client, world, livemode=False)
    for estate in estates:
        await estate.end_everything()
    return estates


async def ask(client, operation: Operation, path: str, headers, *, query=None):
    async with asyncio.timeout(SECONDS):
        return await client.request(
            operation.method,
            f"/api/v1{path}",
            headers={**operation.headers(), **headers},
            params=operation.query() | (query or {}),
            **operation.content(),
        )


def refused(answer, status: int, *codes: str) -> dict[str, Any]:
    body = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert body["code"] in codes, answer.text
    return body


async def traces(*estates: Estate) -> list[Any]:
    """Count what any change would leave behind; that a key was used at all, or refused, is its own partner's trace."""
    sql = """select (select count(*) from events where partner_id = any(:p)),
                    (select count(*) from audit_entries
                        where partner_id = any(:p) and action not in ('request.refused', 'api_key.first_used')),
                    (select count(*) from deliveries where partner_id = any(:p)),
                    (select count(*) from idempotency_records where partner_id = any(:p)),
                    (select coalesce(sum(version), 0) from documents where partner_id = any(:p)),
                    (select sum(test_clock_seconds) from partners where id = any(:p))"""
    async with transaction(Tenancy.everyone()) as session:
        found = await session.execute(text(sql), {"p": [estate.world.partner_id for estate in estates]})
        return list(found.one())


def test_the_walk_finds_operations():
    assert len(OPERATIONS) > 5
    assert ABOUT_ONE
    assert LISTS
    for operation in OPERATIONS:
        assert operation.path.count("{") == len(named_in(operation.path)), f"{operation}: this walk cannot fill it in"


@every_operation
async def test_without_a_key(client, operation):
    path = nobody(operation.path)
    answer = await ask(client, operation, path, {})
    refused(answer, 401, "missing_api_key")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    for credentials in ("Bearer kyc_live_nonsense", "Bearer ", "Basic a2V5Og=="):
        answer = await ask(client, operation, path, {"Authorization": credentials})
        refused(answer, 401, "missing_api_key", "invalid_api_key")


@every_operation
async def test_with_every_scope_but_one(client, cast, operation):
    """Find out by asking which scopes it needs, then show that each of them is needed."""
    path, held = nobody(operation.path), {str(Permission.METRICS_READ)}
    while lacking := await _lacks(client, cast.test, operation, path, held):
        assert lacking not in held, f"{operation} asks for {lacking}, which the key has"
        held.add(lacking)
    needed = {scope for scope in held if await _lacks(client, cast.test, operation, path, {*SCOPES} - {scope}) == scope}
    assert held - needed <= {Permission.METRICS_READ}, f"{operation} does not need {held - needed}"
    assert needed, f"{operation} asks for no scope"
    assert operation.is_safe or any(not scope.endswith(":read") for scope in needed), (
        f"{operation} changes something and needs only {sorted(needed)}"
    )
    for scope in needed:
        assert await _lacks(client, cast.live, operation, path, {*SCOPES} - {scope}) == scope


async def _lacks(client, estate: Estate, operation: Operation, path: str, scopes) -> str | None:
    """Ask with a key of some scopes; a field that cannot be stops the request before it does anything."""
    name = f"{estate.livemode} {zlib.crc32(' '.join(sorted(scopes)).encode())}"
    headers = await estate.world.headers(name, livemode=estate.livemode, scopes=scopes)
    answer = await ask(client, operation, path, headers, query=NO_SUCH_FIELD)
    if answer.status_code == 403 and answer.json()["code"] == "insufficient_scope":
        return re.search(r"the scope (\w+:\w+)", answer.json()["detail"])[1]
    assert answer.status_code in {403, 404, 422}, answer.text
    return None


@every_operation_on_one
async def test_the_other_mode_does_not_exist(client, cast, operation):
    for mine, theirs in ((cast.live, cast.test), (cast.test, cast.live)):
        path = await theirs.address(operation.path)
        headers = await mine.headers()
        before = await traces(theirs)
        answer = await ask(client, operation, path, headers)
        body = refused(answer, 404, "not_found")
        unknown = await ask(client, operation, nobody(operation.path), headers)
        assert refused(unknown, 404, "not_found")["detail"] == body["detail"]
        assert await traces(theirs) == before


@every_operation_on_one
async def test_another_partners_thing_does_not_exist(client, cast, operation):
    for mine, theirs in ((cast.rival, cast.live), (cast.rival_test, cast.test)):
        path = await theirs.address(operation.path)
        headers = await mine.headers()
        before = await traces(theirs, mine)
        body = refused(await ask(client, operation, path, headers), 404, "not_found")
        unknown = await ask(client, operation, nobody(operation.path), headers)
        assert refused(unknown, 404, "not_found")["detail"] == body["detail"]
        assert await traces(theirs, mine) == before


@every_operation_on_one
async def test_what_another_partner_had_does_not_exist_either(client, cast, gone, operation):
    """A thing that was erased, deleted or revoked is as unknown to others as one that never was."""
    for mine, theirs in zip((cast.rival, cast.rival_test), gone, strict=True):
        path, headers = await theirs.address(operation.path), await mine.headers()
        before = await traces(theirs, mine)
        body = refused(await ask(client, operation, path, headers), 404, "not_found")
        unknown = await ask(client, operation, nobody(operation.path), headers)
        assert refused(unknown, 404, "not_found")["detail"] == body["detail"]
        assert await traces(theirs, mine) == before


@pytest.mark.parametrize("operation", [one for one in ABOUT_ONE if "{endpoint_id}" in one.path], ids=str)
async def test_a_deleted_endpoint_is_gone_for_its_owner_too(client, gone, operation):
    for mine in gone:
        path = await mine.address(operation.path)
        headers = await mine.world.headers(f"after {mine.livemode}", livemode=mine.livemode)
        before = await traces(mine)
        body = refused(await ask(client, operation, path, headers), 404, "not_found")
        unknown = await ask(client, operation, nobody(operation.path), headers)
        assert refused(unknown, 404, "not_found")["detail"] == body["detail"]
        assert await traces(mine) == before


async def test_what_is_gone_was_there_and_is_ended(client, gone):
    """Show that the walk above is about what ended, and that its owner hears so where a trace of it is kept."""
    for mine in gone:
        headers = await mine.world.headers(f"after {mine.livemode}", livemode=mine.livemode)
        read = {
            path: (await client.get(f"/api/v1{await mine.address(path)}", headers=headers)).json()
            for path in ("/documents/{id}", "/applicants/{id}", "/api_keys/{id}", "/erasure_requests/{id}")
        }
        document, applicant, key, erasure = read.values()
        assert (document["status"], erasure["status"]) == ("redacted", "completed")
        assert applicant["erased_at"]
        assert key["revoked_at"]
        assert (await client.get("/api/v1/quota", headers=await mine.headers())).json()["code"] == "api_key_revoked"


@every_operation_on_one
async def test_ones_own_thing_does(client, cast, operation):
    """Show that the refusals above are for whose it is, and not for an address that leads nowhere."""
    for livemode in (True, False):
        estate = Estate(client, await make_world(), livemode=livemode)
        answer = await ask(client, operation, await estate.address(operation.path), await estate.headers())
        assert answer.status_code < 500, answer.text
        assert answer.status_code != 404 or answer.json()["errors"], answer.text


@every_list
async def test_lists_hold_ones_own_partner_and_mode_only(client, cast, operation):
    estates = (cast.live, cast.test, cast.rival, cast.rival_test)
    things = {id(estate): await estate.everything() for estate in estates}
    for mine in estates:
        answer = await ask(client, operation, operation.path, await mine.headers())
        if operation.path in REFUSED_BY_MODE and mine.livemode:
            refused(answer, 403, "test_only")
            continue
        assert answer.status_code == 200, answer.text
        hidden = [estate for estate in estates if estate is not mine]
        if operation.path in MODELESS:
            hidden = [estate for estate in hidden if estate.world is not mine.world]
        found = set(re.findall(r"\b[a-z]{3}_[0-9a-z]{26}\b", answer.text))
        assert found & set[str]().union(*(things[id(estate)] for estate in hidden)) == set()
        other_mode = '"livemode":' + ("false" if mine.livemode else "true")
        assert operation.path in MODELESS or other_mode not in answer.text.replace(" ", "")


async def test_lists_are_not_empty_by_accident(client, cast):
    """Show that a list named after what it lists holds what its owner made."""
    from tests.api.estate import COLLECTIONS

    for operation in LISTS:
        prefix = COLLECTIONS.get(operation.path.rpartition("/")[2])
        if prefix in FACTORIES and operation.path.count("/") == 1:
            mine = await cast.test.id_of(prefix)
            answer = await ask(client, operation, operation.path, await cast.test.headers(), query={"limit": 100})
            assert mine in answer.text, operation


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.path in REFUSED_BY_MODE], ids=str)
async def test_the_sandbox_refuses_live_keys(client, cast, operation):
    headers = await cast.live.headers()
    before = await traces(cast.live)
    refused(await ask(client, operation, operation.path, headers), 403, "test_only")
    assert await traces(cast.live) == before
