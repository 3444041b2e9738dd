from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from backoffice import clock
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotFound
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.members import Role, Session
from backoffice.services import sessions, sign_in
from backoffice.settings import settings
from tests.services.people import PASSWORD, actor_of, in_tab, make_person, visitor

pytestmark = pytest.mark.usefixtures("database")


async def signed_in(role=Role.PARTNER_ANALYST, person=None):
    person = person or await make_person(role)
    step = await sign_in.with_password(person.email, PASSWORD, visitor())
    return person, step


async def row_of(session_id):
    async with transaction(Tenancy.everyone()) as session:
        return await session.get(Session, session_id)


async def test_outsider_has_no_actor():
    assert await in_tab(uuid4()) is None
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, "") is None
        assert await sessions.by_secret(session, "guessed") is None


async def test_actor_is_the_member_as_of_now():
    person, step = await signed_in()
    actor = await in_tab(step.actor.session_id, ip="10.0.0.1")
    assert (actor.id, actor.role, actor.partner_id, actor.ip) == (person.id, person.role, person.partner_id, "10.0.0.1")


async def test_secret_is_kept_as_a_hash_and_never_twice_the_same():
    person, first = await signed_in()
    _, second = await signed_in(person=person)
    assert first.secret != second.secret
    assert len(first.secret) >= 43
    async with transaction(Tenancy.everyone()) as session:
        kept = (await session.execute(text("select array_agg(s::text) from sessions s"))).scalar_one()
    assert first.secret not in " ".join(kept)
    assert (await row_of(first.actor.session_id)).token_hash == sessions.hash_of(first.secret)


async def test_waiting_session_is_nobody():
    person = await make_person(Role.REVIEWER)
    step = await sign_in.with_password(person.email, PASSWORD, visitor())
    assert not step.is_complete
    assert await in_tab(step.actor.session_id) is None


async def test_idle_session_ends_and_a_used_one_does_not():
    _, step = await signed_in()
    idle = timedelta(minutes=settings().session_idle_minutes)
    almost = clock.now() + idle - timedelta(seconds=30)
    with clock.at(almost):
        assert await in_tab(step.actor.session_id, is_active=False)
    with clock.at(almost + timedelta(minutes=1)):
        assert await in_tab(step.actor.session_id) is None
    with clock.at(almost):
        assert await in_tab(step.actor.session_id)
    with clock.at(almost + timedelta(minutes=1)):
        assert await in_tab(step.actor.session_id)


async def test_session_ends_after_its_hours_however_busy():
    _, step = await signed_in()
    began = clock.now()
    for minutes in range(0, settings().session_hours * 60, 45):
        with clock.at(began + timedelta(minutes=minutes)):
            assert await in_tab(step.actor.session_id), minutes
    with clock.at(began + timedelta(hours=settings().session_hours, seconds=5)):
        assert await in_tab(step.actor.session_id) is None


async def test_last_seen_is_written_once_a_minute():
    _, step = await signed_in()
    seen = (await row_of(step.actor.session_id)).last_seen_at
    with clock.at(seen + timedelta(seconds=50)):
        await in_tab(step.actor.session_id)
    assert (await row_of(step.actor.session_id)).last_seen_at == seen
    with clock.at(seen + timedelta(seconds=70)):
        await in_tab(step.actor.session_id)
    assert (await row_of(step.actor.session_id)).last_seen_at == seen + timedelta(seconds=70)


async def test_mine_are_mine_and_end_one_by_one():
    person, here = await signed_in()
    _, there = await signed_in(person=person)
    _, stranger = await signed_in()
    actor = actor_of(person, here.actor.session_id)
    async with transaction(actor.tenancy) as session:
        found = {row.id for row in await sessions.mine(session, actor)}
        assert found == {here.actor.session_id, there.actor.session_id}
        with pytest.raises(NotFound):
            await sessions.revoke(session, actor, stranger.actor.session_id)
        await sessions.revoke(session, actor, there.actor.session_id)
    assert await in_tab(there.actor.session_id) is None
    assert await in_tab(here.actor.session_id)
    assert await in_tab(stranger.actor.session_id)


async def test_others_end_and_this_one_stays():
    person, here = await signed_in()
    others = [(await signed_in(person=person))[1] for _ in range(2)]
    actor = actor_of(person, here.actor.session_id)
    async with transaction(actor.tenancy) as session:
        assert await sessions.revoke_others(session, actor) == 2
    assert [await in_tab(other.actor.session_id) for other in others] == [None, None]
    assert await in_tab(here.actor.session_id)
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry.subject_id).where(
            AuditEntry.action == "session.revoked", AuditEntry.actor_id == person.id
        )
        written = set((await session.execute(statement)).scalars())
    assert written == {other.actor.session_id for other in others}


async def test_sweep_knows_the_living():
    _, one = await signed_in()
    _, two = await signed_in()
    await sign_in.sign_out(two.secret, visitor())
    seen = {(key, "10.0.0.1") for key in (one.actor.session_id, two.actor.session_id, uuid4())}
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.living(session, seen) == {(one.actor.session_id, "10.0.0.1")}
