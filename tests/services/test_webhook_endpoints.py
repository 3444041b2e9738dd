"""Endpoints: only their partner's, only where we may call, their secret shown once."""

import asyncio
import base64
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.members import Role
from backoffice.models.webhooks import EndpointStatus
from backoffice.services import webhook_endpoints, webhook_secrets
from backoffice.services.access import Actor, ActorType, Permission
from tests.services.review_cast import make_cast, member
from tests.services.webhook_cast import EVERYONE, deliveries_of, emit, endpoint_of, endpoint_row, quiet

URL = "http://127.0.0.1:9/hook"


@pytest.fixture
async def acme(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


CHANGES = {
    "change": lambda s, a, i: webhook_endpoints.change(s, a, i, version=1, description="mine"),
    "disable": webhook_endpoints.disable,
    "enable": webhook_endpoints.enable,
    "delete": webhook_endpoints.delete,
    "rotate": webhook_endpoints.rotate_secret,
    "test": webhook_endpoints.send_test,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_another_partners_endpoint_does_not_exist(acme, change):
    endpoint, _ = await endpoint_of(acme, URL)
    thief = await member(await make_cast(), Role.PARTNER_DEVELOPER)
    async with transaction(thief.tenancy) as session:
        assert (await webhook_endpoints.page(session, thief)).rows == []
        with pytest.raises(NotFound):
            await webhook_endpoints.get(session, thief, endpoint.id)
        with pytest.raises(NotFound):
            await change(session, thief, endpoint.id)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("role", [Role.PARTNER_ANALYST, Role.REVIEWER, Role.AUDITOR, Role.OPERATOR])
async def test_changing_needs_the_permission(acme, change, role):
    endpoint, _ = await endpoint_of(acme, URL)
    actor = await member(acme, role)
    with pytest.raises(NotAllowed):
        async with transaction(actor.tenancy) as session:
            await change(session, actor, endpoint.id)


@pytest.mark.parametrize("role", [Role.PARTNER_ANALYST, Role.REVIEWER, Role.OPERATOR])
async def test_creating_needs_the_permission(acme, role):
    actor = await member(acme, role)
    with pytest.raises(NotAllowed):
        async with transaction(actor.tenancy) as session:
            await webhook_endpoints.create(session, actor, url=URL, livemode=True)


async def test_reading_needs_the_permission(acme):
    endpoint, _ = await endpoint_of(acme, URL)
    analyst = await member(acme, Role.PARTNER_ANALYST)
    async with transaction(analyst.tenancy) as session:
        with pytest.raises(NotAllowed):
            await webhook_endpoints.page(session, analyst)
        with pytest.raises(NotAllowed):
            await webhook_endpoints.get(session, analyst, endpoint.id)


async def test_the_secret_is_shown_once_and_sealed_at_rest(acme):
    endpoint, secret = await endpoint_of(acme, URL, description="orders-eu")
    assert secret.startswith("whsec_")
    assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"))) <= 64
    row = await endpoint_row(endpoint)
    assert secret.encode() not in row.secret_box
    assert base64.b64decode(secret.removeprefix("whsec_")) not in row.secret_box
    assert webhook_secrets.signing_keys(row) == (base64.b64decode(secret.removeprefix("whsec_")),)


async def test_a_sealed_secret_moved_to_another_row_does_not_open(acme):
    first, _ = await endpoint_of(acme, URL)
    second, _ = await endpoint_of(acme, URL)
    second.secret_box = first.secret_box
    with pytest.raises(Exception, match="cannot be opened"):
        webhook_secrets.signing_keys(second)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook", "https://10.0.0.1/hook", "https://169.254.169.254/latest", "https://[::1]/hook",
        "https://user:word@example.com/", "ftp://example.com/", "https://metadata.internal/x", "javascript:alert(1)",
        "", "https://exa mple.com/", "https://example.com/" + "x" * 3000, "http://0.0.0.0/", "https://[::ffff:127.0.0.1]/",
    ],
)  # fmt: skip
async def test_addresses_that_we_must_not_call_are_refused(acme, url):
    with pytest.raises(Invalid):
        await endpoint_of(acme, url)
    with pytest.raises(Invalid):
        await webhook_endpoints.check_url(url)


