"""Every way in which a provider's answer can be wrong, from a provider that really gives it."""

import asyncio
from collections.abc import Iterator

import pytest

from backoffice.adapters import oidc
from backoffice.errors import BackofficeError, BadRequest, NotAllowed, Unavailable
from backoffice.services import sso_requests, sso_sign_in
from backoffice.services.sign_in import Step
from tests.oidc_provider import Provider
from tests.services.people import visitor
from tests.sso_cast import make_company, member_of, reasons, trail

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(180)]


@pytest.fixture(autouse=True)
def _honest(provider: Provider) -> Iterator[None]:
    """Begin with a provider that tells the truth, and with nothing remembered of it."""
    oidc.forget()
    provider.lie()
    yield
    provider.lie()
    oidc.forget()


LIES = {
    "alg none": ({"alg": "none"}, "sso_wrong_algorithm"),
    "HS256 with the public key": ({"alg": "HS256"}, "sso_wrong_algorithm"),
    "HS512 with the public key": ({"alg": "HS512"}, "sso_wrong_algorithm"),
    "a key in the header": ({"forged": "jwk"}, "sso_foreign_key"),
    "an address of a key in the header": ({"header": {"jku": "https://evil.test/jwks"}}, "sso_foreign_key"),
    "another key": ({"forged": "plain"}, "sso_wrong_signature"),
    "a key that nobody has": ({"header": {"kid": "nobody"}}, "sso_unknown_key"),
    "the shared key of the set": ({"header": {"kid": "shared"}}, "sso_unknown_key"),
    "a torn signature": ({"torn": True}, "sso_wrong_signature"),
    "another issuer": ({"claims": {"iss": "https://evil.test"}}, "sso_wrong_iss"),
    "an issuer with a slash": ({"claims": {"iss": "{issuer}/"}}, "sso_wrong_iss"),
    "no issuer": ({"claims": {"iss": None}}, "sso_wrong_iss"),
    "another audience": ({"claims": {"aud": "another-client"}}, "sso_wrong_aud"),
    "no audience": ({"claims": {"aud": None}}, "sso_wrong_aud"),
    "several audiences and no party": ({"claims": {"aud": ["backoffice", "other"]}}, "sso_wrong_azp"),
    "another party": ({"claims": {"aud": ["backoffice", "other"], "azp": "other"}}, "sso_wrong_azp"),
    "another party of one audience": ({"claims": {"azp": "other"}}, "sso_wrong_azp"),
    "another nonce": ({"claims": {"nonce": "x" * 43}}, "sso_wrong_nonce"),
    "no nonce": ({"claims": {"nonce": None}}, "sso_wrong_nonce"),
    "a nonce that is no text": ({"claims": {"nonce": 7}}, "sso_wrong_nonce"),
    "expired": ({"claims": {"exp": -120}}, "sso_wrong_exp"),
    "no end": ({"claims": {"exp": None}}, "sso_wrong_exp"),
    "of the future": ({"claims": {"iat": 600}}, "sso_wrong_iat"),
    "an hour old": ({"claims": {"iat": -3600}}, "sso_wrong_iat"),
    "no time": ({"claims": {"iat": None}}, "sso_wrong_iat"),
    "not yet": ({"claims": {"nbf": 600}}, "sso_wrong_nbf"),
    "no subject": ({"claims": {"sub": None}}, "sso_wrong_sub"),
    "an empty subject": ({"claims": {"sub": ""}}, "sso_wrong_sub"),
    "a subject that is no text": ({"claims": {"sub": 7}}, "sso_wrong_sub"),
    "an unverified address": ({"claims": {"email_verified": False}}, "sso_email_unverified"),
    "an address of which nothing is said": ({"claims": {"email_verified": None}}, "sso_email_unverified"),
    "verified in words": ({"claims": {"email_verified": "true"}}, "sso_email_unverified"),
    "Microsoft's word from elsewhere": (
        {"claims": {"email_verified": None, "xms_edov": True}}, "sso_email_unverified",
    ),
    "no address": ({"claims": {"email": None, "sub": "nobody"}, "userinfo": {}}, "sso_no_email"),
    "an address that is none": ({"claims": {"email": "a@b@c"}}, "sso_no_email"),
    "another domain": ({"claims": {"email": "eve@evil.test"}}, "sso_wrong_domain"),
    "a domain below": ({"claims": {"email": "eve@sub.{domain}"}}, "sso_wrong_domain"),
    "a domain above": ({"claims": {"email": "eve@example"}}, "sso_wrong_domain"),
    "mixed up: another one's name": ({"answer": {"iss": "https://evil.test"}}, "sso_wrong_iss_parameter"),
    "mixed up: no name": ({"answer": {"iss": None}}, "sso_wrong_iss_parameter"),
    "no code": ({"answer": {"code": None}, "declines": True}, "sso_declined"),
    "somebody else's details": ({"short": True, "userinfo": {"sub": "somebody"}}, "sso_wrong_userinfo"),
    "unverified in the details": ({"short": True, "userinfo": {"email_verified": False}}, "sso_email_unverified"),
}  # fmt: skip


