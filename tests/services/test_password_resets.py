import asyncio
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from backoffice import clock
from backoffice.adapters import boxes
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.members import Member, Role
from backoffice.models.password_resets import PasswordReset
from backoffice.services import (
    colleagues,
    members,
    password_changes,
    password_resets,
    passwords,
    people,
    sessions,
    sign_in,
    sign_in_limits,
)
from backoffice.services.access import Actor
from tests.services.people import PASSWORD, SYSTEM, actor_of, make_partner, make_person, visitor

pytestmark = pytest.mark.usefixtures("database")
FRESH = "seven quiet otters swim"


async def link_of(person):
    async with transaction(SYSTEM.tenancy) as session:
        return (await password_resets.link_of(session, SYSTEM, person.email)).rpartition("/")[2]


async def jobs(name):
    async with transaction(Tenancy.everyone()) as session:
        rows = await session.execute(
            text("select payload from pgqueuer where entrypoint = :name order by id"), {"name": name}
        )
        return [bytes(row[0]) for row in rows]


async def actions(subject_id):
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry.action).where(AuditEntry.subject_id == subject_id).order_by(AuditEntry.sequence)
        return list((await session.execute(statement)).scalars())


async def test_nobody_but_the_system_makes_a_link():
    person = await make_person(Role.PARTNER_ADMIN)
    for actor in (actor_of(person), actor_of(await make_person(Role.OPERATOR))):
        async with transaction(actor.tenancy) as session:
            with pytest.raises(NotAllowed):
                await password_resets.link_of(session, actor, person.email)
            with pytest.raises(NotAllowed):
                await password_resets.addressed(session, actor, "00")


async def sent(function, actor, person):
    async with transaction(actor.tenancy) as session:
        return await function(session, actor, person.id)


async def member_of(actor):
    async with transaction(Tenancy.everyone()) as session:
        return await session.get_one(Member, actor.id)


async def test_only_who_may_change_somebody_has_them_sent_a_link():
    partner_id, other = await make_partner(), await make_partner()
    person = await make_person(Role.PARTNER_ANALYST, partner_id)
    for role, company in (
        (Role.PARTNER_DEVELOPER, partner_id),
        (Role.PARTNER_ANALYST, partner_id),
        (Role.REVIEW_LEAD, None),
        (Role.AUDITOR, None),
    ):
        actor = actor_of(await make_person(role, company))
        for function in (colleagues.send_reset, people.send_reset):
            with pytest.raises(NotAllowed):
                await sent(function, actor, person)
    rival = actor_of(await make_person(Role.PARTNER_ADMIN, other))
    with pytest.raises(NotFound):
        await sent(colleagues.send_reset, rival, person)
    with pytest.raises(NotAllowed):
        await sent(people.send_reset, rival, person)
    assert "member.password_reset_sent" not in await actions(person.id)


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.OPERATOR])
async def test_somebody_is_sent_a_link_that_nobody_else_sees(role):
    partner_id = await make_partner()
    person = await make_person(Role.PARTNER_ANALYST, partner_id)
    actor = actor_of(await make_person(role, partner_id if role == Role.PARTNER_ADMIN else None))
    function = colleagues.send_reset if role == Role.PARTNER_ADMIN else people.send_reset
    before = len(await jobs(password_resets.BEGIN_JOB))
    assert (await sent(function, actor, person)).id == person.id
    with pytest.raises(Conflict, match="a moment ago"):
        await sent(function, actor, person)
    [payload] = (await jobs(password_resets.BEGIN_JOB))[before:]
    assert person.email.encode() not in payload
    async with transaction(SYSTEM.tenancy) as session:
        found = await password_resets.addressed(session, SYSTEM, json.loads(payload)["box"])
    assert found.address == person.email
    assert "/reset/" in str(found.letter)
    assert (await actions(person.id))[-2:] == ["member.password_reset_sent", "member.password_reset_begun"]
    with pytest.raises(NotAllowed, match="your account"):
        await sent(function, actor, await member_of(actor))


