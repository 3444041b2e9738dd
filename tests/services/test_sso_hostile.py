"""Answers made to break us, floods, and changes that come in the middle of a sign-in."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress

import pytest

from backoffice.adapters import oidc
from backoffice.db import transaction
from backoffice.errors import Conflict, NotAllowed, TooMany, Unavailable
from backoffice.models.members import Role
from backoffice.models.single_sign_on import Draft
from backoffice.services import sign_in_limits, sso_answers, sso_connections, sso_domains, sso_sign_in
from tests.oidc_provider import CLIENT, SECRET, Provider
from tests.services.people import SYSTEM, actor_of, make_person, visitor
from tests.sso_cast import EVERYONE, Company, make_company, member_of, reasons

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(180)]
NAN = float("nan")


@pytest.fixture(autouse=True)
def _honest(provider: Provider) -> Iterator[None]:
    oidc.forget()
    provider.lie()
    yield
    provider.lie()
    oidc.forget()


@pytest.mark.parametrize(
    ("lies", "code"),
    [
        ({"claims": {"sub": "a\x00b"}}, "sso_wrong_sub"),
        ({"claims": {"sub": "a\ud800b"}}, "sso_wrong_sub"),
        ({"claims": {"sub": "x" * 256}}, "sso_wrong_sub"),
        ({"claims": {"email": "a\ud800@{domain}"}}, "sso_no_email"),
        ({"claims": {"email": "\u212aim@{domain}"}}, "sso_no_email"),
        ({"claims": {"exp": NAN}}, "sso_wrong_exp"),
        ({"claims": {"exp": float("inf")}}, "sso_wrong_exp"),
        ({"claims": {"iat": NAN}}, "sso_wrong_iat"),
        ({"claims": {"iat": True}}, "sso_wrong_iat"),
        ({"claims": {"nbf": True}}, "sso_wrong_nbf"),
        ({"claims": {"nonce": "é"}}, "sso_wrong_nonce"),
        ({"token": "deep inside"}, "sso_wrong_signature"),
        ({"token": "deep header"}, "sso_no_token"),
    ],
)
async def test_an_answer_that_would_break_us_is_refused_like_any_other(provider: Provider, lies, code):
    company = await make_company(provider)
    email = company.somebody()
    claims = {
        name: value.replace("{domain}", company.domain) if isinstance(value, str) else value
        for name, value in lies.get("claims", {}).items()
    }
    provider.lie(**lies | {"claims": claims})
    with pytest.raises(NotAllowed) as refused:
        await company.enter(email)
    assert refused.value.code == code
    assert await reasons(company.partner_id) == [code]
    assert await member_of(email) is None


@pytest.mark.parametrize("where", ["document", "jwks", "token"])
async def test_what_is_nested_very_deep_is_no_answer(provider: Provider, where: str):
    company = await make_company(provider)
    provider.lie(**{where: "deep"})
    with pytest.raises(Unavailable, match="not with what is expected"):
        await company.enter(company.somebody())


async def test_what_a_provider_says_of_itself_can_be_written_down(provider: Provider):
    company = await make_company(provider)
    provider.lie(metadata={"issuer": "https://e\x00\u202evil.test"})
    with pytest.raises(Unavailable, match=r"of the issuer “https://evil\.test”"):
        await company.enter(company.somebody())
    oidc.forget()
    provider.lie(metadata={"authorization_endpoint": "https://evil.example.com/\u202e"})
    with pytest.raises(Unavailable, match="no usable address"):
        await company.enter(company.somebody())


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Awaitable[object]]) -> None:
    """Let something happen after the provider has answered."""
    real = sso_answers.person_of

    async def person_of(*given):
        person = await real(*given)
        await act()
        return person

    monkeypatch.setattr(sso_answers, "person_of", person_of)


async def off(company: Company) -> None:
    async with transaction(EVERYONE) as session:
        await sso_connections.switch_off(session, SYSTEM, company.partner_id)


@pytest.mark.parametrize("what", ["changed", "switched off"])
async def test_who_is_known_does_not_come_in_by_what_was_changed_meanwhile(provider: Provider, monkeypatch, what):
    company = await make_company(provider, asks_second_factor=True)
    email = company.somebody()
    await company.enter(email)
    meanwhile(monkeypatch, lambda: company.change() if what == "changed" else off(company))
    with pytest.raises(NotAllowed) as refused:
        await company.enter(email)
    assert refused.value.code == "sso_changed_meanwhile"


async def test_who_is_unlinked_in_the_middle_is_refused(provider: Provider, monkeypatch):
    company = await make_company(provider)
    email = company.somebody()
    await company.enter(email)
    real = sso_sign_in._held

    async def held(session, member_id):
        async with transaction(EVERYONE) as other:
            await sso_connections.unlink(other, SYSTEM, email)
        return await real(session, member_id)

    with monkeypatch.context() as patched:
        patched.setattr(sso_sign_in, "_held", held)
        with pytest.raises(NotAllowed) as refused:
            await company.enter(email)
    assert refused.value.code == "sso_changed_meanwhile"
    assert (await company.enter(email)).is_complete


async def after_a_save(company_actor, draft: Draft, then: Callable[[], Awaitable[object]]) -> object:
    """Begin something while a save is under way; answers what became of it."""
    async with transaction(company_actor.tenancy) as session:
        await sso_connections.save(session, company_actor, draft)
        task = asyncio.ensure_future(then())
        await asyncio.sleep(0.5)
    return (await asyncio.gather(task, return_exceptions=True))[0]


async def test_of_two_saves_at_once_the_second_reads_again(provider: Provider):
    actor = actor_of(await make_person(Role.PARTNER_ADMIN))
    first = Draft(issuer=provider.issuer, client_id=CLIENT, secret=SECRET)

    async def save(draft: Draft) -> object:
        async with transaction(actor.tenancy) as session:
            return await sso_connections.save(session, actor, draft)

    told = await after_a_save(actor, first, lambda: save(first))
    assert isinstance(told, Conflict), told
    other = Draft(issuer=provider.issuer, client_id="other", secret="other", version=1)
    same = Draft(issuer=provider.issuer, client_id=CLIENT, asks_second_factor=True, version=1)
    told = await after_a_save(actor, other, lambda: save(same))
    assert isinstance(told, Conflict), told
    async with transaction(actor.tenancy) as session:
        row = await sso_connections.of(session, actor.require_partner())
        assert row
        assert (row.client_id, sso_connections.secret_of(row), row.asks_second_factor) == ("other", "other", False)


async def test_the_last_domain_stays_while_single_sign_on_becomes_the_only_way(provider: Provider):
    company = await make_company(provider)
    draft = Draft(issuer=provider.issuer, client_id=CLIENT, is_only_way=True, version=company.version)
    told = await after_a_save(company.actor, draft, lambda: sso_domains.remove(company.actor, company.domain))
    assert isinstance(told, Conflict), told


async def test_many_at_once_ask_a_provider_once_and_a_failure_is_believed_for_a_moment(provider: Provider, monkeypatch):
    found = await asyncio.gather(*(oidc.discover(provider.issuer) for _ in range(8)))
    await asyncio.gather(*(oidc.keys_of(found[0]) for _ in range(8)))
    assert provider.lie(document="html") == ["document", "jwks"]
    oidc.forget()
    for _ in range(3):
        with pytest.raises(Unavailable, match="not with what is expected"):
            await oidc.discover(provider.issuer)
    assert provider.lie() == ["document"]
    await oidc.discover(provider.issuer, is_fresh=True)
    await oidc.discover(provider.issuer)
    assert provider.lie(document="html") == ["document"]
    monkeypatch.setattr(oidc, "FAILED_SECONDS", 0.0)
    oidc.forget()
    for _ in range(2):
        with suppress(Unavailable):
            await oidc.discover(provider.issuer)
    assert provider.lie() == ["document"] * 2


async def test_of_a_providers_keys_little_is_kept(provider: Provider):
    provider.lie(jwks="many")
    keys = await oidc.keys_of(await oidc.discover(provider.issuer))
    assert [one["kid"] for one in keys] == [f"k{number}" for number in range(100)]
    assert {name for one in keys for name in one} == {"kty", "kid", "use", "crv", "x", "y"}


async def test_the_oldest_answer_makes_room(monkeypatch):
    monkeypatch.setattr(oidc, "MOST_KEPT", 2)
    shelf, asked = oidc.Shelf[str](), []

    async def get(issuer: str) -> None:
        async def ask() -> str:
            asked.append(issuer)
            return issuer

        assert await shelf.get(issuer, ask, is_fresh=False) == issuer

    for issuer in ("a", "b", "c", "b", "c", "a"):
        await get(issuer)
    assert asked == ["a", "b", "c", "a"]


async def test_beginnings_are_counted_by_address_and_take_nobody_elses_place(provider: Provider, monkeypatch):
    company, who = await make_company(provider), visitor()

    async def full(_):
        raise TooMany("Very many people are signing in.", code="sign_in_busy")

    monkeypatch.setattr(sign_in_limits, "admit_passkey", full)
    monkeypatch.setattr(sso_sign_in, "STARTS", 3)
    for _ in range(3):
        await sso_sign_in.begin(company.slug, "", who)
    with pytest.raises(TooMany) as refused:
        await sso_sign_in.begin(company.slug, "", who)
    assert refused.value.code == "sso_starts"
    await sso_sign_in.begin(company.slug, "", visitor())


async def test_an_account_at_google_is_of_the_companys_own_workspace(provider: Provider, monkeypatch):
    monkeypatch.setattr(sso_answers, "GOOGLE", provider.issuer)
    company, rival = await make_company(provider), await make_company(provider)
    for hosted in (None, "", 7, "a\x00", "a\ud800", rival.domain, f"sub.{company.domain}"):
        provider.lie(claims={"hd": hosted})
        with pytest.raises(NotAllowed) as refused:
            await company.enter(company.somebody())
        assert refused.value.code == "sso_wrong_hd"
    provider.lie(claims={"hd": company.domain})
    assert (await company.enter(company.somebody())).is_complete