def filled(value, **words):
    if isinstance(value, dict):
        return {name: filled(one, **words) for name, one in value.items()}
    return value.format(**words) if isinstance(value, str) else value


@pytest.mark.parametrize("name", LIES)
async def test_a_wrong_answer_lets_nobody_in(provider: Provider, name: str):
    lies, code = LIES[name]
    company = await make_company(provider)
    email = company.somebody()
    provider.lie(**filled(lies, issuer=provider.issuer, domain=company.domain))
    with pytest.raises(NotAllowed) as refused:
        await company.enter(email)
    assert refused.value.code == code
    assert await member_of(email) is None
    assert await reasons(company.partner_id) == [code]
    assert not [about for _, _, about in await trail(company.partner_id) if email in str(about)]


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
async def test_every_algorithm_of_ours_signs_in(provider: Provider, algorithm: str):
    company = await make_company(provider)
    provider.lie(alg=algorithm)
    assert (await company.enter(company.somebody())).actor.partner_id == company.partner_id


async def test_an_algorithm_that_the_provider_does_not_list_is_refused(provider: Provider):
    company = await make_company(provider)
    provider.lie(alg="ES256", metadata={"id_token_signing_alg_values_supported": ["RS256"]})
    with pytest.raises(NotAllowed) as refused:
        await company.enter(company.somebody())
    assert refused.value.code == "sso_wrong_algorithm"


async def test_new_keys_are_looked_for_once_and_known_ones_not_at_all(provider: Provider):
    company = await make_company(provider)
    await company.enter(company.somebody())
    asked = provider.lie()
    assert (asked.count("document"), asked.count("jwks")) == (1, 1)
    await company.enter(company.somebody())
    assert provider.lie(rotate=True) == ["token"]
    await company.enter(company.somebody())
    assert provider.lie(header={"kid": "nobody"}) == ["token", "jwks"]
    with pytest.raises(NotAllowed):
        await company.enter(company.somebody())
    assert provider.lie() == ["token", "jwks"]


async def asked_and_answered(company, email, who):
    way = await sso_sign_in.begin(company.slug, "", who)
    return way, await company.provider.answer(way.url, email)


async def test_a_state_works_once_and_in_its_own_browser(provider: Provider):
    company, who = await make_company(provider), visitor()
    way, given = await asked_and_answered(company, company.somebody(), who)
    with pytest.raises(BadRequest) as refused:
        await sso_requests.take(given["state"], "another browser's", company.place)
    assert (refused.value.status, refused.value.code) == (400, "sso_state")
    with pytest.raises(BadRequest):
        await sso_requests.take(given["state"], way.cookie, company.place)
    for state in ("", "made up"):
        with pytest.raises(BadRequest):
            await sso_requests.take(state, way.cookie, company.place)