async def test_who_is_out_is_sent_none():
    operator, person = actor_of(await make_person(Role.OPERATOR)), await make_person(Role.PARTNER_ANALYST)
    async with transaction(Tenancy.everyone()) as session:
        (await session.get_one(Member, person.id)).disabled_at = clock.now()
    with pytest.raises(Conflict, match="disabled"):
        await sent(people.send_reset, operator, person)


async def test_asking_leaves_the_same_traces_whoever_signs_in_with_the_address():
    person = await make_person(Role.PARTNER_ANALYST)
    before = len(await jobs(password_resets.BEGIN_JOB))
    for email in (person.email, f"{uuid4().hex}@nobody.test"):
        await password_resets.ask(f" {email.upper()} ", visitor())
        assert await actions(sign_in_limits.fingerprint(email)) == ["member.password_reset_asked"]
    queued = (await jobs(password_resets.BEGIN_JOB))[before:]
    assert len(queued) == 2
    assert all(person.email.encode() not in payload for payload in queued)


async def test_letter_goes_to_who_signs_in_and_to_nobody_else():
    person = await make_person(Role.PARTNER_ANALYST)
    for email, is_known in ((person.email, True), ("nobody@example.test", False)):
        box = boxes.seal(password_resets.KEY, email.encode(), b"").hex()
        async with transaction(SYSTEM.tenancy) as session:
            found = await password_resets.addressed(session, SYSTEM, box)
        assert (found is not None) == is_known
        if found:
            assert found.address == person.email
            token = found.letter.link.rpartition("/")[2]
            assert (await password_resets.returning(token)).email == person.email
    async with transaction(SYSTEM.tenancy) as session:
        await members.disable(session, SYSTEM, person.id)
    with pytest.raises(NotFound):
        await password_resets.returning(token)


async def test_asking_often_sends_three_letters_an_hour():
    person = await make_person(Role.PARTNER_ANALYST)
    before = len(await jobs(password_resets.BEGIN_JOB))
    for _ in range(5):
        await password_resets.ask(person.email, visitor())
    assert len(await jobs(password_resets.BEGIN_JOB)) - before == sign_in_limits.RESETS_PER_ACCOUNT


async def test_new_password_ends_every_session_and_keeps_the_second_factor():
    person, who = await make_person(Role.PARTNER_ADMIN), visitor()
    step = await sign_in.with_password(person.email, PASSWORD, who)
    step = await sign_in.with_code(step.secret, person.code(), who)
    token = await link_of(person)
    await password_resets.choose(token, FRESH, who)
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, step.secret) is None
    first = await sign_in.with_password(person.email, FRESH, who)
    assert not first.is_complete
    assert (await sign_in.with_code(first.secret, person.code(), who)).is_complete
    assert "member.password_reset" in await actions(person.id)
    with pytest.raises(sign_in.NotSignedIn):
        await sign_in.with_password(person.email, PASSWORD, who)


async def test_link_works_once_for_an_hour_and_until_the_next():
    person = await make_person(Role.PARTNER_ANALYST)
    first, second = await link_of(person), await link_of(person)
    with pytest.raises(NotFound, match="replaced"):
        await password_resets.choose(first, FRESH, visitor())
    with clock.shifted(timedelta(minutes=61)), pytest.raises(NotFound):
        await password_resets.choose(second, FRESH, visitor())
    with pytest.raises(Invalid):
        await password_resets.choose(second, "short", visitor())
    await password_resets.choose(second, FRESH, visitor())
    with pytest.raises(NotFound):
        await password_resets.choose(second, "another fine sentence", visitor())


