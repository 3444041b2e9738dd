"""A provider that is asked again takes no second factor's place, and a mailbox opens nothing past the only way."""

from collections.abc import Iterator

import pyotp
import pytest
from sqlalchemy import update

from backoffice.adapters import boxes, oidc
from backoffice.db import transaction
from backoffice.errors import Invalid, NotAllowed
from backoffice.models.members import Member, Role, Session
from backoffice.services import members, password_resets, sessions, sign_in, sso_requests, sso_step_up, step_up
from backoffice.services.letters import Addressed
from backoffice.services.sign_in import Step
from backoffice.services.step_up import Proof
from tests.oidc_provider import Provider
from tests.services.people import PASSWORD, SYSTEM, Person, visitor
from tests.sso_cast import EVERYONE, Company, make_company, member_of, reasons

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(180)]


@pytest.fixture(autouse=True)
def _honest(provider: Provider) -> Iterator[None]:
    oidc.forget()
    provider.lie()
    yield
    provider.lie()


async def joined(company: Company, role: Role, **about: object) -> Person:
    """Somebody of the company with a password and an address of its domain; `about` is changed in their row."""
    email = company.somebody()
    async with transaction(EVERYONE) as session:
        member, secret = await members.create(
            session, SYSTEM, email=email, name="Ines Moreau", role=role, partner_id=company.partner_id,
            password=PASSWORD,
        )  # fmt: skip
    await changed(member.id, **about)
    return Person(member.id, email, role, company.partner_id, secret)


async def changed(member_id: object, **about: object) -> None:
    if about:
        async with transaction(EVERYONE) as session:
            await session.execute(update(Member).where(Member.id == member_id).values(**about))


async def without_factor(company: Company) -> Person:
    """An administrator whose second factor was reset."""
    return await joined(company, Role.PARTNER_ADMIN, totp_secret_box=None, totp_last_step=1)


async def living(step: Step) -> bool:
    async with transaction(EVERYONE) as session:
        return await sessions.by_secret(session, step.secret) is not None


async def entered(company: Company, person: Person) -> Step:
    """Come by the provider, and with a code of ours where that is asked for, too."""
    who = visitor()
    step = await company.enter(person.email, who)
    return step if step.is_complete else await sign_in.with_code(step.secret, person.code(), who)


async def asked(company: Company, step: Step, email: str) -> tuple[sso_requests.Asked, dict[str, str]]:
    way = await sso_step_up.begin(step.actor, "", visitor())
    given = await company.provider.answer(way.url, email)
    return await sso_requests.take(given["state"], way.cookie, company.place), given


async def test_a_provider_that_asks_for_no_second_factor_does_not_stand_for_ours(provider: Provider):
    company = await make_company(provider)
    person = await joined(company, Role.PARTNER_ADMIN)
    step = await entered(company, person)
    assert await step_up.proofs(step.actor) == step_up.Proofs(passkey=False, code=True, password=False, sso=False)
    with pytest.raises(NotAllowed) as refused:
        await sso_step_up.begin(step.actor, "", visitor())
    assert refused.value.code == "sso_no_second_factor"
    await step_up.confirm(step.actor, Proof(code=person.code()), visitor())


async def test_a_second_factor_that_came_while_the_provider_was_asked_is_not_passed_over(provider: Provider):
    company = await make_company(provider)
    person = await joined(company, Role.PARTNER_ANALYST)
    step = await entered(company, person)
    question, given = await asked(company, step, person.email)
    await changed(person.id, passkey_count=1)
    with pytest.raises(NotAllowed) as refused:
        await sso_step_up.finish(step.actor, question, given, visitor())
    assert refused.value.code == "sso_no_second_factor"
    assert await living(step), "under the secret that it had"
    assert await reasons(company.partner_id) == ["sso_no_second_factor"]


