"""People as operators see them: outsiders first, then what is done about them, and what is refused."""

import asyncio

import pytest
from sqlalchemy import select, update

from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.jobs import members as jobs
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import new_id
from backoffice.models.invitations import Invitation
from backoffice.models.members import Member, Role
from backoffice.services import people, sign_in
from backoffice.services.people import Filter
from tests.services.people import PASSWORD, actor_of, in_tab, make_partner, make_person, visitor
from tests.services.post import post_office
from tests.services.test_fleet import call

pytestmark = pytest.mark.usefixtures("database")
OPERATOR, ANALYST = Role.OPERATOR, Role.PARTNER_ANALYST


@pytest.fixture
async def posted(monkeypatch):
    async with post_office(monkeypatch) as server:
        yield server


async def read(member_id) -> Member:
    async with transaction(Tenancy.everyone()) as session:
        return await session.get(Member, member_id)


async def every_change(actor, victim):
    for function, arguments, options in (
        (people.disable, (victim.id,), {"typed": victim.email}),
        (people.enable, (victim.id,), {}),
        (people.end_sessions, (victim.id,), {}),
        (people.change_role, (victim.id, Role.PARTNER_DEVELOPER), {"before": victim.role}),
        (people.invite, (), {"email": f"{new_id().hex}@x.example", "name": "X", "role": Role.REVIEWER}),
    ):
        with pytest.raises(NotAllowed):
            await call(function, actor, *arguments, **options)


@pytest.mark.parametrize("role", sorted(set(Role) - {OPERATOR}))
async def test_nobody_but_an_operator_changes_anybody(role):
    victim = await make_person(ANALYST)
    person = actor_of(await make_person(role, victim.partner_id if role.startswith("partner") else None))
    await every_change(person, victim)
    if role != Role.AUDITOR:
        with pytest.raises(NotAllowed):
            await call(people.listed, person, Filter())
    row = await read(victim.id)
    assert (row.role, row.disabled_at) == (ANALYST, None)


async def test_an_operator_who_is_none_any_more_changes_nobody():
    operator, victim = await make_person(OPERATOR), await make_person(ANALYST)
    async with transaction(Tenancy.everyone()) as session:
        await session.execute(update(Member).where(Member.id == operator.id).values(role=Role.AUDITOR))
    await every_change(actor_of(operator), victim)


async def test_people_are_found_by_name_role_partner_and_status():
    operator, partner_id = await make_person(OPERATOR), await make_partner()
    one, gone = await make_person(ANALYST, partner_id), await make_person(ANALYST, partner_id)
    await call(people.disable, actor_of(operator), gone.id, typed=gone.email)
    listed = await call(people.listed, actor_of(operator), Filter(partner_id=partner_id))
    assert [(person.id, person.is_disabled, person.partner) for person in listed] == [
        (one.id, False, "Fjord Bank"),
        (gone.id, True, "Fjord Bank"),
    ]
    for by, ids in (
        (Filter(q=one.email[10:], role=ANALYST), {one.id}),
        (Filter(q=one.email, is_staff=True), set()),
        (Filter(q=operator.email, is_staff=True), {operator.id}),
        (Filter(partner_id=partner_id, is_disabled=True), {gone.id}),
        (Filter(q=f"{one.email}%"), set()),
    ):
        assert {person.id for person in await call(people.listed, actor_of(operator), by)} == ids


async def test_a_login_is_taken_and_given_back():
    operator, person = actor_of(await make_person(OPERATOR)), await make_person(ANALYST)
    step = await sign_in.with_password(person.email, PASSWORD, visitor())
    with pytest.raises(Invalid, match="to be sure"):
        await call(people.disable, operator, person.id, typed="somebody")
    with pytest.raises(NotAllowed, match="yourself"):
        await call(people.disable, operator, operator.id, typed="x")
    with pytest.raises(NotFound):
        await call(people.disable, operator, new_id(), typed="x")
    await call(people.disable, operator, person.id, typed=f" {person.email.upper()}")
    assert await in_tab(step.actor.session_id) is None
    with pytest.raises(Conflict):
        await call(people.disable, operator, person.id, typed=person.email)
    await call(people.enable, operator, person.id)
    with pytest.raises(Conflict):
        await call(people.enable, operator, person.id)
    again = await sign_in.with_password(person.email, PASSWORD, visitor())
    assert await call(people.end_sessions, operator, person.id) == 1
    assert await in_tab(again.actor.session_id) is None
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry.action).where(
            AuditEntry.actor_id == operator.id, AuditEntry.subject_id == person.id
        )
        assert set((await session.execute(statement)).scalars()) == {"member.disabled", "member.enabled"}


async def test_a_role_changes_within_the_same_house_only():
    operator, person = actor_of(await make_person(OPERATOR)), await make_person(ANALYST)
    with pytest.raises(Invalid, match="belong to a partner"):
        await call(people.change_role, operator, person.id, OPERATOR, before=ANALYST)
    with pytest.raises(Conflict, match="by now"):
        await call(people.change_role, operator, person.id, Role.PARTNER_ADMIN, before=Role.PARTNER_DEVELOPER)
    await call(people.change_role, operator, person.id, Role.PARTNER_ADMIN, before=ANALYST)
    assert (await read(person.id)).role == Role.PARTNER_ADMIN
    admin = person
    for refused in (
        call(people.change_role, operator, admin.id, ANALYST, before=Role.PARTNER_ADMIN),
        call(people.disable, operator, admin.id, typed=admin.email),
    ):
        with pytest.raises(Conflict, match="last administrator"):
            await refused
    with pytest.raises(NotAllowed, match="your own role"):
        await call(people.change_role, operator, operator.id, Role.AUDITOR, before=OPERATOR)


async def test_of_two_operators_who_take_each_others_role_one_stays():
    one, two = actor_of(await make_person(OPERATOR)), actor_of(await make_person(OPERATOR))
    async with transaction(Tenancy.everyone()) as session:
        others = update(Member).where(Member.role == OPERATOR, Member.id.not_in((one.id, two.id)))
        await session.execute(others.values(role=Role.AUDITOR))
    answers = await asyncio.gather(
        call(people.change_role, one, two.id, Role.AUDITOR, before=OPERATOR),
        call(people.change_role, two, one.id, Role.AUDITOR, before=OPERATOR),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Member", "NotAllowed"]
    left = one if (await read(one.id)).role == OPERATOR else two
    system = people.Actor.system(name="test")
    email = (await read(left.id)).email
    with pytest.raises(Conflict, match="last operator"):
        await call(people.disable, system, left.id, typed=email)
    with pytest.raises(Conflict, match="last operator"):
        await call(people.change_role, system, left.id, Role.REVIEWER, before=OPERATOR)


async def test_staff_are_invited_by_letter(posted):
    operator, email = actor_of(await make_person(OPERATOR)), f"{new_id().hex}@house.example"
    with pytest.raises(Invalid):
        await call(people.invite, operator, email=email, name="", role=Role.PARTNER_ADMIN)
    link = await call(people.invite, operator, email=email, name="", role=Role.REVIEWER)
    async with transaction(Tenancy.everyone()) as session:
        row = (await session.execute(select(Invitation).where(Invitation.email == email))).scalar_one()
    assert (row.partner_id, row.role) == (None, Role.REVIEWER)
    await jobs.mail_invitation(str(row.id))
    [mail] = posted.to(email)
    assert "invites you to Partner Backoffice" in mail["Subject"]
    assert link in mail.get_body(("plain",)).get_content()
