"""Roles of a partner's own: outsiders first, then who may give what, and what happens to those who have one."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound, StepUpRequired
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.custom_roles import MOST_ROLES, CustomRole
from backoffice.models.members import Member, Role
from backoffice.services import (
    access_reviews,
    colleagues,
    custom_role_changes,
    custom_roles,
    invitations,
    invitees,
    members,
    people,
    sessions,
    sign_in,
)
from backoffice.services.access import Actor, Permission, permissions_of
from backoffice.services.permissions import GIVEABLE, NEEDS, ROLE_PERMISSIONS
from tests.services.people import PASSWORD, actor_of, in_tab, make_partner, make_person, visitor
from tests.services.test_colleagues import actions, call, read, team

pytestmark = pytest.mark.usefixtures("database")
ADMIN, DEVELOPER, ANALYST = Role.PARTNER_ADMIN, Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST
P = Permission
TOLD = NEEDS[P.EVENTS_READ] | {P.EVENTS_READ}
"""What reading events brings along."""
DESK = [P.DOCUMENTS_READ, P.APPLICANTS_READ, P.DOCUMENTS_TAG]
READER = [P.AUDIT_READ, P.DOCUMENTS_READ]


async def make_role(boss, name="Support desk", permissions=DESK) -> CustomRole:
    return await call(custom_role_changes.create, actor_of(boss), name=name, permissions=permissions)


async def give(boss, person, role, before=ANALYST):
    return await call(colleagues.change_role, actor_of(boss), person.id, role.id, before=before)


async def acting(person) -> Actor:
    """Who this person is now, as a door would make them."""
    return Actor.of(await read(person.id))


async def entered(person):
    step = await sign_in.with_password(person.email, PASSWORD, visitor())
    assert step.is_complete
    return step


def writes(role):
    fresh = {"name": "Other", "permissions": READER}
    return (
        (custom_role_changes.create, (), fresh),
        (custom_role_changes.change, (role.id,), {"version": 1} | fresh),
        (custom_role_changes.delete, (role.id,), {"version": 1, "to": ANALYST}),
    )


async def test_no_outsider_makes_changes_or_deletes_a_companys_roles():
    boss, developer, analyst = await team(ADMIN, DEVELOPER, ANALYST)
    role = await make_role(boss)
    rival = await make_person(ADMIN)
    for change, args, named in writes(role)[1:]:
        with pytest.raises(NotFound):
            await call(change, actor_of(rival), *args, **named)
    lesser = [actor_of(one) for one in (developer, analyst)]
    lesser += [actor_of(await make_person(one)) for one in sorted(set(Role) - {ADMIN, DEVELOPER, ANALYST})]
    operator = await make_person(Role.OPERATOR)
    lesser.append(actor_of(operator).within(boss.partner_id))
    lesser.append(replace(actor_of(boss), permissions=GIVEABLE))
    for actor in lesser:
        for change, args, named in writes(role):
            with pytest.raises(NotAllowed):
                await call(change, actor, *args, **named)
    [still] = await call(custom_roles.listed, actor_of(boss))
    assert (still.name, set(still.permissions), still.version) == ("Support desk", set(DESK), 1)


async def test_lists_are_ones_own():
    boss, analyst = await team(ADMIN, ANALYST)
    await make_role(boss)
    assert await call(custom_roles.listed, actor_of(await make_person(ADMIN))) == []
    for outsider in (analyst, await make_person(Role.OPERATOR)):
        with pytest.raises(NotAllowed):
            await call(custom_roles.listed, actor_of(outsider))


async def test_another_companys_role_is_given_to_nobody():
    boss, person = await team(ADMIN, ANALYST)
    theirs = await make_role(await make_person(ADMIN))
    with pytest.raises(NotFound):
        await give(boss, person, theirs)
    with pytest.raises(NotFound):
        await call(invitees.invite, actor_of(boss), email=f"{uuid4().hex}@people.example", name="", role=theirs.id)
    for table, where in (("members", "id = :who"), ("invitations", "partner_id = :partner")):
        if table == "invitations":
            await call(invitees.invite, actor_of(boss), email=f"{uuid4().hex}@people.example", name="", role=ANALYST)
        for tenancy in (Tenancy.everyone(), Tenancy.of(boss.partner_id)):
            with pytest.raises(DBAPIError, match=r"foreign key|no such role"):
                async with transaction(tenancy) as session:
                    await session.execute(
                        text(f"update {table} set custom_role_id = :role where {where}"),
                        {"role": theirs.id, "who": person.id, "partner": boss.partner_id},
                    )
    assert (await read(person.id)).granted is None


async def test_the_database_keeps_what_a_member_is_granted():
    boss, person = await team(ADMIN, ANALYST)
    role = await make_role(boss)
    await give(boss, person, role)
    async with transaction(Tenancy.of(boss.partner_id)) as session:
        await session.execute(
            text("update members set granted = '{members:write,billing:read}', role_name = 'x' where id = :id"),
            {"id": person.id},
        )
    row = await read(person.id)
    assert (set(row.granted), row.role_name, row.role) == (set(DESK), "Support desk", ANALYST)
    for wrong in ("set role = 'partner_admin'", "set partner_id = null, role = 'operator'"):
        with pytest.raises(DBAPIError):
            async with transaction(Tenancy.everyone()) as session:
                await session.execute(text(f"update members {wrong} where id = :id"), {"id": person.id})
    for wrong in ("'{}'", "'{members:write}'"):
        with pytest.raises(DBAPIError, match="check constraint"):
            async with transaction(Tenancy.everyone()) as session:
                await session.execute(
                    text(f"update custom_roles set permissions = {wrong} where id = :id"), {"id": role.id}
                )


@pytest.mark.parametrize(
    ("permissions", "error", "said"),
    [
        ([P.MEMBERS_WRITE, P.MEMBERS_READ], Invalid, "Only administrators"),
        ([], Invalid, "at least one"),
        (["documents:decide"], Invalid, "at least one"),
        (["system"], Invalid, "at least one"),
        (["partners:read", P.DOCUMENTS_READ], Invalid, "at least one"),
        ([P.WEBHOOKS_WRITE, P.WEBHOOKS_READ], Invalid, "needs "),
        ([P.PERSONAL_READ], Invalid, "needs"),
    ],
)
async def test_a_role_has_only_what_makes_sense_and_makes_nobody_more(permissions, error, said):
    [boss] = await team(ADMIN)
    with pytest.raises(error, match=said):
        await make_role(boss, permissions=permissions)
    assert await call(custom_roles.listed, actor_of(boss)) == []


def test_what_can_be_given_is_closed():
    """A permission's needs can be given as well, and what none may give is what changes people and the ways in."""
    assert ROLE_PERMISSIONS[ADMIN] - GIVEABLE == {P.MEMBERS_WRITE}
    for permission, needs in NEEDS.items():
        assert needs <= GIVEABLE, permission
        assert all(NEEDS.get(one, frozenset()) <= needs for one in needs), permission
        for role in (ADMIN, DEVELOPER, ANALYST):
            assert permission not in ROLE_PERMISSIONS[role] or needs <= ROLE_PERMISSIONS[role], (role, permission)


