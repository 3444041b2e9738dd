"""SAML over plain HTTP, as a browser does it: the question, another site's form, the page that knows the browser."""

import asyncio

import httpx2
import pytest
from lxml import etree

from backoffice.models.members import Role
from tests.browsing import browser, signed_in
from tests.saml_cast import SamlCompany, make_saml_company
from tests.saml_provider import EMAIL, Idp, asked_in
from tests.sso_cast import member_of
from tests.test_step_up_http import make_stale
from tests.web_process import Web

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(180)]
THEIRS = {"Origin": "https://idp.example", "Sec-Fetch-Site": "cross-site"}


async def asked(client: httpx2.AsyncClient, company: SamlCompany, **query: str) -> str:
    away = await client.get("/auth/sso/start", params={"org": company.slug, **query})
    assert away.status_code == 303, away.text
    return away.headers["location"]


async def posted(web: Web, company: SamlCompany, form: dict[str, str], **headers: str) -> httpx2.Response:
    """Post as a browser does from another site: without the cookies of ours that are Lax."""
    async with browser(web) as bare:
        return await bare.post(company.acs, data=form, headers=THEIRS | headers)


async def test_there_and_back_signs_in_and_leads_on(web: Web):
    company = await make_saml_company(Idp(url="https://localhost/sign-in?tenant=a"))
    email = company.somebody()
    async with browser(web) as client:
        url = await asked(client, company, next="/partner/documents")
        assert url.startswith("https://localhost/sign-in?tenant=a&SAMLRequest=")
        told = asked_in(url)
        assert told["acs"].endswith(company.acs)
        assert told["audience"].endswith(f"/auth/sso/saml/{company.place}")
        assert (told["destination"], told["force"]) == (company.idp.url, "")
        assert len(told["state"]) == 43
        assert len(told["id"]) == 44
        form = company.idp.answer(url, email)
        answer = await posted(web, company, form)
        assert (answer.status_code, answer.headers["cache-control"]) == (303, "no-store")
        assert "set-cookie" not in answer.headers
        there = answer.headers["location"]
        assert there.startswith(f"/auth/sso/answer/{company.place}?answer=")
        inside = await client.get(there)
        assert inside.status_code == 303, inside.text
        assert inside.headers["location"] == "/partner/documents"
        assert (await client.get("/auth/step-up")).json()["sso"] is True
        assert "sso" not in client.cookies
        assert (await client.get(there)).status_code == 400
        assert (await posted(web, company, form)).status_code == 400
        assert (await client.get("/auth/step-up")).status_code == 200, "a replay signs nobody out"
    assert await member_of(email)


async def test_another_browser_does_not_get_in_by_a_handle(web: Web):
    company = await make_saml_company()
    async with browser(web) as client, browser(web) as thief:
        answer = await posted(web, company, company.idp.answer(await asked(client, company), company.somebody()))
        await asked(thief, company)
        taken = await thief.get(answer.headers["location"])
        assert (taken.status_code, "sso_state" in taken.text) == (400, True)
        assert "sid" not in thief.cookies
        assert (await client.get(answer.headers["location"])).status_code == 400, "it is used up"


async def test_a_provider_that_nobody_asked_signs_nobody_in(web: Web):
    company = await make_saml_company()
    async with browser(web) as client:
        form = company.idp.answer(await asked(client, company), company.somebody(), answers="")
    for state in ("", "https://evil.test", "x" * 5_000, "\0"):
        answer = await posted(web, company, form | {"RelayState": state})
        assert (answer.status_code, "sso_state" in answer.text) == (400, True)
    async with browser(web) as client:
        url = await asked(client, company)
        answer = await posted(web, company, company.idp.answer(url, company.somebody(), answers=""))
        answer = await client.get(answer.headers["location"])
        assert (answer.status_code, "sso_saml_not_asked" in answer.text) == (403, True)


@pytest.mark.parametrize("where", ["https://evil.test", "//evil.test", "/\\evil.test", "javascript:alert(1)"])
async def test_it_leads_to_pages_of_ours_only(web: Web, where: str):
    company = await make_saml_company()
    async with browser(web) as client:
        url = await asked(client, company, next=where)
        answer = await posted(web, company, company.idp.answer(url, company.somebody()))
        assert (await client.get(answer.headers["location"])).headers["location"] == "/partner"


async def test_an_answer_at_another_company_s_address_is_refused(web: Web):
    company, other = await make_saml_company(), await make_saml_company()
    async with browser(web) as client:
        form = company.idp.answer(await asked(client, company), company.somebody())
        assert (await posted(web, other, form)).status_code == 400
        assert (await posted(web, company, form)).status_code == 400, "it is used up"
        form = company.idp.answer(await asked(client, company), company.somebody())
        answer = await posted(web, company, form)
        moved = answer.headers["location"].replace(company.place, other.place)
        assert (await client.get(moved)).status_code == 400