async def test_of_many_who_bring_one_state_at_once_one_is_heard(provider: Provider):
    company, who = await make_company(provider), visitor()
    way, given = await asked_and_answered(company, company.somebody(), who)
    tried = [sso_requests.take(given["state"], way.cookie, company.place) for _ in range(16)]
    heard = await asyncio.gather(*tried, return_exceptions=True)
    assert sum(isinstance(one, sso_requests.Asked) for one in heard) == 1


async def test_a_code_works_once_and_only_with_the_verifier_of_its_question(provider: Provider):
    company, who = await make_company(provider), visitor()
    way, given = await asked_and_answered(company, company.somebody(), who)
    asked = await sso_requests.take(given["state"], way.cookie, company.place)
    other_way, other = await asked_and_answered(company, company.somebody(), who)
    injected = await sso_requests.take(other["state"], other_way.cookie, company.place)
    with pytest.raises(Unavailable, match="invalid_grant"):
        await sso_sign_in.finish(injected, given, who)
    with pytest.raises(Unavailable, match="invalid_grant"):
        await sso_sign_in.finish(asked, given, who)


async def test_a_question_to_one_company_lets_nobody_in_at_another(provider: Provider):
    """Both use one provider: the domain decides, and each state belongs to one company."""
    ours, theirs = await make_company(provider), await make_company(provider)
    with pytest.raises(NotAllowed) as refused:
        await ours.enter(theirs.somebody())
    assert refused.value.code == "sso_wrong_domain"
    assert await reasons(theirs.partner_id) == []


@pytest.mark.parametrize(
    ("lies", "words"),
    [
        ({"document": "huge"}, "larger than we read"),
        ({"document": "html"}, "not with what is expected"),
        ({"document": "redirect"}, "status 307"),
        ({"metadata": {"issuer": "https://evil.test"}}, "of the issuer “https://evil.test”"),
        ({"metadata": {"token_endpoint": "http://169.254.169.254/latest"}}, "no usable address as token_endpoint"),
        ({"metadata": {"jwks_uri": "https://10.0.0.1/keys"}}, "no usable address as jwks_uri"),
        ({"metadata": {"authorization_endpoint": "javascript:alert(1)"}}, "no usable address as authorization"),
        ({"metadata": {"userinfo_endpoint": "file:///etc/passwd"}}, "no usable address as userinfo"),
        ({"metadata": {"id_token_signing_alg_values_supported": ["HS256", "none"]}}, "signs with none of"),
        ({"metadata": {"response_types_supported": ["id_token"]}}, "code flow"),
        ({"metadata": {"token_endpoint": "{issuer}/nowhere"}}, "status 404"),
        ({"metadata": {"jwks_uri": "{issuer}/userinfo"}}, "status 401"),
    ],
)  # fmt: skip
async def test_a_provider_that_does_not_do_as_it_should_is_told_in_words(provider: Provider, lies, words):
    company = await make_company(provider)
    provider.lie(**filled(lies, issuer=provider.issuer))
    with pytest.raises(Unavailable) as refused:
        await company.enter(company.somebody())
    assert words in str(refused.value)


async def test_a_slow_provider_is_given_five_seconds(provider: Provider):
    company = await make_company(provider)
    provider.lie(document="slow")
    with pytest.raises(Unavailable, match="within five seconds"):
        await company.enter(company.somebody())


async def test_of_many_first_sign_ins_of_one_person_at_once_one_login_comes(provider: Provider):
    company = await make_company(provider)
    email = company.somebody()
    came = await asyncio.gather(*(company.enter(email) for _ in range(6)), return_exceptions=True)
    steps = [one for one in came if isinstance(one, Step)]
    assert len(steps) == 6, [one for one in came if isinstance(one, BackofficeError)]
    assert len({one.actor.id for one in steps}) == 1