async def test_nobody_gives_what_they_do_not_have():
    boss, person = await team(ADMIN, ANALYST)
    role = await make_role(boss, permissions=READER)
    narrow = replace(actor_of(boss), permissions=ROLE_PERMISSIONS[ADMIN] - {P.AUDIT_READ})
    for change, args, named in (
        (custom_role_changes.create, (), {"name": "Other", "permissions": READER}),
        (custom_role_changes.change, (role.id,), {"version": 1, "name": "Other", "permissions": READER}),
        (colleagues.change_role, (person.id, role.id), {"before": ANALYST}),
        (invitees.invite, (), {"email": f"{uuid4().hex}@people.example", "name": "", "role": role.id}),
    ):
        with pytest.raises(NotAllowed, match="audit:read"):
            await call(change, narrow, *args, **named)


async def test_names_are_one_line_and_one_of_a_kind():
    [boss] = await team(ADMIN)
    await make_role(boss, name="  Support \n desk ")
    for name in ("support DESK", "Support desk"):
        with pytest.raises(Conflict, match="has this name"):
            await make_role(boss, name=name)
    for name in ("", "x" * 61, "Admin", "ANALYST", "Ad\u202emin", "partner_analyst", "Operator", "Administrateur"):
        with pytest.raises(Invalid):
            await make_role(boss, name=name)
    await make_role(await make_person(ADMIN))
    other = await make_role(boss, name="Other")
    with pytest.raises(Conflict, match="has this name"):
        await call(
            custom_role_changes.change, actor_of(boss), other.id, version=1, name="Support Desk", permissions=DESK
        )


