"""Single sign-on over plain HTTP, as a browser does it: cookies, redirects, refusals."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from backoffice.models.members import Role
from tests.browsing import browser, signed_in
from tests.oidc_provider import Provider
from tests.services.people import PASSWORD
from tests.sso_cast import Company, make_company, member_of
from tests.test_step_up_http import make_stale
from tests.web_process import Web

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(180)]


@pytest.fixture(autouse=True)
def _honest(provider: Provider) -> Iterator[None]:
    provider.lie()
    yield
    provider.lie()


async def asked(client: httpx2.AsyncClient, company: Company, email: str, **query: str) -> dict[str, str]:
    """Go to the provider and sign in there; what the browser brings back."""
    away = await client.get("/auth/sso/start", params={"org": company.slug, **query})
    assert away.status_code == 303, away.text
    return await company.provider.answer(away.headers["location"], email)


async def test_the_way_there_carries_what_an_answer_has_to_fit(web: Web, provider: Provider):
    company = await make_company(provider)
    async with browser(web) as client:
        away = await client.get("/auth/sso/start", params={"org": company.slug})
        url = urlsplit(away.headers["location"])
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        assert away.headers["location"].startswith(f"{provider.issuer}/authorize?")
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert query["redirect_uri"].endswith(company.callback)
        assert len(query["state"]) >= 43
        assert len(query["nonce"]) >= 43
        assert len(query["code_challenge"]) == 43
        cookie = away.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Max-Age=600" in cookie
        assert query["state"] not in cookie
        assert away.headers["cache-control"] == "no-store"


async def test_there_and_back_signs_in_and_leads_on(web: Web, provider: Provider):
    company = await make_company(provider)
    email = company.somebody()
    async with browser(web) as client:
        shown = await client.get(f"/login/sso/{company.slug}", params={"next": "/partner/team"})
        assert "Fjord Bank" in shown.text
        assert f"/auth/sso/start?org={company.slug}" in shown.text
        given = await asked(client, company, email, next="/partner/documents")
        answer = await client.get(company.callback, params=given)
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"] == "/partner/documents"
        assert (await client.get("/auth/step-up")).json()["sso"] is True
        assert "sso" not in client.cookies
        assert "known" in client.cookies
        again = await client.get(company.callback, params=given)
        assert again.status_code == 400
        assert "sso_state" in again.text
        assert (await client.get("/auth/step-up")).status_code == 200, "a replay signs nobody out"
    assert await member_of(email)


async def test_an_answer_in_another_browser_is_refused(web: Web, provider: Provider):
    company = await make_company(provider)
    async with browser(web) as client, browser(web) as thief:
        given = await asked(client, company, company.somebody())
        await asked(thief, company, company.somebody())
        answer = await thief.get(company.callback, params=given)
        assert answer.status_code == 400
        assert (await client.get(company.callback, params=given)).status_code == 400, "it is used up"


@pytest.mark.parametrize("where", ["https://evil.test", "//evil.test", "/\\evil.test", "javascript:alert(1)"])
async def test_it_leads_to_pages_of_ours_only(web: Web, provider: Provider, where: str):
    company = await make_company(provider)
    async with browser(web) as client:
        given = await asked(client, company, company.somebody(), next=where)
        answer = await client.get(company.callback, params=given)
        assert answer.headers["location"] == "/partner"


@pytest.mark.parametrize(
    "query", ["", "state=%00", "state=x&code=y", f"state={'x' * 5000}", "error=access_denied", "code=%00"]
)
async def test_an_answer_that_nobody_asked_for_is_a_bad_request(web: Web, query: str):
    async with browser(web) as client:
        for cookie in ({}, {"Cookie": "sso=planted"}):
            answer = await client.get(f"/auth/sso/callback/ptr_nobody?{query}", headers=cookie)
            assert answer.status_code == 400
            assert "sso_state" in answer.text


async def test_what_went_wrong_is_said_once_for_people_and_once_for_their_administrator(web: Web, provider: Provider):
    company = await make_company(provider)
    async with browser(web) as client:
        provider.lie(declines=True)
        given = await asked(client, company, company.somebody())
        answer = await client.get(company.callback, params=given)
        assert answer.status_code == 403
        assert "did not let you in" in answer.text
        assert f"/login/sso/{company.slug}" in answer.text
        provider.lie(claims={"nonce": "other"})
        given = await asked(client, company, company.somebody())
        answer = await client.get(company.callback, params=given)
        assert answer.status_code == 403
        assert "could not be trusted" in answer.text
        assert "sso_wrong_nonce" in answer.text
        assert "sid" not in client.cookies
        provider.lie(metadata={"token_endpoint": f"{provider.issuer}/nowhere"})


async def test_where_there_is_none_it_says_so_alike(web: Web, provider: Provider):
    company = await make_company(provider)
    async with browser(web) as client:
        for path in (
            "/login/sso/nobody-here",
            "/login/sso/%00",
            "/auth/sso/start?org=%00",
            "/login/sso/%F0%9F%A6%8A",
            "/auth/sso/start?org=nobody-here",
            "/auth/sso/start",
        ):
            answer = await client.get(path)
            assert answer.status_code == 404, path
            assert "no single sign-on here" in answer.text
        answer = await client.post("/auth/sso/find", data={"email": f"x@{company.domain}", "next": "/partner/team"})
        assert answer.headers["location"] == f"/login/sso/{company.slug}?next=%2Fpartner%2Fteam"
        answer = await client.post("/auth/sso/find", data={"email": "x@nobody.example"})
        assert answer.headers["location"] == "/login/sso?problem=sso_none"
        assert "No company signs in" in (await client.get("/login/sso?problem=sso_none")).text
        assert "x@" not in answer.headers["location"]
        evil = await client.post(
            "/auth/sso/find", data={"email": "x@y.example"}, headers={"Origin": "https://evil.test"}
        )
        assert evil.status_code == 403


async def test_the_sign_in_page_offers_it_and_says_where_it_is_the_only_way(web: Web, provider: Provider):
    company = await make_company(provider, is_only_way=True)
    async with browser(web) as client:
        assert "login-sso" in (await client.get("/login")).text
        for email in (company.somebody(), company.somebody()):
            answer = await client.post("/auth/login", data={"email": email, "password": PASSWORD})
            assert answer.headers["location"] == "/login?problem=sso_required"
        assert "single sign-on only" in (await client.get("/login?problem=sso_required")).text


async def test_who_came_by_it_confirms_there(web: Web, provider: Provider):
    company = await make_company(provider)
    email = company.somebody()
    async with browser(web) as client:
        given = await asked(client, company, email)
        await client.get(company.callback, params=given)
        await make_stale(await member_of(email))
        shown = (await client.get("/account/security")).text
        assert "step-up-sso" in shown
        assert "step-up-field" not in shown
        away = await client.get("/auth/sso/confirm", params={"next": "/account/security"})
        assert "prompt=login" in away.headers["location"]
        back = await company.provider.answer(away.headers["location"], email)
        before = client.cookies["sid"]
        answer = await client.get(company.callback, params=back)
        assert answer.headers["location"] == "/account/security"
        assert client.cookies["sid"] != before
        assert "step-up-sso" not in (await client.get("/account/security")).text
        for asked_for, leads_to in (
            ("/auth/sso/confirmed", "/auth/sso/confirmed"),
            ("/auth/logout", "/account/security"),
        ):
            away = await client.get("/auth/sso/confirm", params={"next": asked_for})
            back = await company.provider.answer(away.headers["location"], email)
            assert (await client.get(company.callback, params=back)).headers["location"] == leads_to
        assert "Close this tab" in (await client.get("/auth/sso/confirmed")).text


async def test_who_came_otherwise_or_not_at_all_is_not_sent_there(web: Web):
    async with browser(web) as client:
        answer = await client.get("/auth/sso/confirm", params={"next": "/partner/team"})
        assert answer.headers["location"] == "/login?next=%2Fpartner%2Fteam"
    async with signed_in(web, Role.PARTNER_ADMIN) as (_, client):
        assert (await client.get("/auth/sso/confirm")).status_code == 403
        assert (await client.get("/auth/step-up")).json()["sso"] is False


async def test_an_answer_at_another_company_s_address_is_refused_before_its_code_goes_anywhere(
    web: Web, provider: Provider
):
    """A provider that sends people on to another one's (RFC 9700 §4.4): the code must not reach it."""
    evil, honest = await make_company(provider), await make_company(provider)
    async with browser(web) as client:
        asked_of_evil = await client.get("/auth/sso/start", params={"org": evil.slug})
        query = parse_qs(urlsplit(asked_of_evil.headers["location"]).query)
        assert query["redirect_uri"][0].endswith(evil.callback)
        given = {"state": query["state"][0], "code": "of-the-honest-provider"}
        answer = await client.get(honest.callback, params=given)
        assert answer.status_code == 400
        assert "sso_state" in answer.text


