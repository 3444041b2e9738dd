"""Colleagues: outsiders first, then what administrators do about their people, at once and against each other."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import select

from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.jobs import members as jobs
from backoffice.models.api_keys import ApiKey
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.invitations import Invitation
from backoffice.models.members import Member, Role
from backoffice.services import colleagues, invitations, invitees, sessions, sign_in
from backoffice.services.permissions import SCOPES
from tests.services.people import PASSWORD, actor_of, make_partner, make_person, visitor
from tests.services.post import post_office

pytestmark = pytest.mark.usefixtures("database")
ADMIN, DEVELOPER, ANALYST = Role.PARTNER_ADMIN, Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST


@pytest.fixture
async def posted(monkeypatch):
    async with post_office(monkeypatch) as server:
        yield server


async def call(function, actor, *args, **named):
    async with transaction(actor.tenancy) as session:
        return await function(session, actor, *args, **named)


async def read(member_id) -> Member:
    async with transaction(Tenancy.everyone()) as session:
        return await session.get(Member, member_id)


async def team(*roles: Role):
    """Some people of one company, the first of whom acts."""
    partner_id = await make_partner()
    return [await make_person(role, partner_id) for role in roles]


async def actions(subject_id) -> list[str]:
    async with transaction(Tenancy.everyone()) as session:
        found = await session.execute(
            select(AuditEntry.action).where(AuditEntry.subject_id == subject_id).order_by(AuditEntry.sequence)
        )
        return list(found.scalars())


CHANGES = (
    (colleagues.change_role, (ANALYST,), {"before": DEVELOPER}),
    (colleagues.remove, (), {"typed": "Ines Moreau"}),
    (colleagues.restore, (), {}),
    (colleagues.end_sessions, (), {}),
    (colleagues.reset_second_factor, (), {}),
    (colleagues.sessions_of, (), {}),
)


@pytest.mark.parametrize(("change", "args", "named"), CHANGES)
async def test_no_outsider_touches_a_companys_people(change, args, named):
    boss, person, analyst = await team(ADMIN, DEVELOPER, ANALYST)
    rival = await make_person(ADMIN)
    with pytest.raises(NotFound):
        await call(change, actor_of(rival), person.id, *args, **named)
    for outsider in (analyst, person, await make_person(Role.OPERATOR), await make_person(Role.REVIEWER)):
        with pytest.raises(NotAllowed):
            await call(change, actor_of(outsider), person.id, *args, **named)
    assert (await read(person.id)).role == DEVELOPER
    assert boss.partner_id == person.partner_id


async def test_lists_are_ones_own_and_for_administrators():
    boss, person = await team(ADMIN, ANALYST)
    rival = await make_person(ADMIN)
    assert {one.id for one in await call(colleagues.people, actor_of(boss))} == {boss.id, person.id}
    assert {one.id for one in await call(colleagues.people, actor_of(rival))} == {rival.id}
    for reader in (colleagues.people, invitees.waiting):
        with pytest.raises(NotAllowed):
            await call(reader, actor_of(person))
        with pytest.raises(NotAllowed):
            await call(reader, actor_of(await make_person(Role.OPERATOR)))


async def test_the_list_says_who_is_there():
    boss, person = await team(ADMIN, ANALYST)
    await sign_in.with_password(person.email, PASSWORD, visitor())
    async with transaction(Tenancy.everyone()) as session:
        session.add(ApiKey(partner_id=boss.partner_id, name="Checkout", livemode=False, created_by=person.id))
    found = {one.id: one for one in await call(colleagues.people, actor_of(boss))}
    me, other = found[boss.id], found[person.id]
    assert (me.is_oneself, me.has_second_factor, me.sessions, me.keys) == (True, True, 0, 0)
    assert (other.is_oneself, other.has_second_factor, other.sessions, other.keys) == (False, False, 1, 1)
    assert other.last_active_at is not None
    assert await call(colleagues.keys_of, actor_of(boss), person.id) == ["Checkout"]
    assert "keys:read" in SCOPES


async def test_a_new_role_ends_the_sessions_of_the_old_one():
    boss, person = await team(ADMIN, DEVELOPER)
    step = await sign_in.with_password(person.email, PASSWORD, visitor())
    await call(colleagues.change_role, actor_of(boss), person.id, ANALYST, before=DEVELOPER)
    assert (await read(person.id)).role == ANALYST
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, step.secret) is None
    assert "member.role_changed" in await actions(person.id)
    with pytest.raises(Conflict, match="analyst by now"):
        await call(colleagues.change_role, actor_of(boss), person.id, ADMIN, before=DEVELOPER)
    with pytest.raises(Conflict, match="already"):
        await call(colleagues.change_role, actor_of(boss), person.id, ANALYST, before=ANALYST)
    with pytest.raises(Invalid):
        await call(colleagues.change_role, actor_of(boss), person.id, Role.OPERATOR, before=ANALYST)


async def test_nobody_changes_or_removes_themselves():
    boss, _ = await team(ADMIN, ADMIN)
    for change, args, named in (*CHANGES[:2], CHANGES[4]):
        with pytest.raises(NotAllowed, match=r"your own|yourself"):
            await call(change, actor_of(boss), boss.id, *args, **named)


async def test_two_who_demote_each_other_leave_one_administrator():
    for _ in range(5):
        one, other = await team(ADMIN, ADMIN)
        results = await asyncio.gather(
            call(colleagues.change_role, actor_of(one), other.id, ANALYST, before=ADMIN),
            call(colleagues.change_role, actor_of(other), one.id, ANALYST, before=ADMIN),
            return_exceptions=True,
        )
        refused = [result for result in results if isinstance(result, Exception)]
        assert [type(error) for error in refused] == [NotAllowed]
        assert refused[0].code == "role_changed"
        assert sorted([(await read(one.id)).role, (await read(other.id)).role]) == [ADMIN, ANALYST]


async def test_two_who_remove_each_other_leave_one():
    one, other = await team(ADMIN, ADMIN)
    results = await asyncio.gather(
        call(colleagues.remove, actor_of(one), other.id, typed="Ines Moreau"),
        call(colleagues.remove, actor_of(other), one.id, typed="Ines Moreau"),
        return_exceptions=True,
    )
    assert sum(isinstance(result, NotAllowed) for result in results) == 1
    left = [person for person in (one, other) if (await read(person.id)).disabled_at is None]
    assert len(left) == 1


async def test_a_removed_person_is_out_named_to_be_sure_and_can_come_back():
    boss, person = await team(ADMIN, DEVELOPER)
    step = await sign_in.with_password(person.email, PASSWORD, visitor())
    with pytest.raises(Invalid, match="Write Ines Moreau"):
        await call(colleagues.remove, actor_of(boss), person.id, typed="Ines")
    await call(colleagues.remove, actor_of(boss), person.id, typed=" ines  MOREAU ")
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, step.secret) is None
    with pytest.raises(Conflict, match="was removed"):
        await call(invitees.invite, actor_of(boss), email=person.email, name="", role=ANALYST)
    with pytest.raises(Conflict, match="was removed"):
        await call(colleagues.change_role, actor_of(boss), person.id, ANALYST, before=DEVELOPER)
    await call(colleagues.restore, actor_of(boss), person.id)
    assert (await sign_in.with_password(person.email, PASSWORD, visitor())).is_complete
    assert {"member.disabled", "member.enabled"} <= set(await actions(person.id))


async def test_sessions_are_ended_by_an_administrator_but_not_the_one_that_does_it():
    boss, person = await team(ADMIN, DEVELOPER)
    steps = [await sign_in.with_password(person.email, PASSWORD, visitor()) for _ in range(2)]
    assert len(await call(colleagues.sessions_of, actor_of(boss), person.id)) == 2
    assert await call(colleagues.end_sessions, actor_of(boss), person.id) == 2
    async with transaction(Tenancy.everyone()) as session:
        assert [await sessions.by_secret(session, step.secret) for step in steps] == [None, None]
    own = await sign_in.with_code(
        (await sign_in.with_password(boss.email, PASSWORD, visitor())).secret, boss.code(), visitor()
    )
    assert await call(colleagues.end_sessions, own.actor, boss.id) == 0


async def test_a_reset_factor_is_set_up_anew_on_the_way_in(posted):
    boss, person = await team(ADMIN, ADMIN)
    old = person.totp_secret
    await call(colleagues.reset_second_factor, actor_of(boss), person.id)
    with pytest.raises(Conflict, match="no second factor"):
        await call(colleagues.reset_second_factor, actor_of(boss), person.id)
    first = await sign_in.with_password(person.email, PASSWORD, visitor())
    assert not first.is_complete
    waiting = await sign_in.waiting_for_code(first.secret, visitor())
    assert waiting.totp_seed not in {None, old}
    with pytest.raises(sign_in.NotSignedIn):
        await sign_in.with_code(first.secret, person.code(), visitor())
    person.totp_secret = waiting.totp_seed
    code = person.code()
    tries = await asyncio.gather(
        *(sign_in.with_code(first.secret, code, visitor()) for _ in range(6)), return_exceptions=True
    )
    assert sum(not isinstance(one, Exception) for one in tries) == 1
    assert "member.second_factor_set" in await actions(person.id)
    await jobs.mail_factor_reset(str(person.id), "2026-11-27T10:00:00+00:00")
    [mail] = posted.to(person.email)
    assert "was reset" in mail["Subject"]
    assert mail["List-Unsubscribe"] is None, "a letter about one's own login is not optional"


async def test_an_invitation_goes_by_letter_with_a_link_that_is_forgotten(posted):
    [boss] = await team(ADMIN)
    email = f"{uuid4().hex}@people.example"
    row, link = await call(invitees.invite, actor_of(boss), email=email.upper(), name="", role=DEVELOPER)
    [one] = await call(invitees.waiting, actor_of(boss))
    assert (one.email, one.invited_by, one.is_expired) == (email, "Ines Moreau", False)
    await jobs.mail_invitation(str(row.id))
    [mail] = posted.to(email)
    assert link in mail.get_body(("plain",)).get_content()
    async with transaction(Tenancy.everyone()) as session:
        assert (await session.get(Invitation, row.id)).letter_box is None
    await jobs.mail_invitation(str(row.id))
    assert len(posted.to(email)) == 1, "a letter that is sent is not sent again"
    again, newer = await call(invitees.resend, actor_of(boss), row.id)
    with pytest.raises(NotFound):
        await invitations.welcome(link.rpartition("/")[2])
    assert (await invitations.welcome(newer.rpartition("/")[2])).email == email
    await call(invitees.withdraw, actor_of(boss), again.id)
    with pytest.raises(NotFound):
        await invitations.welcome(newer.rpartition("/")[2])
    assert await call(invitees.waiting, actor_of(boss)) == []
    await jobs.mail_invitation(str(again.id))
    assert len(posted.to(email)) == 1, "what was withdrawn is not sent"


@pytest.mark.parametrize("leave", ["remove", "change_role"])
async def test_who_leaves_takes_their_open_invitations_along(leave):
    boss, mallory = await team(ADMIN, ADMIN)
    given = {"email": f"{uuid4().hex}@people.example", "name": "", "role": ADMIN}
    _, link = await call(invitees.invite, actor_of(mallory), **given)
    if leave == "remove":
        await call(colleagues.remove, actor_of(boss), mallory.id, typed="Ines Moreau")
    else:
        await call(colleagues.change_role, actor_of(boss), mallory.id, ANALYST, before=ADMIN)
    with pytest.raises(NotFound):
        await invitations.welcome(link.rpartition("/")[2])
    assert await call(invitees.waiting, actor_of(boss)) == []


async def test_one_company_keeps_no_other_from_inviting_an_address():
    [boss], [rival] = await team(ADMIN), await team(ADMIN)
    given = {"email": f"{uuid4().hex}@people.example", "name": "", "role": ANALYST}
    links = [(await call(invitees.invite, actor_of(one), **given))[1] for one in (boss, rival)]
    for link in links:
        assert (await invitations.welcome(link.rpartition("/")[2])).email == given["email"]


async def test_a_factor_that_was_reset_is_asked_for_also_where_no_rule_wants_one():
    boss, person = await team(ADMIN, ADMIN)
    first = await sign_in.with_password(person.email, PASSWORD, visitor())
    await sign_in.with_code(first.secret, person.code(), visitor())
    await call(colleagues.change_role, actor_of(boss), person.id, ANALYST, before=ADMIN)
    await call(colleagues.reset_second_factor, actor_of(boss), person.id)
    assert not (await sign_in.with_password(person.email, PASSWORD, visitor())).is_complete


async def test_no_outsider_invites_resends_or_withdraws():
    boss, analyst = await team(ADMIN, ANALYST)
    row, _ = await call(
        invitees.invite, actor_of(boss), email=f"{uuid4().hex}@people.example", name="Nadia", role=ANALYST
    )
    rival = await make_person(ADMIN)
    for change in (invitees.resend, invitees.withdraw):
        with pytest.raises(NotFound):
            await call(change, actor_of(rival), row.id)
        with pytest.raises(NotAllowed):
            await call(change, actor_of(analyst), row.id)
    with pytest.raises(NotAllowed):
        await call(invitees.invite, actor_of(analyst), email="a@people.example", name="", role=ANALYST)
    with pytest.raises(NotFound):
        await call(invitees.invite, actor_of(boss), email="a@people.example", name="", role=Role.OPERATOR)
    with pytest.raises(Invalid):
        await call(invitees.invite, actor_of(boss), email="nobody", name="", role=ANALYST)
