"""Every way in which a SAML response can be wrong, from a provider that really signs it so."""

import asyncio
import base64
from typing import Any

import pytest
from lxml import etree

from backoffice.adapters import saml_responses
from backoffice.errors import BackofficeError, BadRequest, NotAllowed
from backoffice.services import sso_requests, sso_sign_in
from tests.saml_cast import SamlCompany, make_saml_company
from tests.saml_provider import EMAIL, SAML, Idp, asked_in, encoded, kept_signer, signer
from tests.services.people import visitor
from tests.sso_cast import member_of, reasons, trail

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(180)]
A = f"{{{SAML}}}"


def second_assertion(root: Any) -> None:
    root.append(etree.fromstring(etree.tostring(root.find(f"{A}Assertion")).replace(b'ID="_a', b'ID="_b')))


def unknown_condition(root: Any) -> None:
    etree.SubElement(root.find(f".//{A}Conditions"), "{urn:other}OnTuesdays")


def no_conditions(root: Any) -> None:
    root.find(f"{A}Assertion").remove(root.find(f".//{A}Conditions"))


def no_audience(root: Any) -> None:
    conditions = root.find(f".//{A}Conditions")
    conditions.remove(conditions[0])


def holder_of_key(root: Any) -> None:
    root.find(f".//{A}SubjectConfirmation").set("Method", "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key")


def encrypted(root: Any) -> None:
    etree.SubElement(root, f"{A}EncryptedAssertion")


def local_time(root: Any) -> None:
    node = root.find(f".//{A}AuthnStatement")
    node.set("AuthnInstant", node.get("AuthnInstant").replace("Z", "+02:00"))


def another_email(root: Any) -> None:
    attribute = etree.SubElement(root.find(f".//{A}AttributeStatement"), f"{A}Attribute", Name="email")
    etree.SubElement(attribute, f"{A}AttributeValue").text = "somebody@else.example"


def no_authentication(root: Any) -> None:
    root.find(f"{A}Assertion").remove(root.find(f".//{A}AuthnStatement"))


LIES: dict[str, tuple[dict[str, Any], str]] = {
    "SHA-1 signature": ({"algorithm": "rsa-sha1"}, "sso_saml_wrong_algorithm"),
    "SHA-1 digest": ({"digest": "sha1"}, "sso_saml_wrong_algorithm"),
    "another key": ({"by": kept_signer("rsa3072")}, "sso_saml_wrong_signature"),
    "another issuer": ({"issuer": "https://evil.test"}, "sso_saml_wrong_issuer"),
    "another issuer inside": (
        {"issuer": "https://evil.test", "response_issuer": "https://idp.example/saml"}, "sso_saml_wrong_issuer",
    ),
    "another audience": ({"audience": "https://evil.test"}, "sso_saml_wrong_audience"),
    "no audience": ({"shape": no_audience}, "sso_saml_wrong_audience"),
    "another recipient": ({"recipient": "https://evil.test/acs"}, "sso_saml_wrong_recipient"),
    "another destination": ({"destination": "https://evil.test/acs"}, "sso_saml_wrong_destination"),
    "no destination": ({"destination": ""}, "sso_saml_wrong_destination"),
    "expired": ({"ends": -90}, "sso_saml_wrong_time"),
    "not yet": ({"begins": 120}, "sso_saml_wrong_time"),
    "made an hour ago": ({"made": -3600}, "sso_saml_wrong_time"),
    "made in the future": ({"made": 120}, "sso_saml_wrong_time"),
    "signed in in the future": ({"at": 120}, "sso_saml_wrong_time"),
    "a local time": ({"shape": local_time}, "sso_saml_wrong_time"),
    "not asked for": ({"answers": ""}, "sso_saml_not_asked"),
    "asked for by somebody else": ({"answers": "_somebody-elses"}, "sso_saml_not_asked"),
    "two assertions": ({"shape": second_assertion}, "sso_saml_assertions"),
    "two assertions, both under one signature": (
        {"shape": second_assertion, "signs": ("response",)}, "sso_saml_assertions",
    ),
    "encrypted": ({"shape": encrypted}, "sso_saml_encrypted"),
    "a condition that nobody knows": ({"shape": unknown_condition}, "sso_saml_wrong_condition"),
    "no conditions": ({"shape": no_conditions}, "sso_saml_wrong_form"),
    "another confirmation": ({"shape": holder_of_key}, "sso_saml_wrong_confirmation"),
    "nobody says how": ({"shape": no_authentication}, "sso_saml_wrong_form"),
    "the provider says no": ({"status": "urn:oasis:names:tc:SAML:2.0:status:Requester"}, "sso_declined"),
    "no address": ({"emails": [], "name_id": "somebody"}, "sso_no_email"),
    "two addresses": ({"emails": ["a@one.example", "b@one.example"]}, "sso_two_emails"),
    "two addresses under names that differ in letters": (
        {"email_name": "Email", "shape": another_email}, "sso_two_emails",
    ),
    "an address that is none": ({"emails": ["a@b@c"]}, "sso_no_email"),
    "another domain": ({"emails": ["eve@evil.test"]}, "sso_wrong_domain"),
    "another name each time": (
        {"format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"}, "sso_saml_transient",
    ),
    "no name": ({"name_id": ""}, "sso_saml_second_reader"),
    "XML that the schema does not know": ({"extra": "<saml:Nonsense/>"}, "sso_saml_second_reader"),
}  # fmt: skip