async def test_another_site_neither_signs_anybody_in_nor_asks_for_a_confirmation(web: Web, provider: Provider):
    company = await make_company(provider)
    foreign = {"Sec-Fetch-Site": "cross-site"}
    async with browser(web) as client:
        answer = await client.get("/auth/sso/start", params={"org": company.slug}, headers=foreign)
        assert answer.headers["location"] == f"/login/sso/{company.slug}"
        assert "set-cookie" not in answer.headers
    async with signed_in(web, Role.PARTNER_ADMIN) as (_, client):
        away = await client.get("/auth/sso/start", params={"org": company.slug})
        assert away.headers["location"] == "/partner"
        answer = await client.get("/auth/sso/confirm", headers=foreign)
        assert answer.headers["location"] == "/account/security"


async def test_an_answer_ends_nobody_s_session_who_signed_in_meanwhile(web: Web, provider: Provider):
    company = await make_company(provider)
    async with browser(web) as client:
        given = await asked(client, company, company.somebody())
        async with signed_in(web, Role.PARTNER_ADMIN) as (_, other):
            client.cookies.set("sid", other.cookies["sid"])
            answer = await client.get(company.callback, params=given)
            assert answer.headers["location"] == "/partner"
            assert (await other.get("/auth/step-up")).status_code == 200