async def test_loopback_is_for_hosts_that_the_operator_named(acme):
    await webhook_endpoints.check_url(URL)
    endpoint, _ = await endpoint_of(acme, URL)
    assert endpoint.url == URL
    with pytest.raises(Invalid):
        await endpoint_of(acme, "http://127.0.0.2:9/hook")


@pytest.mark.parametrize(
    "wrong", [{"event_types": ["document.declined"]}, {"description": "x" * 201}, {"description": "a\nb"}]
)
async def test_wrong_properties_are_refused(acme, wrong):
    with pytest.raises(Invalid):
        await endpoint_of(acme, URL, **wrong)


async def test_there_is_a_limit_per_mode(acme):
    for _ in range(webhook_endpoints.MAX_ENDPOINTS):
        await endpoint_of(acme, URL)
    with pytest.raises(Conflict):
        await endpoint_of(acme, URL)
    await endpoint_of(acme, URL, livemode=False)


async def test_a_test_key_sees_and_makes_test_endpoints_only(acme):
    live, _ = await endpoint_of(acme, URL)
    test, _ = await endpoint_of(acme, URL, livemode=False)
    rights = frozenset({Permission.WEBHOOKS_READ, Permission.WEBHOOKS_WRITE})
    key = Actor(ActorType.API_KEY, None, "test key", rights, partner_id=acme.partner.id, livemode=False)
    async with transaction(key.tenancy) as session:
        assert [row.id for row in (await webhook_endpoints.page(session, key)).rows] == [test.id]
        with pytest.raises(NotFound):
            await webhook_endpoints.get(session, key, live.id)
        with pytest.raises(NotAllowed):
            await webhook_endpoints.create(session, key, url=URL, livemode=True)


async def test_a_change_needs_the_version_that_was_read(acme):
    endpoint, _ = await endpoint_of(acme, URL)
    actor = await member(acme, Role.PARTNER_DEVELOPER)
    async with transaction(actor.tenancy) as session:
        changed = await webhook_endpoints.change(
            session, actor, endpoint.id, version=1, event_types=["document.approved"], fifo=True
        )
    assert (changed.version, changed.event_types, changed.fifo, changed.url) == (2, ["document.approved"], True, URL)
    with pytest.raises(Conflict) as refused:
        async with transaction(actor.tenancy) as session:
            await webhook_endpoints.change(session, actor, endpoint.id, version=1, description="late")
    assert refused.value.code == "stale_version"


async def test_each_change_is_audited_without_the_secret(acme):
    endpoint, secret = await endpoint_of(acme, URL)
    actor = await member(acme, Role.PARTNER_ADMIN)
    async with transaction(actor.tenancy) as session:
        _, second = await webhook_endpoints.rotate_secret(session, actor, endpoint.id)
        await webhook_endpoints.disable(session, actor, endpoint.id)
        await webhook_endpoints.enable(session, actor, endpoint.id)
        await webhook_endpoints.delete(session, actor, endpoint.id)
    async with transaction(EVERYONE) as session:
        entries = (
            (await session.execute(select(AuditEntry).where(AuditEntry.subject_id == endpoint.id))).scalars().all()
        )
        everything = (await session.execute(text("select audit_entries::text from audit_entries"))).scalars().all()
        facts = (await session.execute(text("select events::text from events"))).scalars().all()
    actions = [entry.action.removeprefix("webhook_endpoint.") for entry in sorted(entries, key=lambda e: e.id)]
    assert actions == ["created", "secret_rotated", "disabled", "enabled", "deleted"]
    assert not [line for line in [*everything, *facts] if secret in line or second in line]


async def test_rotation_keeps_the_old_key_for_the_overlap_only(acme):
    endpoint, old = await endpoint_of(acme, URL)
    actor = await member(acme, Role.PARTNER_DEVELOPER)
    async with transaction(actor.tenancy) as session:
        rotated, new = await webhook_endpoints.rotate_secret(session, actor, endpoint.id)
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in (new, old)]
    assert webhook_secrets.signing_keys(rotated) == tuple(keys)
    rotated.previous_secret_until = now() - timedelta(seconds=1)
    assert webhook_secrets.signing_keys(rotated) == (keys[0],)
    async with transaction(actor.tenancy) as session:
        at_once, newest = await webhook_endpoints.rotate_secret(session, actor, endpoint.id, overlap=timedelta())
    assert webhook_secrets.signing_keys(at_once) == (base64.b64decode(newest.removeprefix("whsec_")),)
    with pytest.raises(Invalid):
        async with transaction(actor.tenancy) as session:
            await webhook_endpoints.rotate_secret(session, actor, endpoint.id, overlap=timedelta(days=8))


