"""Keys that are lent to a person for replays: one for each key, in no list, announced to nobody."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from backoffice.clock import present
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed, NotFound, NotSignedIn
from backoffice.models.api_keys import ApiKey, ApiKeySecret
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import Prefix, public_id
from backoffice.models.events import Event
from backoffice.models.members import Role
from backoffice.services import api_keys, colleagues, searches
from backoffice.services.access import Actor
from tests.services.review_cast import make_cast, member

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()
NAME = "Replay in sandbox"


@pytest.fixture
async def acme(database):
    return await make_cast()


async def source_of(cast, *scopes, **more):
    system = Actor.system(cast.partner.id)
    async with transaction(system.tenancy) as session:
        key, _ = await api_keys.create(session, system, name="server", livemode=True, scopes=scopes, **more)
    return key


async def lend(actor, key):
    async with transaction(actor.tenancy) as session:
        return (await api_keys.lend(session, actor, key.id, name=NAME))[0]


async def lent_to(actor):
    async with transaction(EVERYONE) as session:
        return (await session.execute(select(ApiKey).where(ApiKey.created_by == actor.id))).scalars().all()


async def who(token):
    async with transaction(EVERYONE) as session:
        return (await api_keys.authenticate(session, token, "203.0.113.9")).actor.id


async def call(verb, actor, *values, **named):
    async with transaction(actor.tenancy) as session:
        return await verb(session, actor, *values, **named)


@pytest.mark.parametrize("role", [Role.PARTNER_ANALYST, Role.REVIEWER, Role.OPERATOR])
async def test_nobody_else_is_lent_one(acme, role):
    with pytest.raises(NotAllowed):
        await lend(await member(acme, role), await source_of(acme, "events:read"))


async def test_a_person_has_one_for_each_key_and_each_tab_a_secret(acme):
    actor = await member(acme, Role.PARTNER_DEVELOPER)
    one, two = await source_of(acme, "events:read"), await source_of(acme, "documents:read")
    tokens = [await lend(actor, one) for _ in range(3)]
    [key] = await lent_to(actor)
    assert {await who(token) for token in tokens} == {key.id}, "a limit of requests is one of a key"
    await lend(actor, two)
    assert sorted(one.scopes for one in await lent_to(actor)) == [["documents:read"], ["events:read"]]
    await lend(await member(acme, Role.PARTNER_DEVELOPER), one)
    assert len(await lent_to(actor)) == 2


async def test_two_tabs_at_once_are_lent_one(acme):
    actor, source = await member(acme, Role.PARTNER_DEVELOPER), await source_of(acme, "events:read")
    tokens = await asyncio.gather(*(lend(actor, source) for _ in range(4)))
    [key] = await lent_to(actor)
    assert {await who(token) for token in tokens} == {key.id}


async def test_it_ends_and_the_next_loan_forgets_what_has_ended(acme):
    actor, source = await member(acme, Role.PARTNER_DEVELOPER), await source_of(acme, "events:read")
    old = await lend(actor, source)
    [key] = await lent_to(actor)
    async with transaction(EVERYONE) as session:
        past = present() - timedelta(seconds=1)
        await session.execute(update(ApiKey).where(ApiKey.id == key.id).values(expires_at=past))
    with pytest.raises(NotSignedIn):
        await who(old)
    new = await lend(actor, source)
    assert await who(new) == key.id
    with pytest.raises(NotSignedIn):
        await who(old)
    async with transaction(EVERYONE) as session:
        kept = select(func.count()).select_from(ApiKeySecret).where(ApiKeySecret.key_id == key.id)
        assert (await session.execute(kept)).scalar_one() == 1


async def test_it_has_the_rights_that_its_source_has_now(acme):
    actor = await member(acme, Role.PARTNER_DEVELOPER)
    source = await source_of(acme, "events:read", "documents:read", denied_attributes=["surname"])
    await lend(actor, source)
    system = Actor.system(acme.partner.id)
    await call(api_keys.change, system, source.id, api_keys.Change(scopes=["documents:read"]))
    await lend(actor, source)
    [key] = await lent_to(actor)
    assert (key.scopes, key.denied_attributes, key.livemode) == (["documents:read"], ["surname"], False)


async def test_it_is_in_no_list_and_cannot_be_touched(acme):
    admin, source = await member(acme, Role.PARTNER_ADMIN), await source_of(acme, "events:read")
    await lend(admin, source)
    [key] = await lent_to(admin)
    listed = await call(api_keys.page, admin)
    assert [one.id for one in listed.rows] == [source.id]
    for verb in (api_keys.get, api_keys.revoke, api_keys.rotate):
        with pytest.raises(NotFound):
            await call(verb, admin, key.id)
    assert await call(colleagues.keys_of, admin, admin.id) == []
    [mine] = [one for one in await call(colleagues.people, admin) if one.id == admin.id]
    assert mine.keys == 0
    for q in (NAME, public_id(Prefix.API_KEY, key.id)):
        assert (await call(searches.everything, admin, q)).api_keys.rows == []
    assert await call(api_keys.names_of, admin, [key.id]) == {key.id: NAME}
    assert await call(api_keys.names_of, await member(await make_cast(), Role.PARTNER_ADMIN), [key.id]) == {}


async def test_no_event_tells_of_it_but_the_audit_trail_does(acme):
    actor, source = await member(acme, Role.PARTNER_DEVELOPER), await source_of(acme, "events:read")
    await lend(actor, source)
    [key] = await lent_to(actor)
    system = Actor.system()
    async with transaction(EVERYONE) as session:
        while await api_keys.tell_expiring(session, system):
            pass
    async with transaction(EVERYONE) as session:
        told = (await session.execute(select(Event).where(Event.subject_id == key.id))).scalars().all()
        written = select(AuditEntry).where(AuditEntry.subject_id == key.id)
        [entry] = (await session.execute(written)).scalars()
    assert told == []
    assert (entry.action, entry.actor_id) == ("api_key.lent", actor.id)
    assert entry.changes["like"] == public_id(Prefix.API_KEY, source.id)