async def test_one_that_asks_for_a_second_factor_stands_for_ours_while_it_does(provider: Provider):
    company = await make_company(provider, asks_second_factor=True)
    person = await joined(company, Role.PARTNER_ADMIN)
    step = await entered(company, person)
    assert (await step_up.proofs(step.actor)).sso
    question, given = await asked(company, step, person.email)
    assert await sso_step_up.finish(step.actor, question, given, visitor()) != step.secret
    for is_said_of_the_session in (False, True):
        await company.change(asks_second_factor=not is_said_of_the_session)
        async with transaction(EVERYONE) as session:
            row = update(Session).where(Session.id == step.actor.session_id)
            await session.execute(row.values(has_outside_factor=is_said_of_the_session))
        assert not (await step_up.proofs(step.actor)).sso
        with pytest.raises(NotAllowed):
            await sso_step_up.begin(step.actor, "", visitor())


async def test_an_old_password_confirms_no_session_that_came_by_the_provider(provider: Provider):
    company = await make_company(provider)
    person = await joined(company, Role.PARTNER_ANALYST)
    step = await entered(company, person)
    with pytest.raises(Invalid) as refused:
        await step_up.confirm(step.actor, Proof(password=PASSWORD), visitor())
    assert refused.value.code == "wrong_password"
    assert await living(step)
    by_password = await sign_in.with_password(person.email, PASSWORD, visitor())
    await step_up.confirm(by_password.actor, Proof(password=PASSWORD), visitor())


async def test_a_password_confirms_nothing_where_there_is_one_way_only(provider: Provider):
    company, who = await make_company(provider), visitor()
    admin = await joined(company, Role.PARTNER_ADMIN)
    half = await sign_in.with_password(admin.email, PASSWORD, who)
    step = await sign_in.with_code(half.secret, admin.code(), who)
    await company.change(is_only_way=True)
    await changed(admin.id, totp_secret_box=None)
    assert await step_up.proofs(step.actor) == step_up.Proofs(passkey=False, code=False, password=False, sso=False)
    with pytest.raises(Invalid):
        await step_up.confirm(step.actor, Proof(password=PASSWORD), visitor())


async def test_an_administrator_without_a_second_factor_comes_by_the_provider_only(provider: Provider):
    company, who = await make_company(provider, is_only_way=True), visitor()
    admin = await without_factor(company)
    with pytest.raises(NotAllowed) as refused:
        await sign_in.with_password(admin.email, PASSWORD, who)
    assert refused.value.code == "sso_required"
    half = await company.enter(admin.email, who)
    waiting = await sign_in.waiting_for_code(half.secret, who)
    assert waiting
    assert waiting.totp_seed, "whom the provider knows sets one up"
    code = pyotp.TOTP(waiting.totp_seed).now()
    assert (await sign_in.with_code(half.secret, code, who)).is_complete


async def test_a_password_that_is_half_way_in_sets_up_no_second_factor(provider: Provider):
    company, who = await make_company(provider), visitor()
    admin = await without_factor(company)
    half = await sign_in.with_password(admin.email, PASSWORD, who)
    waiting = await sign_in.waiting_for_code(half.secret, who)
    assert waiting
    assert waiting.totp_seed
    await company.change(is_only_way=True)
    assert await sign_in.waiting_for_code(half.secret, who) is None
    with pytest.raises(NotAllowed) as refused:
        await sign_in.with_code(half.secret, pyotp.TOTP(waiting.totp_seed).now(), who)
    assert refused.value.code == "sso_required"
    member = await member_of(admin.email)
    assert member
    assert not member.has_second_factor


async def letter(person: Person) -> Addressed | None:
    box = boxes.seal(password_resets.KEY, person.email.encode(), b"").hex()
    async with transaction(SYSTEM.tenancy) as session:
        return await password_resets.addressed(session, SYSTEM, box)


async def test_a_reset_letter_goes_to_whom_a_password_lets_in(provider: Provider):
    company = await make_company(provider)
    analyst, admin = await joined(company, Role.PARTNER_ANALYST), await joined(company, Role.PARTNER_ADMIN)
    bare = await without_factor(company)
    assert all([await letter(one) for one in (analyst, admin, bare)])
    await company.change(is_only_way=True)
    assert [bool(await letter(one)) for one in (analyst, admin, bare)] == [False, True, False]
