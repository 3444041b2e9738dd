"""Setting single sign-on up: who may, what is kept and how, which domains count, and what would lock people out."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backoffice import clock
from backoffice.adapters import cipher, oidc
from backoffice.db import Tenancy, transaction
from backoffice.errors import BackofficeError, Conflict, Invalid, NotAllowed, NotFound, StepUpRequired, TooMany
from backoffice.models.members import Member, Role
from backoffice.models.single_sign_on import Draft, SsoConnection, SsoDomain, record_of
from backoffice.services import members, sso_connections, sso_domains
from tests.oidc_provider import CLIENT, SECRET, Provider
from tests.services.browser_cast import enter, is_known, with_
from tests.services.people import SYSTEM, actor_of, make_person
from tests.sso_cast import EVERYONE, make_company, member_of, trail

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(180)]


@pytest.fixture(autouse=True)
def _honest(provider: Provider) -> Iterator[None]:
    oidc.forget()
    provider.lie()
    yield
    provider.lie()


def stale(actor):
    """The same person a while after the last proof."""
    return replace(actor, session_id=uuid4(), confirmed_at=clock.now() - timedelta(hours=1))


async def save(actor, draft):
    async with transaction(actor.tenancy) as session:
        return await sso_connections.save(session, actor, draft)


def domain() -> str:
    return f"d{uuid4().hex[:12]}.example"


async def test_only_administrators_who_are_fresh_set_it_up(provider: Provider):
    admin = await make_person(Role.PARTNER_ADMIN)
    draft = Draft(issuer=provider.issuer, client_id=CLIENT, secret=SECRET)
    for role in (Role.PARTNER_ANALYST, Role.PARTNER_DEVELOPER):
        actor = actor_of(await make_person(role, admin.partner_id))
        for tried in (save(actor, draft), sso_domains.claim(actor, domain()), sso_domains.remove(actor, domain())):
            with pytest.raises(NotAllowed):
                await tried
        with pytest.raises(NotAllowed):
            await sso_connections.try_out(actor)
    actor = stale(actor_of(admin))
    for tried in (save(actor, draft), sso_domains.claim(actor, domain()), sso_domains.remove(actor, domain())):
        with pytest.raises(StepUpRequired):
            await tried
    assert (await save(actor_of(admin), draft)).version == 1


async def test_the_secret_is_sealed_to_its_row_and_never_shown(provider: Provider):
    company = await make_company(provider)
    async with transaction(EVERYONE) as session:
        row = await sso_connections.of(session, company.partner_id)
        kept = (await session.execute(text("select to_jsonb(c)::text from sso_connections c"))).scalars().all()
    assert sso_connections.secret_of(row) == SECRET
    assert not [one for one in kept if SECRET in one or SECRET.encode().hex() in one]
    with pytest.raises(cipher.Tampered):
        sso_connections.secret_of(SsoConnection(**row.model_dump() | {"id": uuid4()}))
    assert not [about for _, _, about in await trail(company.partner_id) if SECRET in str(about)]
    from backoffice.viewmodels.single_sign_on import sso_view

    async with transaction(company.actor.tenancy) as session:
        assert SECRET not in str(sso_view(await sso_connections.look(session, company.actor)))


async def test_a_secret_never_goes_to_another_issuer(provider: Provider):
    company = await make_company(provider)
    for other in ({"issuer": "https://evil.example.com"}, {"client_id": "another"}):
        with pytest.raises(Invalid) as refused:
            await company.change(**other)
        assert refused.value.pointer == "/secret"
    await company.change(asks_second_factor=True)


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"issuer": "http://provider.example.com"}, "/issuer"),
        ({"issuer": "https://10.0.0.1"}, "/issuer"),
        ({"issuer": "https://169.254.169.254/latest"}, "/issuer"),
        ({"issuer": "https://provider.internal"}, "/issuer"),
        ({"issuer": "https://user:word@provider.example.com"}, "/issuer"),
        ({"issuer": "https://provider.example.com/?tenant=1"}, "/issuer"),
        ({"issuer": "https://provider.example.com/#one"}, "/issuer"),
        ({"issuer": "provider"}, "/issuer"),
        ({"client_id": " "}, "/client_id"),
        ({"client_id": "x" * 300}, "/client_id"),
        ({"secret": "x" * 1_001}, "/secret"),
        ({"secret": "a\nb"}, "/secret"),
        ({"role": "partner_admin"}, "/role"),
        ({"role": "operator"}, "/role"),
        ({"role": ""}, "/role"),
    ],
)
async def test_what_cannot_be_is_said_beside_its_field(provider: Provider, wrong, pointer):
    actor = actor_of(await make_person(Role.PARTNER_ADMIN))
    draft = Draft(issuer=provider.issuer, client_id=CLIENT, secret=SECRET)
    with pytest.raises(Invalid) as refused:
        await save(actor, replace(draft, **wrong))
    assert refused.value.pointer == pointer


async def test_who_is_slower_reads_again(provider: Provider):
    company = await make_company(provider)
    await company.change(asks_second_factor=True)
    company.version -= 1
    with pytest.raises(Conflict) as refused:
        await company.change()
    assert refused.value.code == "stale_version"


async def test_the_only_way_needs_a_proven_domain_and_an_administrator_with_a_factor(provider: Provider):
    company = await make_company(provider, is_proven=False)
    with pytest.raises(Invalid, match="none of your domains is proven"):
        await company.change(is_only_way=True)
    await sso_domains.confirm(SYSTEM, company.partner_id, company.domain)
    async with transaction(EVERYONE) as session:
        member = await session.get_one(Member, company.admin.id)
        kept, member.totp_secret_box = member.totp_secret_box, None
    with pytest.raises(Invalid, match="no administrator has a second factor"):
        await company.change(is_only_way=True)
    async with transaction(EVERYONE) as session:
        (await session.get_one(Member, company.admin.id)).totp_secret_box = kept
    await company.change(is_only_way=True)
    with pytest.raises(Conflict) as refused:
        await sso_domains.remove(company.actor, company.domain)
    assert refused.value.code == "last_domain"


@pytest.mark.parametrize("text_", ["gmail.com", " @GMAIL.com. ", "outlook.com", "proton.me", "web.de"])
async def test_nobody_claims_what_is_everybodys(text_):
    with pytest.raises(Invalid) as refused:
        await sso_domains.claim(actor_of(await make_person(Role.PARTNER_ADMIN)), text_)
    assert refused.value.code == "public_domain"


@pytest.mark.parametrize(
    "text_",
    ["", "example", "a b.example", "-a.example", "a..example", "10.0.0.1", "bücher.example", "*.example.com",
     "x@y.example", "a.example/b", f"{'a' * 64}.example", f"{'a.' * 100}example", "com.", "'; drop table members;--"],
)  # fmt: skip
def test_what_is_no_domain_is_refused(text_):
    with pytest.raises(Invalid) as refused:
        sso_domains.checked(text_)
    assert refused.value.code == "invalid_domain"


async def test_a_domain_is_one_companys_once_it_is_proven():
    first, second = [actor_of(await make_person(Role.PARTNER_ADMIN)) for _ in range(2)]
    name = domain()
    row = await sso_domains.claim(first, f"@{name.upper()}")
    assert record_of(row) == (f"_partner-backoffice.{name}", f"partner-backoffice-domain={row.token}")
    other = await sso_domains.claim(second, name)
    assert other.token != row.token, "a claim keeps nobody else from proving it"
    with pytest.raises(Conflict):
        await sso_domains.claim(first, name)
    await sso_domains.confirm(SYSTEM, first.partner_id, name)
    await sso_domains.confirm(SYSTEM, first.partner_id, name)
    with pytest.raises(Conflict) as refused:
        await sso_domains.confirm(SYSTEM, second.partner_id, name)
    assert refused.value.code == "domain_taken"
    third = actor_of(await make_person(Role.PARTNER_ADMIN))
    with pytest.raises(Conflict) as refused:
        await sso_domains.claim(third, name)
    assert refused.value.code == "domain_taken"
    await sso_domains.remove(first, name)
    await sso_domains.confirm(SYSTEM, second.partner_id, name)
    told = [(action, about.get("domain")) for action, _, about in await trail(first.partner_id)]
    assert told.count(("single_sign_on.domain_confirmed", name)) == 1
    assert ("single_sign_on.domain_removed", name) in told


async def test_nobody_confirms_a_domain_but_our_own_people():
    admin = actor_of(await make_person(Role.PARTNER_ADMIN))
    row = await sso_domains.claim(admin, domain())
    for actor in (admin, actor_of(await make_person(Role.AUDITOR)), actor_of(await make_person(Role.REVIEW_LEAD))):
        with pytest.raises(NotAllowed):
            await sso_domains.confirm(actor, admin.partner_id, row.domain)
    operator = actor_of(await make_person(Role.OPERATOR))
    with pytest.raises(StepUpRequired):
        await sso_domains.confirm(stale(operator), admin.partner_id, row.domain)
    with pytest.raises(NotFound):
        await sso_domains.confirm(operator, admin.partner_id, domain())
    with pytest.raises(NotFound):
        await sso_domains.confirm(operator, (await make_person(Role.PARTNER_ADMIN)).partner_id, row.domain)
    confirmed = await sso_domains.confirm(operator.within(admin.partner_id), admin.partner_id, row.domain)
    assert confirmed.confirmed_by == "Ines Moreau"


async def test_the_database_lets_no_partner_prove_its_own_claim():
    admin = actor_of(await make_person(Role.PARTNER_ADMIN))
    row = await sso_domains.claim(admin, domain())
    with pytest.raises(DBAPIError, match="row-level security"):
        async with transaction(admin.tenancy) as session:
            await session.execute(text("update sso_domains set confirmed_at = now() where id = :i"), {"i": row.id})
    with pytest.raises(DBAPIError, match="row-level security"):
        async with transaction(admin.tenancy) as session:
            session.add(SsoDomain(partner_id=admin.partner_id, domain=domain(), token="", confirmed_at=clock.now()))
    other = await make_person(Role.PARTNER_ADMIN)
    with pytest.raises(DBAPIError, match="row-level security"):
        async with transaction(admin.tenancy) as session:
            session.add(SsoDomain(partner_id=other.partner_id, domain=domain(), token=""))


async def test_domains_are_bounded():
    admin = actor_of(await make_person(Role.PARTNER_ADMIN))
    for _ in range(20):
        await sso_domains.claim(admin, domain())
    with pytest.raises(Conflict) as refused:
        await sso_domains.claim(admin, domain())
    assert refused.value.code == "too_many_domains"


async def found(company) -> list[tuple[bool, str]]:
    return [(one.is_good, one.words) for one in await sso_connections.try_out(company.actor)]


async def test_a_test_says_what_is_good_and_what_is_wrong(provider: Provider):
    company = await make_company(provider, is_proven=False)
    told = await found(company)
    assert (True, "3 keys can sign for us (RS256, PS256, ES256, EdDSA).") in told
    assert (False, "No domain is proven yet, so nobody is let in.") in told
    await sso_domains.confirm(SYSTEM, company.partner_id, company.domain)
    assert (True, "1 of 1 domains are proven.") in await found(company)
    provider.lie(metadata={"issuer": "https://other.example.com"})
    told = await found(company)
    assert any(not good and "of the issuer “https://other.example.com”" in words for good, words in told)
    provider.lie(metadata={"code_challenge_methods_supported": []})
    assert any("PKCE" in words for _, words in await found(company))
    assert "single_sign_on.tested" in [action for action, _, _ in await trail(company.partner_id)]
    with pytest.raises(TooMany):
        for _ in range(12):
            await sso_connections.try_out(company.actor)


async def test_a_name_that_leads_nowhere_and_a_closed_port_are_told_apart(provider: Provider):
    actor = actor_of(await make_person(Role.PARTNER_ADMIN))
    draft = Draft(issuer="https://nowhere.invalid", client_id=CLIENT, secret=SECRET)
    await save(actor, draft)
    told = [one.words for one in await sso_connections.try_out(actor)]
    assert "The name nowhere.invalid cannot be found." in told
    await save(actor, replace(draft, issuer="http://localhost:9", version=1))
    assert "localhost takes no connection." in [one.words for one in await sso_connections.try_out(actor)]


async def test_the_browsers_of_sessions_that_a_change_ends_are_known_no_more(provider: Provider):
    company = await make_company(provider)
    boss = await enter(company.admin)
    analyst = await make_person(Role.PARTNER_ANALYST, company.partner_id)
    by_password, email = await enter(analyst), company.somebody()
    by_provider = await company.enter(email, with_(""))
    person = await member_of(email)
    assert await is_known(person, by_provider.browser)
    await company.change(is_only_way=True)
    assert not await is_known(analyst, by_password.browser)
    assert await is_known(person, by_provider.browser)
    assert await is_known(company.admin, boss.browser)
    async with transaction(company.actor.tenancy) as session:
        assert await sso_connections.switch_off(session, company.actor, company.partner_id)
    assert not await is_known(person, by_provider.browser)
    assert await is_known(company.admin, boss.browser)


async def test_one_partner_switches_nothing_of_another_off(provider: Provider):
    company = await make_company(provider)
    rival = actor_of(await make_person(Role.PARTNER_ADMIN))
    with pytest.raises(NotFound):
        async with transaction(rival.tenancy) as session:
            await sso_connections.switch_off(session, rival, company.partner_id)
    with pytest.raises(NotFound):
        await sso_domains.remove(rival, company.domain)
    async with transaction(Tenancy.of(rival.partner_id)) as session:
        await session.execute(text("update sso_connections set is_on = false"))
        await session.execute(text("delete from sso_domains"))
    async with transaction(EVERYONE) as session:
        assert (await sso_connections.of(session, company.partner_id)).is_on
        assert (await session.execute(select(SsoDomain).where(SsoDomain.domain == company.domain))).one()


async def test_operators_list_and_members_read(provider: Provider):
    company = await make_company(provider)
    operator = actor_of(await make_person(Role.OPERATOR))
    async with transaction(operator.tenancy) as session:
        rows = await sso_connections.everyone(session, operator)
        assert company.slug in [partner.slug for partner, _ in rows]
        claimed = await sso_domains.everyone(session, operator)
        assert company.domain in [row.domain for _, row in claimed]
    async with transaction(company.actor.tenancy) as session:
        with pytest.raises(NotAllowed):
            await sso_connections.everyone(session, company.actor)
    analyst = actor_of(await make_person(Role.PARTNER_ANALYST, company.partner_id))
    async with transaction(analyst.tenancy) as session:
        with pytest.raises(BackofficeError):
            await sso_connections.look(session, analyst)
    async with transaction(company.actor.tenancy) as session:
        shown = await sso_connections.look(session, company.actor)
        assert shown.sign_in_url.endswith(f"/login/sso/{company.slug}")
        assert shown.people == 0
        with pytest.raises(NotAllowed):
            await members.disable(session, company.actor, company.admin.id)
