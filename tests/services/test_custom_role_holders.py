"""Who comes by a role of a company's own: by invitation, by a password, with a second factor, and with keys."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from backoffice.db import Tenancy, transaction
from backoffice.errors import BackofficeError, NotAllowed
from backoffice.models.custom_roles import CustomRole
from backoffice.models.members import Member
from backoffice.services import (
    api_keys,
    colleagues,
    custom_role_changes,
    invitations,
    invitees,
    sign_in,
)
from backoffice.services.access import Actor
from backoffice.services.permissions import stands_for
from tests.services.people import PASSWORD, actor_of, visitor
from tests.services.test_colleagues import call, team
from tests.services.test_custom_roles import (
    ADMIN,
    ANALYST,
    DESK,
    DEVELOPER,
    READER,
    TOLD,
    P,
    acting,
    entered,
    give,
    make_role,
)

pytestmark = pytest.mark.usefixtures("database")


async def test_an_invitation_brings_the_role_and_its_letter_names_it():
    [boss] = await team(ADMIN)
    role = await make_role(boss)
    email = f"{uuid4().hex}@people.example"
    row, link = await call(invitees.invite, actor_of(boss), email=email, name="Nadia", role=role.id)
    [waiting] = await call(invitees.waiting, actor_of(boss))
    assert waiting.role_name == "Support desk"
    async with transaction(Tenancy.everyone()) as session:
        letter = (await invitees.addressed(session, Actor.system(name="test"), row.id)).letter
    assert ("Role", "Support desk") in letter.facts
    again, link = await call(invitees.resend, actor_of(boss), row.id)
    assert again.custom_role_id == role.id
    token = link.rpartition("/")[2]
    assert (await invitations.welcome(token)).role_name == "Support desk"
    step = await invitations.accept(token, "seven quiet otters swim", "", visitor())
    assert step.actor.permissions == set(DESK)


async def test_a_role_that_goes_while_somebody_joins_leaves_nobody_behind():
    for _ in range(5):
        [boss] = await team(ADMIN)
        role = await make_role(boss)
        email = f"{uuid4().hex}@people.example"
        _, link = await call(invitees.invite, actor_of(boss), email=email, name="Nadia", role=role.id)
        token = link.rpartition("/")[2]
        results = await asyncio.gather(
            invitations.accept(token, "seven quiet otters swim", "", visitor()),
            call(custom_role_changes.delete, actor_of(boss), role.id, version=1, to=ANALYST),
            return_exceptions=True,
        )
        assert [one for one in results if isinstance(one, Exception) and not isinstance(one, BackofficeError)] == []
        async with transaction(Tenancy.everyone()) as session:
            joined = (await session.execute(select(Member).where(Member.email == email))).scalar_one()
            assert (joined.role, joined.custom_role_id, joined.granted) == (ANALYST, None, None)
            assert await session.get(CustomRole, role.id) is None


async def test_what_only_administrators_may_asks_for_a_second_factor_whatever_the_role_is_called():
    boss, person, other = await team(ADMIN, ANALYST, ANALYST)
    role = await make_role(boss)
    await give(boss, person, role)
    await entered(person)
    await call(custom_role_changes.change, actor_of(boss), role.id, version=1, name="Compliance", permissions=READER)
    step = await sign_in.with_password(person.email, PASSWORD, visitor())
    assert not step.is_complete
    assert (await sign_in.waiting_for_code(step.secret, visitor())).totp_seed
    [row] = [one for one in await call(colleagues.people, actor_of(boss)) if one.id == person.id]
    assert (row.asks_second_factor, row.has_second_factor, row.role_name) == (True, False, "Compliance")
    _, link = await call(invitees.invite, actor_of(boss), email=f"{uuid4().hex}@people.example", name="", role=role.id)
    assert (await invitations.welcome(link.rpartition("/")[2])).totp_secret
    assert stands_for(ANALYST, DESK) == ANALYST
    assert stands_for(ANALYST, [P.KEYS_READ]) == DEVELOPER
    assert stands_for(ANALYST, READER) == ADMIN
    assert stands_for(ADMIN, None) == ADMIN
    assert other.partner_id == boss.partner_id


async def test_a_role_that_asks_for_more_since_the_invitation_lets_nobody_in_by_a_password():
    [boss] = await team(ADMIN)
    role = await make_role(boss)
    _, link = await call(
        invitees.invite, actor_of(boss), email=f"{uuid4().hex}@people.example", name="Nadia", role=role.id
    )
    await call(custom_role_changes.change, actor_of(boss), role.id, version=1, name="Desk", permissions=READER)
    step = await invitations.accept(link.rpartition("/")[2], "seven quiet otters swim", "", visitor())
    assert not step.is_complete


async def test_a_role_that_changes_while_a_password_is_checked_lets_nobody_in(monkeypatch):
    boss, person = await team(ADMIN, ANALYST)
    role = await make_role(boss)
    await give(boss, person, role)
    rules_for = sign_in.rules_for

    async def slowly(member, who):
        rules = await rules_for(member, who)
        await call(custom_role_changes.change, actor_of(boss), role.id, version=1, name="Desk", permissions=READER)
        return rules

    monkeypatch.setattr(sign_in, "rules_for", slowly)
    with pytest.raises(sign_in.NotSignedIn, match="changed just now"):
        await sign_in.with_password(person.email, PASSWORD, visitor())


async def test_a_key_hands_on_no_more_than_its_makers_role():
    boss, person = await team(ADMIN, ANALYST)
    role = await make_role(boss, name="Keys", permissions=[P.KEYS_READ, P.KEYS_WRITE, *TOLD])
    await give(boss, person, role)
    actor = await acting(person)
    key, _ = await call(api_keys.create, actor, name="mine", livemode=False, scopes=[P.EVENTS_READ])
    for scopes in ([P.WEBHOOKS_READ], [P.EVENTS_READ, P.BILLING_READ], [P.APPLICANTS_WRITE]):
        for livemode in (True, False):
            with pytest.raises(NotAllowed, match="Your role lets you do less"):
                await call(api_keys.create, actor, name="more", livemode=livemode, scopes=scopes)
    with pytest.raises(NotAllowed, match="less than documents:write"):
        await call(api_keys.change, actor, key.id, api_keys.Change(scopes=[P.EVENTS_READ, P.DOCUMENTS_WRITE]))
    wide, _ = await call(api_keys.create, actor_of(boss), name="wide", livemode=True, scopes=[P.DOCUMENTS_WRITE])
    with pytest.raises(NotAllowed, match="less than documents:write"):
        await call(api_keys.rotate, actor, wide.id)
    async with transaction(actor.tenancy) as session:
        await api_keys.lend(session, actor, wide.id, name="lent")
        lent = (
            await session.execute(text("select scopes from api_keys where lent_for = :id"), {"id": wide.id})
        ).scalar_one()
    assert lent == [P.EVENTS_READ]
    other = await make_role(
        boss, name="Submits", permissions=[P.KEYS_READ, P.KEYS_WRITE, P.DOCUMENTS_READ, P.DOCUMENTS_WRITE]
    )
    await call(colleagues.change_role, actor_of(boss), person.id, other.id, before=str(role.id))
    actor = await acting(person)
    await call(
        api_keys.create, actor, name="server", livemode=True,
        scopes=[P.DOCUMENTS_WRITE, P.APPLICANTS_WRITE, P.VERIFICATIONS_WRITE],
    )  # fmt: skip
