from uuid import uuid4

import pytest
from sqlalchemy import select

from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.members import SECOND_FACTOR_ROLES, STAFF_ROLES, Member, Role
from backoffice.services import members, sign_in
from tests.services.people import PASSWORD, SYSTEM, actor_of, make_partner, make_person, visitor

pytestmark = pytest.mark.usefixtures("database")


async def create(actor, **changes):
    values = {
        "email": f"{uuid4().hex}@example.test",
        "name": "Nils",
        "role": Role.PARTNER_ANALYST,
        "password": PASSWORD,
    }
    values |= {"partner_id": actor.partner_id} | changes
    async with transaction(actor.tenancy) as session:
        return await members.create(session, actor, **values)


async def test_outsider_cannot_invite_into_another_company():
    admin = actor_of(await make_person(Role.PARTNER_ADMIN))
    with pytest.raises(NotAllowed):
        await create(admin, partner_id=await make_partner())
    with pytest.raises(NotAllowed):
        await create(admin, role=Role.OPERATOR, partner_id=None)


@pytest.mark.parametrize("role", [Role.PARTNER_ANALYST, Role.PARTNER_DEVELOPER, Role.REVIEWER, Role.AUDITOR])
async def test_only_who_manages_people_invites(role):
    with pytest.raises(NotAllowed) as caught:
        await create(actor_of(await make_person(role)))
    assert caught.value.code == "missing_permission"


@pytest.mark.parametrize("role", sorted(Role))
async def test_role_decides_about_the_second_factor(role):
    partner_id = None if role in STAFF_ROLES else await make_partner()
    member, secret = await create(SYSTEM, role=role, partner_id=partner_id)
    assert (secret is not None) == (role in SECOND_FACTOR_ROLES)
    if secret:
        assert len(secret) == 32
        assert secret.encode() not in member.totp_secret_box


async def test_invitation_is_written_down_without_personal_data():
    member, _ = await create(SYSTEM, role=Role.AUDITOR, partner_id=None, email="Sofia.Lind@Example.Test ")
    async with transaction(Tenancy.everyone()) as session:
        entry = (await session.execute(select(AuditEntry).where(AuditEntry.subject_id == member.id))).scalar_one()
    assert (entry.action, entry.changes) == ("member.created", {"role": [None, "auditor"]})
    assert member.email == "sofia.lind@example.test"


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "nobody"},
        {"email": "a b@c"},
        {"name": " "},
        {"name": "a\x00b"},
        {"password": "short"},
        {"role": Role.REVIEWER},
    ],
)
async def test_bad_input_is_refused(changes):
    with pytest.raises(Invalid):
        await create(SYSTEM, **({"partner_id": await make_partner()} | changes))


async def test_address_is_taken_once():
    person = await make_person(Role.PARTNER_ANALYST)
    with pytest.raises(Conflict) as caught:
        await create(SYSTEM, email=person.email.upper(), partner_id=person.partner_id)
    assert caught.value.code == "email_taken"


async def test_disabled_member_is_out_everywhere_and_comes_back():
    person, admin = await make_person(Role.PARTNER_DEVELOPER), await make_person(Role.OPERATOR)
    step = await sign_in.with_password(person.email, PASSWORD, visitor())
    async with transaction(Tenancy.everyone()) as session:
        await members.disable(session, actor_of(admin), person.id)
    async with transaction(Tenancy.everyone()) as session:
        assert await sign_in.sessions.by_secret(session, step.secret) is None
    with pytest.raises(NotAllowed, match="disabled"):
        await sign_in.with_password(person.email, PASSWORD, visitor())
    async with transaction(Tenancy.everyone()) as session:
        await members.enable(session, actor_of(admin), person.id)
    assert (await sign_in.with_password(person.email, PASSWORD, visitor())).is_complete


async def test_nobody_disables_themselves_or_strangers():
    admin, stranger = await make_person(Role.PARTNER_ADMIN), await make_person(Role.PARTNER_ANALYST)
    async with transaction(Tenancy.of(admin.partner_id)) as session:
        with pytest.raises(NotAllowed):
            await members.disable(session, actor_of(admin), admin.id)
        with pytest.raises(NotFound):
            await members.disable(session, actor_of(admin), stranger.id)
    async with transaction(Tenancy.everyone()) as session:
        assert (await session.get(Member, stranger.id)).disabled_at is None