async def test_a_company_has_so_many_roles_and_no_more():
    [boss] = await team(ADMIN)
    async with transaction(Tenancy.everyone()) as session:
        for number in range(MOST_ROLES):
            session.add(CustomRole(partner_id=boss.partner_id, name=f"Role {number}", permissions=[*DESK]))
    with pytest.raises(Conflict, match="at most"):
        await make_role(boss)


async def test_every_change_asks_for_a_fresh_proof():
    [boss] = await team(ADMIN)
    role = await make_role(boss)
    stale = replace(actor_of(boss, session_id=uuid4()), confirmed_at=now() - timedelta(hours=3))
    for change, args, named in writes(role):
        with pytest.raises(StepUpRequired):
            await call(change, stale, *args, **named)


async def test_who_has_a_role_may_what_it_says_and_nothing_of_the_least_one():
    boss, person = await team(ADMIN, ANALYST)
    before = await entered(person)
    role = await make_role(boss, name="Keys only", permissions=[P.KEYS_READ, P.KEYS_WRITE])
    await give(boss, person, role)
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, before.secret) is None
    step = await entered(person)
    async with transaction(Tenancy.everyone()) as session:
        row, member = await sessions.by_secret(session, step.secret)
    actor = await in_tab(row.id)
    assert actor.permissions == step.actor.permissions == {P.KEYS_READ, P.KEYS_WRITE}
    assert (actor.role, actor.role_name, member.role_name) == (ANALYST, "Keys only", "Keys only")
    for permission in Permission:
        assert actor.can(permission) == (permission in {P.KEYS_READ, P.KEYS_WRITE})
    with pytest.raises(NotAllowed):
        await call(colleagues.people, actor)
    assert "member.role_changed" in await actions(person.id)
    with pytest.raises(Conflict, match="Keys only already"):
        await give(boss, person, role, before=str(role.id))
    with pytest.raises(Conflict, match="Keys only by now"):
        await call(colleagues.change_role, actor_of(boss), person.id, DEVELOPER, before=ANALYST)
    await call(colleagues.change_role, actor_of(boss), person.id, ANALYST, before=str(role.id))
    assert (await acting(person)).permissions == ROLE_PERMISSIONS[ANALYST]


async def test_a_changed_role_is_obeyed_at_once_and_signs_its_people_out():
    boss, person = await team(ADMIN, ANALYST)
    role = await make_role(boss)
    await give(boss, person, role)
    step = await entered(person)
    await call(
        custom_role_changes.change, actor_of(boss), role.id, version=1, name="Desk", permissions=[P.DOCUMENTS_READ]
    )
    assert (await acting(person)).permissions == {P.DOCUMENTS_READ}
    assert (await read(person.id)).role_name == "Desk"
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, step.secret) is None
    again = await entered(person)
    await call(
        custom_role_changes.change, actor_of(boss), role.id, version=2, name="Front", permissions=[P.DOCUMENTS_READ]
    )
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, again.secret) is not None, "another name asks nobody to sign in again"
        changes = (
            await session.execute(
                select(AuditEntry.changes).where(AuditEntry.subject_id == role.id).order_by(AuditEntry.sequence)
            )
        ).scalars()
        assert [sorted(one) for one in changes] == [
            ["name", "permissions"],
            ["name", "people", "permissions"],
            ["name", "people"],
        ]


async def test_of_two_who_change_a_role_at_once_one_is_told():
    boss, other = await team(ADMIN, ADMIN)
    role = await make_role(boss)
    results = await asyncio.gather(
        *(
            call(custom_role_changes.change, actor_of(one), role.id, version=1, name="Desk", permissions=[permission])
            for one, permission in ((boss, P.DOCUMENTS_READ), (other, P.AUDIT_READ))
        ),
        return_exceptions=True,
    )
    refused = [one for one in results if isinstance(one, Exception)]
    assert [error.code for error in refused] == ["stale_version"]
    with pytest.raises(Conflict, match="changed meanwhile"):
        await call(custom_role_changes.delete, actor_of(boss), role.id, version=1, to=None)
    with pytest.raises(Conflict, match="like this already"):
        [now_] = await call(custom_roles.listed, actor_of(boss))
        await call(
            custom_role_changes.change, actor_of(boss), role.id, version=2, name="Desk", permissions=now_.permissions
        )