async def refused(company: SamlCompany, email: str, **lies: Any) -> str:
    with pytest.raises(NotAllowed) as error:
        await company.enter(email, **lies)
    return error.value.code


@pytest.mark.parametrize("name", LIES)
async def test_a_wrong_response_lets_nobody_in(name: str):
    lies, code = LIES[name]
    company = await make_saml_company()
    email = company.somebody()
    assert await refused(company, email, **lies) == code
    assert await member_of(email) is None
    assert await reasons(company.partner_id) == [code]
    assert not [about for _, _, about in await trail(company.partner_id) if email in str(about)]


@pytest.mark.parametrize("kind", ["rsa2048", "ec"])
@pytest.mark.parametrize("signs", [("assertion",), ("response",), ("assertion", "response")])
async def test_what_is_signed_as_it_should_be_lets_in(kind: str, signs: tuple[str, ...]):
    company = await make_saml_company(Idp(signer=kept_signer(kind)))
    algorithm = "ecdsa-sha256" if kind == "ec" else "rsa-sha512"
    step = await company.enter(company.somebody(), signs=signs, algorithm=algorithm, digest="sha512")
    assert step.actor.partner_id == company.partner_id


async def bent(company: SamlCompany, email: str, bend: Any, **lies: Any) -> str:
    """Change a response after it was signed, as bytes."""
    way = await sso_sign_in.begin(company.slug, "", visitor())
    data = bend(etree.tostring(company.idp.signed(asked_in(way.url), email, **lies)))
    form = {"RelayState": asked_in(way.url)["state"], "SAMLResponse": encoded(data)}
    asked, given = await company.brought(way.cookie, form)
    with pytest.raises(NotAllowed) as error:
        await sso_sign_in.finish(asked, given, visitor())
    return error.value.code


BOMB = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefg", "bcdefgh", strict=True)
)
BENT = {
    "a comment in the name": (lambda x: x.replace(b"user-", b"user<!-- -->-"), "sso_saml_wrong_markup"),
    "an instruction": (lambda x: x.replace(b"user-", b"user<?x y?>-"), "sso_saml_wrong_markup"),
    "a character section": (lambda x: x.replace(b"user-", b"<![CDATA[user]]>-"), "sso_saml_wrong_markup"),
    "a bomb of entities": (lambda x: BOMB.encode() + b"]>" + x, "sso_saml_wrong_markup"),
    "a file from outside": (
        lambda x: b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + x, "sso_saml_wrong_markup",
    ),
    "in UTF-16": (lambda x: x.decode().encode("utf-16"), "sso_saml_no_xml"),
    "in UTF-7": (lambda x: b'<?xml version="1.0" encoding="utf-7"?>' + x, "sso_saml_no_xml"),
    "deep": (lambda _: b"<a>" * 5_000 + b"</a>" * 5_000, "sso_saml_no_xml"),
    "thirty-three deep": (lambda _: b"<a>" * 33 + b"</a>" * 33, "sso_saml_too_large"),
    "wide": (lambda _: b"<a>" + b"<b/>" * 5_000 + b"</a>", "sso_saml_too_large"),
    "large": (lambda x: x + b" " * 90_000, "sso_saml_too_large"),
    "nothing": (lambda _: b"", "sso_saml_no_xml"),
    "no XML": (lambda _: b"\x00\xff{}", "sso_saml_no_xml"),
    "another name": (lambda x: x.replace(b"user-", b"root-"), "sso_saml_wrong_signature"),
    "another document": (lambda x: x.replace(b"samlp:Response", b"samlp:LogoutResponse"), "sso_saml_wrong_form"),
}  # fmt: skip


@pytest.mark.parametrize("name", BENT)
async def test_what_was_bent_on_the_way_lets_nobody_in(name: str):
    bend, code = BENT[name]
    company = await make_saml_company()
    assert await bent(company, company.somebody(), bend) == code


async def test_a_comment_that_was_signed_shortens_nobodys_name():
    """Canonical form drops comments, so the signature would hold: readers that stop at one see another person."""
    company = await make_saml_company()
    victim = f"admin@{company.domain}"
    lies = {"name_id": f"{victim}.evil.test", "format": EMAIL, "emails": []}
    bend = lambda x: x.replace(b".evil.test", b"<!---->.evil.test")  # noqa: E731
    assert await bent(company, victim, bend, **lies) == "sso_saml_wrong_markup"


