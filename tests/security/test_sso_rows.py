"""Rows 18 to 20 of docs/compliance/controls.md: signing in by another identity provider; each is named by its row."""

import base64
import hashlib
import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from backoffice.adapters import live, oidc
from backoffice.errors import NotAllowed
from backoffice.services import sso_requests
from tests.browsing import browser
from tests.oidc_provider import Provider, provider_process
from tests.sso_cast import Company, make_company, member_of
from tests.web_process import Web

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(180)]


@pytest.fixture(autouse=True)
def _honest(provider: Provider) -> Iterator[None]:
    oidc.forget()
    provider.lie()
    yield
    provider.lie()
    oidc.forget()


async def test_18_the_same_address_from_another_provider_or_subject_is_somebody_else(provider: Provider):
    company = await make_company(provider)
    email = company.somebody()
    first = await company.enter(email)
    provider.lie(claims={"sub": "somebody who got the mailbox later"})
    with pytest.raises(NotAllowed) as refused:
        await company.enter(email)
    assert refused.value.code == "sso_other_account"
    provider.lie()
    with provider_process() as second:
        other = await make_company(second)
        second.lie(claims={"email": email})
        with pytest.raises(NotAllowed) as refused:
            await other.enter(email)
        assert refused.value.code == "sso_wrong_domain"
    assert (await company.enter(email)).actor.id == first.actor.id


@pytest.mark.parametrize(
    ("lies", "code"),
    [
        ({"alg": "none"}, "sso_wrong_algorithm"),
        ({"alg": "HS256"}, "sso_wrong_algorithm"),
        ({"forged": "jwk"}, "sso_foreign_key"),
        ({"header": {"jku": "https://evil.test/keys"}}, "sso_foreign_key"),
        ({"claims": {"iss": "https://evil.test"}}, "sso_wrong_iss"),
        ({"claims": {"aud": "another"}}, "sso_wrong_aud"),
        ({"claims": {"nonce": "another"}}, "sso_wrong_nonce"),
        ({"claims": {"exp": -120}}, "sso_wrong_exp"),
        ({"claims": {"sub": None}}, "sso_wrong_sub"),
    ],
)
async def test_19_a_token_that_does_not_hold_opens_no_session(web: Web, provider: Provider, lies, code):
    company = await make_company(provider)
    email = company.somebody()
    async with browser(web) as client:
        provider.lie(**lies)
        _, given = await there(client, company, email)
        answer = await client.get(company.callback, params=given)
        assert answer.status_code == 403
        assert code in answer.text
        assert "sid" not in client.cookies
    assert await member_of(email) is None


async def there(client: httpx2.AsyncClient, company: Company, email: str) -> tuple[dict[str, str], dict[str, str]]:
    away = await client.get("/auth/sso/start", params={"org": company.slug})
    url = away.headers["location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    return asked, await company.provider.answer(url, email)


async def test_20_pkce_state_and_nonce_are_the_browsers_own_and_used_once(web: Web, provider: Provider):
    company = await make_company(provider)
    async with browser(web) as client, browser(web) as thief:
        asked, given = await there(client, company, company.somebody())
        other, _ = await there(thief, company, company.somebody())
        for name in ("state", "nonce", "code_challenge"):
            assert len(asked[name]) >= 43
            assert asked[name] != other[name]
        kept = json.loads(await live.command("GET", sso_requests._key(asked["state"])))
        digest = hashlib.sha256(kept["verifier"].encode()).digest()
        assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        assert kept["browser"] == hashlib.sha256(client.cookies["sso"].encode()).hexdigest()
        assert 0 < await live.command("TTL", sso_requests._key(asked["state"])) <= 600
        assert (await client.get(company.callback, params=given)).status_code == 303
        replayed = await client.get(company.callback, params=given)
        assert (replayed.status_code, "sso_state" in replayed.text) == (400, True)
    async with browser(web) as client, browser(web) as thief:
        _, given = await there(client, company, company.somebody())
        assert (await thief.get(company.callback, params=given)).status_code == 400


@pytest.mark.parametrize("name", ["https://evil.test", None])
async def test_20_an_answer_that_another_provider_sent_is_refused(web: Web, provider: Provider, name):
    company = await make_company(provider)
    async with browser(web) as client:
        provider.lie(answer={"iss": name})
        _, given = await there(client, company, company.somebody())
        answer = await client.get(company.callback, params=given)
        assert answer.status_code == 403
        assert "sso_wrong_iss_parameter" in answer.text
        assert "token" not in provider.lie(), "its code went nowhere"