async def test_a_role_that_people_have_goes_with_a_word_on_what_they_become():
    boss, person, removed = await team(ADMIN, ANALYST, ANALYST)
    role = await make_role(boss)
    await give(boss, person, role)
    await give(boss, removed, role)
    await call(colleagues.remove, actor_of(boss), removed.id, typed="Ines Moreau")
    step = await entered(person)
    _, link = await call(
        invitees.invite, actor_of(boss), email=f"{uuid4().hex}@people.example", name="Nadia", role=role.id
    )
    [listed] = await call(custom_roles.listed, actor_of(boss))
    assert (listed.people, listed.invited) == (2, 1)
    with pytest.raises(Conflict, match="what they become"):
        await call(custom_role_changes.delete, actor_of(boss), role.id, version=1, to=None)
    with pytest.raises(Invalid):
        await call(custom_role_changes.delete, actor_of(boss), role.id, version=1, to=Role.OPERATOR)
    assert await call(custom_role_changes.delete, actor_of(boss), role.id, version=1, to=DEVELOPER) == 2
    for one in (person, removed):
        row = await read(one.id)
        assert (row.role, row.custom_role_id, row.granted, row.role_name) == (DEVELOPER, None, None, "")
        assert "member.role_changed" in await actions(one.id)
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, step.secret) is None
    assert (await invitations.welcome(link.rpartition("/")[2])).role == DEVELOPER
    assert await call(custom_roles.listed, actor_of(boss)) == []
    assert "custom_role.deleted" in await actions(role.id)


async def test_letters_go_to_who_may_see_what_they_tell():
    boss, person = await team(ADMIN, ANALYST)
    role = await make_role(boss, permissions=[P.WEBHOOKS_READ, *TOLD])

    async def told(*permissions):
        async with transaction(Tenancy.everyone()) as session:
            statement = select(Member.id).where(Member.partner_id == boss.partner_id, members.who_may(*permissions))
            return set((await session.execute(statement)).scalars())

    assert await told(P.WEBHOOKS_READ) == {boss.id}
    assert await told(P.METRICS_READ) == {boss.id, person.id}
    await give(boss, person, role)
    assert await told(P.WEBHOOKS_READ) == {boss.id, person.id}
    assert await told(P.METRICS_READ) == {boss.id}
    assert await told(P.WEBHOOKS_READ, P.BILLING_READ) == {boss.id}


async def test_operators_see_the_role_and_can_take_it_away():
    boss, person = await team(ADMIN, ANALYST)
    role = await make_role(boss, permissions=READER)
    await give(boss, person, role)
    operator = actor_of(await make_person(Role.OPERATOR))
    [seen] = await call(people.listed, operator, people.Filter(q=person.email))
    assert (seen.role_name, seen.role, set(seen.permissions)) == ("Support desk", str(role.id), set(READER))
    uses = await call(access_reviews.custom_roles, operator)
    [use] = [one for one in uses if one.id == role.id]
    assert (use.partner, use.people, use.with_second_factor) == ("Fjord Bank", 1, 0)
    [line] = [one for one in await call(access_reviews.everybody, operator) if one.login == person.email]
    assert (line.role, set(line.permissions)) == ("Support desk", set(READER))
    with pytest.raises(Conflict, match="Support desk by now"):
        await call(people.change_role, operator, person.id, DEVELOPER, before=ANALYST)
    await call(people.change_role, operator, person.id, ANALYST, before=str(role.id))
    assert (await acting(person)).permissions == ROLE_PERMISSIONS[ANALYST]


async def test_a_looking_operator_reads_roles_and_changes_none():
    boss, _ = await team(ADMIN, ANALYST)
    role = await make_role(boss)
    operator = actor_of(await make_person(Role.OPERATOR))
    looking = operator.looking(boss.partner_id, uuid4())
    assert [one.name for one in await call(custom_roles.listed, looking)] == ["Support desk"]
    for change, args, named in writes(role):
        with pytest.raises(NotAllowed):
            await call(change, looking, *args, **named)


def test_words_that_are_no_permission_grant_nothing():
    assert permissions_of(ANALYST, ["members:write", "system", "policies:write", "nonsense"]) == frozenset()
    assert permissions_of(ANALYST, []) == frozenset()


async def test_a_person_without_a_company_role_is_as_before():
    partner_id = await make_partner()
    for role in (ADMIN, DEVELOPER, ANALYST):
        assert (await acting(await make_person(role, partner_id))).permissions == ROLE_PERMISSIONS[role]