async def test_whatever_is_posted_is_no_error_of_ours(web: Web):
    company = await make_saml_company()
    async with browser(web) as client:
        for body in (b"", b"%", b"SAMLResponse=%00&RelayState=%00", b"\xff" * 100, b"RelayState=a&RelayState=b"):
            answer = await client.post(company.acs, content=body, headers=THEIRS)
            assert answer.status_code == 400
            headers = THEIRS | {"Content-Type": "application/x-www-form-urlencoded"}
            assert (await client.post(company.acs, content=body, headers=headers)).status_code == 400
        large = await client.post(company.acs, data={"SAMLResponse": "A" * 130_000}, headers=THEIRS)
        assert large.status_code == 413
        for path in ("/auth/sso/acs/ptr_nobody", "/auth/sso/acs/%00"):
            assert (await client.post(path, data={"SAMLResponse": "x"}, headers=THEIRS)).status_code == 400
        for path in ("/auth/sso/answer/x", "/auth/sso/answer/x?answer=%00", "/auth/sso/answer/x?answer=y"):
            assert (await client.get(path)).status_code == 400
        elsewhere = await client.post("/auth/login", data={"email": "x"}, headers=THEIRS)
        assert elsewhere.status_code == 403, "other forms are still taken from our own pages only"
        url = await asked(client, company)
        answer = await posted(web, company, {"RelayState": asked_in(url)["state"], "SAMLResponse": "A" * 50_000})
        assert (await client.get(answer.headers["location"])).status_code == 403


async def test_our_metadata_is_there_for_everybody_and_names_nobody(web: Web):
    company = await make_saml_company()
    async with browser(web) as client:
        answer = await client.get(f"/auth/sso/saml/{company.place}")
        assert answer.headers["content-type"].startswith("application/samlmetadata+xml")
        told = etree.fromstring(answer.content)
        assert told.get("entityID").endswith(f"/auth/sso/saml/{company.place}")
        service = told.find(".//{urn:oasis:names:tc:SAML:2.0:metadata}AssertionConsumerService")
        assert service.get("Location").endswith(company.acs)
        assert company.slug not in answer.text
        for wrong in ("nobody", "%00", "doc_" + company.place[4:]):
            assert (await client.get(f"/auth/sso/saml/{wrong}")).status_code == 404


async def test_who_came_by_it_confirms_there_and_has_to_be_asked_anew(web: Web):
    company = await make_saml_company()
    email = company.somebody()
    async with browser(web) as client:
        answer = await posted(web, company, company.idp.answer(await asked(client, company), email))
        await client.get(answer.headers["location"])
        await make_stale(await member_of(email))

        async def confirmed(who: str, **lies: object) -> httpx2.Response:
            away = await client.get("/auth/sso/confirm", params={"next": "/account/security"})
            assert asked_in(away.headers["location"])["force"] == "true"
            answer = await posted(web, company, company.idp.answer(away.headers["location"], who, **lies))
            return await client.get(answer.headers["location"])

        assert "sso_not_anew" in (await confirmed(email, at=-300)).text
        assert "sso_other_person" in (await confirmed(company.somebody())).text
        assert "step-up-sso" in (await client.get("/account/security")).text
        before = client.cookies["sid"]
        assert (await confirmed(email)).headers["location"] == "/account/security"
        assert client.cookies["sid"] != before
        assert "step-up-sso" not in (await client.get("/account/security")).text


async def test_who_signed_in_meanwhile_stays(web: Web):
    company = await make_saml_company()
    async with browser(web) as client:
        answer = await posted(web, company, company.idp.answer(await asked(client, company), company.somebody()))
        async with signed_in(web, Role.PARTNER_ADMIN) as (_, other):
            client.cookies.set("sid", other.cookies["sid"])
            assert (await client.get(answer.headers["location"])).headers["location"] == "/partner"
            assert (await other.get("/auth/step-up")).status_code == 200


async def test_two_posts_of_one_response_at_once_sign_in_once(web: Web):
    company = await make_saml_company()
    async with browser(web) as client:
        form = company.idp.answer(await asked(client, company), company.somebody())
        answers = await asyncio.gather(*(posted(web, company, form) for _ in range(6)))
        assert sorted(one.status_code for one in answers) == [303, 400, 400, 400, 400, 400]
        there = next(one.headers["location"] for one in answers if one.status_code == 303)
        came = await asyncio.gather(*(client.get(there) for _ in range(6)))
        assert sorted(one.status_code for one in came) == [303, 400, 400, 400, 400, 400]


async def test_who_the_provider_knows_by_an_address_is_known_whatever_its_letters(web: Web):
    company = await make_saml_company()
    email = company.somebody()
    first = await company.enter(email, name_id=email.upper(), format=EMAIL, emails=[])
    again = await company.enter(email, name_id=email, format=EMAIL, emails=[])
    assert again.actor.id == first.actor.id