async def test_what_is_no_base64_is_refused():
    company = await make_saml_company()
    for text in ("", "%%%", "a", base64.b64encode(b"<a/>").decode() + "!", "é"):
        way = await sso_sign_in.begin(company.slug, "", visitor())
        form = {"RelayState": asked_in(way.url)["state"], "SAMLResponse": text}
        asked, given = await company.brought(way.cookie, form)
        with pytest.raises(NotAllowed):
            await sso_sign_in.finish(asked, given, visitor())


async def test_an_answer_works_once_in_its_own_browser_and_at_its_own_company():
    company, other, who = await make_saml_company(), await make_saml_company(), visitor()

    async def laid_by() -> tuple[str, str]:
        way = await sso_sign_in.begin(company.slug, "", who)
        form = company.idp.answer(way.url, company.somebody())
        handle = await sso_requests.lay_by(form["RelayState"], company.place, form["SAMLResponse"])
        with pytest.raises(BadRequest):
            await sso_requests.lay_by(form["RelayState"], company.place, form["SAMLResponse"])
        return handle, way.cookie

    for cookie, place in (("another browser's", company.place), (None, other.place)):
        handle, own = await laid_by()
        with pytest.raises(BadRequest):
            await sso_requests.fetch(handle, cookie or own, place)
        with pytest.raises(BadRequest):
            await sso_requests.fetch(handle, own, company.place)
    handle, own = await laid_by()
    tried = await asyncio.gather(
        *(sso_requests.fetch(handle, own, company.place) for _ in range(8)), return_exceptions=True
    )
    assert sum(not isinstance(one, BackofficeError) for one in tried) == 1
    way = await sso_sign_in.begin(company.slug, "", who)
    with pytest.raises(BadRequest):
        await sso_requests.lay_by(asked_in(way.url)["state"], other.place, "x")


async def test_a_question_of_one_kind_takes_no_answer_of_the_other():
    company, who = await make_saml_company(), visitor()
    way = await sso_sign_in.begin(company.slug, "", who)
    with pytest.raises(BadRequest):
        await sso_requests.take(asked_in(way.url)["state"], way.cookie, company.place)
    question = await sso_requests.keep(company.partner_id, "i", "c", next_url="", session_id=None)
    with pytest.raises(BadRequest):
        await sso_requests.lay_by(question.state, company.place, "x")


async def test_a_response_for_one_company_is_none_for_another_with_the_same_provider():
    ours, theirs, who = await make_saml_company(), await make_saml_company(), visitor()
    way = await sso_sign_in.begin(theirs.slug, "", who)
    foreign = asked_in((await sso_sign_in.begin(ours.slug, "", who)).url)
    asked = asked_in(way.url)
    response = encoded(ours.idp.signed(foreign | {"id": asked["id"]}, theirs.somebody()))
    told, given = await theirs.brought(way.cookie, {"RelayState": asked["state"], "SAMLResponse": response})
    with pytest.raises(NotAllowed) as error:
        await sso_sign_in.finish(told, given, who)
    assert error.value.code == "sso_saml_wrong_destination"


async def test_certificates_that_follow_one_another_both_count_and_an_expired_one_does_not(monkeypatch):
    before, after = kept_signer(), signer()
    company = await make_saml_company(certificates=before.certificate + after.certificate)
    email = company.somebody()
    for one in (before, after):
        assert (await company.enter(email, by=one)).actor.partner_id == company.partner_id
    expired = signer(begins=-30, days=-1)
    await company.change(certificates=expired.certificate + after.certificate)
    assert await refused(company, email, by=expired) == "sso_saml_wrong_signature"
    assert (await company.enter(email, by=after)).actor.partner_id == company.partner_id


async def test_what_was_changed_while_somebody_was_at_the_provider_counts():
    company, who = await make_saml_company(), visitor()
    way = await sso_sign_in.begin(company.slug, "", who)
    form = company.idp.answer(way.url, company.somebody())
    await company.change(certificates=signer().certificate)
    asked, given = await company.brought(way.cookie, form)
    with pytest.raises(NotAllowed) as error:
        await sso_sign_in.finish(asked, given, who)
    assert error.value.code == "sso_saml_wrong_signature"


async def test_where_the_second_reader_sees_somebody_else_nobody_comes_in(monkeypatch: pytest.MonkeyPatch):
    company = await make_saml_company()
    real = saml_responses._assertion

    def misread(*told: Any) -> Any:
        from dataclasses import replace

        return replace(real(*told), name_id="root")

    monkeypatch.setattr(saml_responses, "_assertion", misread)
    assert await refused(company, company.somebody()) == "sso_saml_second_reader"
