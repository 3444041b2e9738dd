"""Row 21 of docs/compliance/controls.md: SAML assertions work once; wrapped and unsigned ones are refused."""

import asyncio
import copy
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from backoffice.adapters import live
from backoffice.errors import BackofficeError, NotAllowed
from backoffice.services import sso_sign_in
from backoffice.services.sign_in import Step
from tests.browsing import browser
from tests.saml_cast import SamlCompany, make_saml_company
from tests.saml_provider import SAML, SAMLP, asked_in, encoded
from tests.services.people import visitor
from tests.sso_cast import member_of, reasons
from tests.web_process import Web

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(180)]
A, R = f"{{{SAML}}}", f"{{{SAMLP}}}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"


def forged(original: Any, name: str) -> Any:
    """A copy of an assertion or response that says another person, without a signature of its own."""
    evil = copy.deepcopy(original)
    for signature in evil.findall(f"{DS}Signature"):
        evil.remove(signature)
    for one in evil.iter(f"{A}NameID"):
        one.text = name
    for one in evil.iter(f"{A}AttributeValue"):
        one.text = f"{name}@{one.text.partition('@')[2]}" if "@" in one.text else one.text
    evil.set("ID", "_evil")
    return evil


def signature_of(node: Any) -> Any:
    return node.find(f"{DS}Signature")


def xsw1(root: Any) -> Any:
    """The signed response inside the signature of a forged one."""
    evil, original = forged(root, "eve"), copy.deepcopy(root)
    signature = signature_of(original)
    original.remove(signature)
    signature.append(original)
    evil.insert(1, signature)
    return evil


def xsw2(root: Any) -> Any:
    """The signed response before its detached signature in a forged one."""
    evil, original = forged(root, "eve"), copy.deepcopy(root)
    signature = signature_of(original)
    original.remove(signature)
    evil.insert(1, signature)
    evil.insert(1, original)
    return evil


def xsw3(root: Any) -> Any:
    """A forged assertion before the signed one."""
    root.insert(list(root).index(root.find(f"{A}Assertion")), forged(root.find(f"{A}Assertion"), "eve"))
    return root


def xsw4(root: Any) -> Any:
    """The signed assertion inside a forged one."""
    original = root.find(f"{A}Assertion")
    evil = forged(original, "eve")
    root.replace(original, evil)
    evil.append(original)
    return root


def xsw5(root: Any) -> Any:
    """The signature in the forged assertion, what it signs after it."""
    original = root.find(f"{A}Assertion")
    evil = forged(original, "eve")
    signature = signature_of(original)
    original.remove(signature)
    evil.insert(1, signature)
    root.insert(list(root).index(original), evil)
    return root


def xsw6(root: Any) -> Any:
    """The signature in the forged assertion, what it signs inside the signature."""
    original = root.find(f"{A}Assertion")
    evil = forged(original, "eve")
    signature = signature_of(original)
    root.replace(original, evil)
    original.remove(signature)
    signature.append(original)
    evil.insert(1, signature)
    return root


def xsw7(root: Any) -> Any:
    """A forged assertion in an Extensions element, where any content is valid."""
    extensions = etree.Element(f"{R}Extensions")
    extensions.append(forged(root.find(f"{A}Assertion"), "eve"))
    root.insert(1, extensions)
    return root


def xsw8(root: Any) -> Any:
    """The signed assertion in an Object of the signature that the forged one carries."""
    original = root.find(f"{A}Assertion")
    evil = forged(original, "eve")
    signature = signature_of(original)
    root.replace(original, evil)
    original.remove(signature)
    etree.SubElement(signature, f"{DS}Object").append(original)
    evil.insert(1, signature)
    return root


WRAPPINGS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "xsw1": (xsw1, "response"), "xsw2": (xsw2, "response"), "xsw3": (xsw3, "assertion"), "xsw4": (xsw4, "assertion"),
    "xsw5": (xsw5, "assertion"), "xsw6": (xsw6, "assertion"), "xsw7": (xsw7, "assertion"), "xsw8": (xsw8, "assertion"),
}  # fmt: skip


def eve_of(company: SamlCompany) -> str:
    return f"eve@{company.domain}"


@pytest.mark.parametrize("is_same_id", [False, True])
@pytest.mark.parametrize("name", WRAPPINGS)
async def test_21_a_wrapped_response_lets_nobody_in(name: str, is_same_id: bool):
    wrap, signs = WRAPPINGS[name]
    company, who = await make_saml_company(), visitor()
    way = await sso_sign_in.begin(company.slug, "", who)
    root = company.idp.signed(asked_in(way.url), company.somebody(), signs=(signs,))
    signed_id = (root if signs == "response" else root.find(f"{A}Assertion")).get("ID")
    evil = wrap(root)
    if is_same_id:
        for one in evil.iter():
            if one.get("ID") == "_evil":
                one.set("ID", signed_id)
    form = {"RelayState": asked_in(way.url)["state"], "SAMLResponse": encoded(evil)}
    asked, given = await company.brought(way.cookie, form)
    with pytest.raises(NotAllowed) as refused:
        await sso_sign_in.finish(asked, given, who)
    assert refused.value.code in {"sso_saml_wrapped", "sso_saml_assertions", "sso_saml_wrong_signature"}
    assert await member_of(eve_of(company)) is None
    assert await reasons(company.partner_id) == [refused.value.code]


async def test_21_an_assertion_is_used_once_within_its_time():
    company = await make_saml_company()
    email = company.somebody()
    await company.enter(email, id="_the-same")
    with pytest.raises(NotAllowed) as refused:
        await company.enter(email, id="_the-same")
    assert refused.value.code == "sso_saml_replayed"
    assert (await company.enter(email)).actor.partner_id == company.partner_id
    other = await make_saml_company()
    await other.enter(other.somebody(), id="_the-same")


async def test_21_of_many_who_bring_one_assertion_at_once_one_comes_in():
    company = await make_saml_company()
    email = company.somebody()
    tried = [company.enter(email, id="_raced") for _ in range(6)]
    came = await asyncio.gather(*tried, return_exceptions=True)
    assert sum(isinstance(one, Step) for one in came) == 1
    assert {one.code for one in came if isinstance(one, BackofficeError)} == {"sso_saml_replayed"}


async def test_21_without_redis_nobody_comes_in(monkeypatch: pytest.MonkeyPatch):
    company, who = await make_saml_company(), visitor()
    way = await sso_sign_in.begin(company.slug, "", who)
    asked, given = await company.brought(way.cookie, company.idp.answer(way.url, company.somebody()))

    async def away(*_: object) -> None:
        raise live.Away

    monkeypatch.setattr(live, "command", away)
    with pytest.raises(live.Away):
        await sso_sign_in.finish(asked, given, who)


@pytest.mark.parametrize("signs", [(), ("response",), ("assertion",), ("assertion", "response")])
async def test_21_an_unsigned_response_lets_nobody_in(web: Web, signs: tuple[str, ...]):
    company = await make_saml_company()
    email = company.somebody()
    async with browser(web) as client:
        away = await client.get("/auth/sso/start", params={"org": company.slug})
        form = company.idp.answer(away.headers["location"], email, signs=signs)
        posted = await client.post(company.acs, data=form, headers={"Origin": "https://idp.example"})
        answer = await client.get(posted.headers["location"])
        assert answer.status_code == (303 if signs else 403)
        assert ("sid" in client.cookies) is bool(signs)
        if not signs:
            assert "sso_saml_unsigned" in answer.text
    assert (await member_of(email) is not None) is bool(signs)