async def test_of_many_who_follow_one_link_one_succeeds():
    person = await make_person(Role.PARTNER_ANALYST)
    token = await link_of(person)
    tries = [password_resets.choose(token, f"sentence number {n} here", visitor()) for n in range(8)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(answer is None for answer in answers) == 1
    assert all(answer is None or isinstance(answer, NotFound) for answer in answers)


async def test_links_made_at_once_leave_one_that_works():
    person = await make_person(Role.PARTNER_ANALYST)
    tokens = await asyncio.gather(*(link_of(person) for _ in range(5)))
    async with transaction(Tenancy.everyone()) as session:
        statement = select(PasswordReset).where(PasswordReset.member_id == person.id, PasswordReset.ended_at.is_(None))
        (alive,) = (await session.execute(statement)).scalars()
    assert alive.token_hash in {password_resets._hash(token) for token in tokens}


async def test_lock_of_an_account_ends_for_who_has_proven_the_mailbox():
    person, who = await make_person(Role.PARTNER_ANALYST), visitor()
    for _ in range(sign_in_limits.PER_ACCOUNT_AND_ADDRESS):
        with pytest.raises(sign_in.NotSignedIn):
            await sign_in.with_password(person.email, "wrong", who)
    with pytest.raises(TooMany):
        await sign_in.with_password(person.email, PASSWORD, who)
    await password_resets.choose(await link_of(person), FRESH, who)
    assert (await sign_in.with_password(person.email, FRESH, who)).is_complete


async def test_own_password_is_changed_by_who_knows_it():
    person, who = await make_person(Role.PARTNER_ANALYST), visitor()
    here = await sign_in.with_password(person.email, PASSWORD, who)
    there = await sign_in.with_password(person.email, PASSWORD, visitor())
    with pytest.raises(Invalid, match="not your password"):
        await password_changes.change(here.actor, "wrong", FRESH, who)
    with pytest.raises(Invalid) as caught:
        await password_changes.change(here.actor, PASSWORD, "Ines Moreau 1990", who)
    assert caught.value.code == "password_guessable"
    await password_changes.change(here.actor, PASSWORD, FRESH, who)
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, here.secret) is not None
        assert await sessions.by_secret(session, there.secret) is None
        row = await session.get(Member, person.id)
    assert (await passwords.verify(FRESH, row.password_hash)).is_right
    assert "member.password_changed" in await actions(person.id)


async def test_program_has_no_password():
    with pytest.raises(NotFound):
        await password_changes.change(Actor.system(name="test"), "a", FRESH, visitor())


async def test_who_asks_too_often_takes_nobody_elses_letters_away():
    victim, crowd = await make_person(Role.PARTNER_ANALYST), visitor()
    for _ in range(sign_in_limits.RESETS_PER_ADDRESS):
        await password_resets.ask(f"{uuid4().hex}@nobody.test", crowd)
    before = len(await jobs(password_resets.BEGIN_JOB))
    for _ in range(4):
        await password_resets.ask(victim.email, crowd)
    assert len(await jobs(password_resets.BEGIN_JOB)) == before
    await password_resets.ask(victim.email, visitor())
    assert len(await jobs(password_resets.BEGIN_JOB)) == before + 1


async def test_changed_password_ends_open_links_and_sign_ins_that_were_under_way():
    person, who = await make_person(Role.PARTNER_ANALYST), visitor()
    token = await link_of(person)
    here = await sign_in.with_password(person.email, PASSWORD, who)
    async with transaction(Tenancy.everyone()) as session:
        checked = await members.by_email(session, person.email)
    await password_changes.change(here.actor, PASSWORD, FRESH, who)
    with pytest.raises(NotFound):
        await password_resets.returning(token)
    rules = await sign_in.rules_for(checked, who)
    with pytest.raises(sign_in.NotSignedIn, match="changed just now"):
        await sign_in._password_taken(checked, rules, who, "", None)


async def test_second_step_ends_with_the_first_one_that_was_revoked():
    person, who = await make_person(Role.REVIEWER), visitor()
    first = await sign_in.with_password(person.email, PASSWORD, who)
    pending, member = await sign_in.pending(first.secret, who)
    async with transaction(Tenancy.everyone()) as session:
        await sessions.revoke_all(session, SYSTEM, person.id)
    with pytest.raises(sign_in.NotSignedIn) as caught:
        await sign_in._code_taken(pending, member, person.code(), who)
    assert caught.value.code == "start_again"