async def test_rotating_again_cuts_nobody_off_whom_the_first_rotation_promised_time(acme):
    endpoint, first = await endpoint_of(acme, URL)
    actor = await member(acme, Role.PARTNER_DEVELOPER)
    made = [first]
    for hours in (24, 1):
        async with transaction(actor.tenancy) as session:
            rotated, secret = await webhook_endpoints.rotate_secret(
                session, actor, endpoint.id, overlap=timedelta(hours=hours)
            )
        made.insert(0, secret)
    keys = tuple(base64.b64decode(secret.removeprefix("whsec_")) for secret in made)
    assert webhook_secrets.signing_keys(rotated) == keys
    assert rotated.previous_secret_until > now() + timedelta(hours=23)
    for _ in range(webhook_secrets.MAX_PREVIOUS):
        async with transaction(actor.tenancy) as session:
            rotated, secret = await webhook_endpoints.rotate_secret(session, actor, endpoint.id)
    assert len(webhook_secrets.signing_keys(rotated)) == 1 + webhook_secrets.MAX_PREVIOUS


async def test_many_at_once_do_not_pass_the_limit(acme):
    for _ in range(webhook_endpoints.MAX_ENDPOINTS - 2):
        await endpoint_of(acme, URL)
    made = await asyncio.gather(*(endpoint_of(acme, URL) for _ in range(6)), return_exceptions=True)
    assert [type(one) for one in made].count(Conflict) == 4


async def test_switched_off_owes_nothing_new_and_twice_changes_nothing(acme):
    endpoint, _ = await endpoint_of(acme, URL)
    actor = await member(acme, Role.PARTNER_DEVELOPER)
    async with transaction(actor.tenancy) as session:
        await webhook_endpoints.disable(session, actor, endpoint.id)
        row = await webhook_endpoints.disable(session, actor, endpoint.id)
    assert (row.status, row.version) == (EndpointStatus.DISABLED, 2)
    await emit(acme)
    assert await deliveries_of(endpoint) == []
    with pytest.raises(Conflict):
        async with transaction(actor.tenancy) as session:
            await webhook_endpoints.send_test(session, actor, endpoint.id)


async def test_a_test_event_is_owed_to_this_endpoint_alone(acme):
    one, _ = await endpoint_of(acme, URL, event_types=["document.approved"])
    other, _ = await endpoint_of(acme, URL)
    actor = await member(acme, Role.PARTNER_DEVELOPER)
    async with transaction(actor.tenancy) as session:
        event = await webhook_endpoints.send_test(session, actor, one.id)
    assert event.type == "webhook_endpoint.test"
    assert [row.event_id for row in await deliveries_of(one)] == [event.id]
    assert await deliveries_of(other) == []


async def test_endpoints_get_the_types_they_asked_for(acme):
    some, _ = await endpoint_of(acme, URL, event_types=["document.rejected"])
    every, _ = await endpoint_of(acme, URL)
    test_mode, _ = await endpoint_of(acme, URL, livemode=False)
    await emit(acme, type_="document.approved")
    await emit(acme, type_="document.rejected")
    assert [len(await deliveries_of(one)) for one in (some, every, test_mode)] == [1, 2, 0]


async def test_a_deleted_endpoint_is_gone_with_what_it_was_owed(acme):
    endpoint, _ = await endpoint_of(acme, URL)
    await emit(acme)
    actor = await member(acme, Role.PARTNER_DEVELOPER)
    async with transaction(actor.tenancy) as session:
        await webhook_endpoints.delete(session, actor, endpoint.id)
    with pytest.raises(NotFound):
        async with transaction(actor.tenancy) as session:
            await webhook_endpoints.get(session, actor, endpoint.id)
    assert {row.state for row in await deliveries_of(endpoint)} == {"canceled"}
