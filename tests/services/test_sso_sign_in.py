"""Who comes in by a company's provider, as whom, and who does not; what the only way closes, and to whom."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pyotp
import pytest
from sqlalchemy import select, text

from backoffice import clock
from backoffice.adapters import oidc
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed, NotFound, NotSignedIn
from backoffice.models.members import Member, Role
from backoffice.models.single_sign_on import WAY, SsoIdentity
from backoffice.services import (
    invitations,
    members,
    passkey_sign_in,
    passkeys,
    security_letters,
    sessions,
    sign_in,
    sso_connections,
    sso_domains,
    sso_places,
    sso_requests,
    sso_sign_in,
    sso_step_up,
    step_up,
    workspace_settings,
)
from backoffice.services.workspace_settings import Rules, Security
from tests.authenticator import Device
from tests.oidc_provider import SECRET, Provider
from tests.services.people import PASSWORD, SYSTEM, Person, make_person, visitor
from tests.sso_cast import EVERYONE, Company, make_company, member_of, reasons, session_of, trail

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(180)]


@pytest.fixture(autouse=True)
def _honest(provider: Provider) -> Iterator[None]:
    oidc.forget()
    provider.lie()
    yield
    provider.lie()


async def joined(company: Company, role: Role, email: str = "") -> Person:
    """Somebody of the company with a password, and an address of its domain."""
    email = email or company.somebody()
    async with transaction(EVERYONE) as session:
        member, secret = await members.create(
            session, SYSTEM, email=email, name="Ines Moreau", role=role, partner_id=company.partner_id,
            password=PASSWORD,
        )  # fmt: skip
    return Person(member.id, email, role, company.partner_id, secret)


async def living(step: sign_in.Step) -> bool:
    async with transaction(EVERYONE) as session:
        return await sessions.by_secret(session, step.secret) is not None


async def test_somebody_new_of_a_proven_domain_gets_the_role_that_was_set(provider: Provider):
    company = await make_company(provider, role=Role.PARTNER_DEVELOPER)
    email = company.somebody()
    step = await company.enter(email.upper())
    member = await member_of(email)
    assert step.is_complete
    assert member
    assert (member.partner_id, member.role) == (company.partner_id, Role.PARTNER_DEVELOPER)
    assert member.name.startswith("Person")
    row = await session_of(step)
    assert (row.way, row.amr, row.has_outside_factor) == (WAY, ["pwd", "otp"], False)
    told = await trail(company.partner_id)
    assert ("member.created", "ok", {"role": [None, "partner_developer"]}) in told
    assert ("member.signed_in", "ok", {"method": "sso", "amr": ["pwd", "otp"]}) in told
    assert "member.sso_linked" in [action for action, _, _ in told]
    with pytest.raises(NotSignedIn):
        await sign_in.with_password(email, "", visitor())


async def test_they_are_known_by_their_subject_from_then_on(provider: Provider):
    company = await make_company(provider)
    first = await company.enter(company.somebody())
    member = await member_of(await members_email(first))
    provider.lie(claims={"sub": "same", "email": member.email})
    with pytest.raises(NotAllowed) as refused:
        await company.enter(member.email)
    assert refused.value.code == "sso_other_account"
    provider.lie(claims={"email": company.somebody()})
    again = await company.enter(member.email)
    assert again.actor.id == first.actor.id
    assert (await member_of(member.email)).id == first.actor.id


async def members_email(step: sign_in.Step) -> str:
    async with transaction(EVERYONE) as session:
        return (await session.get_one(Member, step.actor.id)).email


async def test_somebody_who_has_a_login_is_linked_once_and_told_by_letter(provider: Provider):
    company = await make_company(provider)
    person = await joined(company, Role.PARTNER_ANALYST)
    step = await company.enter(person.email)
    assert step.actor.id == person.id
    async with transaction(EVERYONE) as session:
        at = "2026-11-28T06:00:00+00:00"
        letter = await security_letters.sso_linked(session, SYSTEM, person.id, at)
        jobs = await queued(session, person)
    assert letter.address == person.email
    assert "provider" in letter.letter.subject
    assert jobs == 1
    await company.enter(person.email)
    async with transaction(EVERYONE) as session:
        assert await queued(session, person) == 1


async def queued(session, person: Person) -> int:
    counted = text(
        "select count(*) from pgqueuer where entrypoint = 'member.mail_sso_linked'"
        " and convert_from(payload, 'utf8') like :member"
    )
    return (await session.execute(counted, {"member": f"%{person.id}%"})).scalar_one()


async def test_nobody_of_another_company_or_of_ours_is_let_in(provider: Provider):
    company = await make_company(provider)
    stranger = await make_company(provider)
    foreign = await joined(stranger, Role.PARTNER_ANALYST, company.somebody())
    async with transaction(EVERYONE) as session:
        staff, _ = await members.create(
            session, SYSTEM, email=company.somebody(), name="Amina", role=Role.OPERATOR, partner_id=None,
            password=PASSWORD,
        )  # fmt: skip
    for email in (foreign.email, staff.email):
        with pytest.raises(NotAllowed) as refused:
            await company.enter(email)
        assert refused.value.code == "sso_foreign_login"
    assert await reasons(company.partner_id) == ["sso_foreign_login"] * 2
    assert await reasons(stranger.partner_id) == []
    assert not [about for _, _, about in await trail(company.partner_id) if str(foreign.id) in str(about)]


async def test_disabled_people_and_foreign_networks_stay_out(provider: Provider):
    company = await make_company(provider)
    step = await company.enter(company.somebody())
    email = await members_email(step)
    async with transaction(company.actor.tenancy) as session:
        await members.disable(session, company.actor, step.actor.id)
    with pytest.raises(NotAllowed) as refused:
        await company.enter(email)
    assert refused.value.code == "login_disabled"
    assert not await living(step)
    here = visitor()
    async with transaction(company.actor.tenancy) as session:
        bound = Rules(0, Security(ip_allowlist=("203.0.113.0/24",)))
        actor = replace(company.actor, ip="203.0.113.9")
        await workspace_settings.save(session, actor, bound)
    newcomer = company.somebody()
    with pytest.raises(NotAllowed) as refused:
        await company.enter(newcomer, here)
    assert refused.value.code == "address_not_allowed"
    assert await member_of(newcomer) is None


async def test_an_unproven_domain_lets_nobody_in(provider: Provider):
    company = await make_company(provider, is_proven=False)
    with pytest.raises(NotAllowed) as refused:
        await company.enter(company.somebody())
    assert refused.value.code == "sso_wrong_domain"
    await sso_domains.confirm(SYSTEM, company.partner_id, company.domain)
    email = company.somebody()
    assert (await company.enter(email)).is_complete
    await sso_domains.remove(company.actor, company.domain)
    with pytest.raises(NotAllowed):
        await company.enter(email)


async def test_an_invitation_is_taken_up_with_its_role(provider: Provider):
    company = await make_company(provider)
    email = company.somebody()
    async with transaction(company.actor.tenancy) as session:
        _, token = await invitations.create(
            session, company.actor, email=email, name="Kim Park", role=Role.PARTNER_ADMIN,
            partner_id=company.partner_id,
        )  # fmt: skip
    step = await company.enter(email)
    member = await member_of(email)
    assert (member.name, member.role) == ("Kim Park", Role.PARTNER_ADMIN)
    assert not step.is_complete, "administrators have a second factor"
    with pytest.raises(NotFound):
        await invitations.welcome(token)


async def test_a_second_factor_is_asked_for_here_or_there_as_the_company_says(provider: Provider):
    company = await make_company(provider)
    async with transaction(company.actor.tenancy) as session:
        await workspace_settings.save(session, company.actor, Rules(0, Security(requires_second_factor=True)))
    who, email = visitor(), company.somebody()
    half = await company.enter(email, who)
    assert not half.is_complete
    waiting = await sign_in.waiting_for_code(half.secret, who)
    assert waiting.totp_seed
    whole = await sign_in.with_code(half.secret, pyotp.TOTP(waiting.totp_seed).now(), who)
    assert (await session_of(whole)).way == WAY
    await company.change(asks_second_factor=True)
    newcomer = await company.enter(company.somebody())
    assert newcomer.is_complete
    assert (await session_of(newcomer)).has_outside_factor
    assert await living(newcomer)
    await company.change(asks_second_factor=False)
    assert not await living(newcomer), "what the provider asked for does not count any more"


async def test_the_only_way_closes_passwords_and_passkeys_and_says_nothing_of_accounts(provider: Provider):
    company = await make_company(provider)
    person, device = await joined(company, Role.PARTNER_ANALYST), Device()
    before = await sign_in.with_password(person.email, PASSWORD, visitor())
    await passkeys.finish(before.actor, device.make(await passkeys.begin(before.actor)), "phone")
    by_provider = await company.enter(company.somebody())
    await company.change(is_only_way=True)
    assert not await living(before)
    assert await living(by_provider)
    said = set()
    for email, password in (
        (person.email, PASSWORD), (person.email, "wrong"), (company.somebody(), "wrong"),
    ):  # fmt: skip
        with pytest.raises(NotAllowed) as refused:
            await sign_in.with_password(email, password, visitor())
        said.add((str(refused.value), refused.value.code))
    assert len(said) == 1
    with pytest.raises(NotAllowed) as refused:
        who = visitor()
        await passkey_sign_in.with_passkey(device.sign(await passkey_sign_in.begin(who)), who)
    assert refused.value.code == "sso_required"
    assert (await company.enter(company.somebody())).is_complete


async def test_administrators_come_past_the_only_way_and_leave_a_trace(provider: Provider):
    company = await make_company(provider)
    admin = await joined(company, Role.PARTNER_ADMIN)
    await company.change(is_only_way=True)
    with pytest.raises(NotAllowed) as refused:
        await sign_in.with_password(admin.email, "wrong", visitor())
    assert refused.value.code == "sso_required", "as for everybody of the domain"
    who = visitor()
    half = await sign_in.with_password(admin.email, PASSWORD, who)
    assert not half.is_complete
    whole = await sign_in.with_code(half.secret, admin.code(), who)
    assert whole.is_complete
    assert ("member.signed_in", "ok", {"past_single_sign_on": True}) in await trail(company.partner_id)
    async with transaction(company.actor.tenancy) as session:
        _, token = await invitations.create(
            session, company.actor, email=company.somebody(), name="Kim", role=Role.PARTNER_ANALYST,
            partner_id=company.partner_id,
        )  # fmt: skip
    with pytest.raises(NotAllowed) as refused:
        await invitations.accept(token, "seven quiet otters swim", "", visitor())
    assert refused.value.code == "sso_required"


async def test_a_password_that_is_half_way_in_does_not_finish(provider: Provider):
    company = await make_company(provider)
    person, device = await joined(company, Role.PARTNER_ANALYST), Device()
    step = await sign_in.with_password(person.email, PASSWORD, visitor())
    await passkeys.finish(step.actor, device.make(await passkeys.begin(step.actor)), "phone")
    who = visitor()
    half = await sign_in.with_password(person.email, PASSWORD, who)
    options = await passkey_sign_in.begin_second_step(half.secret, who)
    await company.change(is_only_way=True)
    with pytest.raises(NotSignedIn):
        await passkey_sign_in.as_second_step(half.secret, device.sign(options), who)


async def test_switching_off_ends_its_sessions_and_opens_passwords(provider: Provider):
    company = await make_company(provider)
    person = await joined(company, Role.PARTNER_ANALYST)
    await company.change(is_only_way=True)
    step = await company.enter(company.somebody())
    async with transaction(EVERYONE) as session:
        assert await sso_connections.switch_off(session, SYSTEM, company.partner_id)
        assert not await sso_connections.switch_off(session, SYSTEM, company.partner_id)
    assert not await living(step)
    assert (await sign_in.with_password(person.email, PASSWORD, visitor())).is_complete
    with pytest.raises(NotFound):
        await sso_sign_in.begin(company.slug, "", visitor())


async def test_another_client_makes_strangers_of_all(provider: Provider):
    company = await make_company(provider)
    step = await company.enter(company.somebody())
    email = await members_email(step)
    await company.change(client_id="another", secret=SECRET)
    assert not await living(step)
    async with transaction(EVERYONE) as session:
        held = select(SsoIdentity).where(SsoIdentity.partner_id == company.partner_id)
        assert (await session.execute(held)).all() == []
    await company.change(secret=SECRET)
    assert (await company.enter(email)).actor.id == step.actor.id


async def test_a_link_is_forgotten_by_the_command_line(provider: Provider):
    company = await make_company(provider)
    step = await company.enter(company.somebody())
    email = await members_email(step)
    async with transaction(EVERYONE) as session:
        await sso_connections.unlink(session, SYSTEM, email)
    assert not await living(step)
    provider.lie(claims={"sub": "the new account"})
    assert (await company.enter(email)).actor.id == step.actor.id
    for nobody in (company.somebody(), company.admin.email):
        with pytest.raises(NotFound):
            async with transaction(EVERYONE) as session:
                await sso_connections.unlink(session, SYSTEM, nobody)


async def confirmed(company: Company, step: sign_in.Step, email: str, cookies: dict[str, str]) -> str:
    who = visitor()
    way = await sso_step_up.begin(step.actor, "/partner/team", who)
    assert "prompt=login" in way.url
    assert "max_age=0" in way.url
    given = await company.provider.answer(way.url, email, cookies)
    asked = await sso_requests.take(given["state"], way.cookie, company.place)
    return await sso_step_up.finish(step.actor, asked, given, who)


async def test_who_came_by_the_provider_confirms_there_and_is_asked_anew(provider: Provider):
    company = await make_company(provider)
    email = company.somebody()
    step = await company.enter(email)
    found = await step_up.proofs(step.actor)
    assert (found.sso, found.password, found.code, found.passkey) == (True, False, False, False)
    secret = await confirmed(company, step, email, {})
    assert secret != step.secret
    assert not await living(step)
    async with transaction(EVERYONE) as session:
        row, _ = await sessions.by_secret(session, secret)
    assert row.id == step.actor.session_id
    assert clock.now() - row.confirmed_at < timedelta(minutes=1)
    told = [(action, about.get("method")) for action, _, about in await trail(company.partner_id)]
    assert ("member.confirmed", "confirm_sso") in told


async def test_a_provider_that_does_not_ask_anew_or_asks_another_confirms_nothing(provider: Provider):
    company = await make_company(provider)
    email, other = company.somebody(), company.somebody()
    step = await company.enter(email)
    await company.enter(other)
    provider.lie(ignores_prompt=True)
    hour_ago = {"op": f"{email}|{int(clock.now().timestamp()) - 3600}"}
    with pytest.raises(NotAllowed) as refused:
        await confirmed(company, step, email, hour_ago)
    assert refused.value.code == "sso_not_anew"
    provider.lie(claims={"auth_time": None})
    with pytest.raises(NotAllowed) as refused:
        await confirmed(company, step, email, {})
    assert refused.value.code == "sso_not_anew"
    provider.lie()
    with pytest.raises(NotAllowed) as refused:
        await confirmed(company, step, other, {})
    assert refused.value.code == "sso_other_person"
    assert await living(step)


async def test_an_answer_confirms_in_its_own_session_only(provider: Provider):
    company = await make_company(provider)
    email = company.somebody()
    step, who = await company.enter(email), visitor()
    way = await sso_step_up.begin(step.actor, "", who)
    given = await provider.answer(way.url, email)
    asked = await sso_requests.take(given["state"], way.cookie, company.place)
    for actor in (None, (await company.enter(email)).actor):
        with pytest.raises(NotAllowed) as refused:
            await sso_step_up.finish(actor, asked, given, who)
        assert refused.value.code == "sso_no_session"
    by_password = await sign_in.with_password((await joined(company, Role.PARTNER_ANALYST)).email, PASSWORD, who)
    with pytest.raises(NotAllowed):
        await sso_step_up.begin(by_password.actor, "", who)


async def test_an_address_leads_to_its_company_and_nowhere_else(provider: Provider):
    company, waiting = await make_company(provider), await make_company(provider, is_proven=False)
    assert await sso_places.of_address(f" Anybody@{company.domain.upper()}", visitor()) == company.slug
    for email in (waiting.somebody(), "", "x\x00@y.example", f"x@sub.{company.domain}", f"x@{uuid4().hex}.example"):
        with pytest.raises(NotFound):
            await sso_places.of_address(email, visitor())


async def test_another_partner_sees_nothing_of_it(provider: Provider):
    company = await make_company(provider)
    await company.enter(company.somebody())
    rival = await make_person(Role.PARTNER_ADMIN)
    async with transaction(Tenancy.of(rival.partner_id)) as session:
        for table in ("sso_connections", "sso_domains", "sso_identities"):
            assert (await session.execute(text(f"select count(*) from {table}"))).scalar_one() == 0
