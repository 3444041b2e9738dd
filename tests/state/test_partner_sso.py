"""Single sign-on on the settings page and on the operators' page of a partner, through their own handlers."""

from collections.abc import Iterator

import pytest

from backoffice.adapters import oidc
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed, StepUpRequired
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role, Session
from backoffice.services import sso_domains
from backoffice.services.access import Permission
from backoffice.state.gate import audience_of
from backoffice.state.ops.partner_sso import PartnerSsoState
from backoffice.state.partner.single_sign_on import SsoState
from tests.oidc_provider import CLIENT, SECRET, Provider
from tests.saml_provider import Idp, signer
from tests.services.people import SYSTEM, actor_of, make_person
from tests.services.review_cast import make_cast
from tests.sso_cast import make_company
from tests.state.partner_screen import shown, sign_in
from tests.state.review_screen import screen
from tests.state.review_screen import sign_in as staff_in
from tests.state.test_review import handlers_of

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(180)]
SETTINGS = "/partner/settings"


@pytest.fixture(autouse=True)
def _honest(provider: Provider) -> Iterator[None]:
    oidc.forget()
    provider.lie()
    yield
    provider.lie()


@pytest.fixture
async def acme():
    return await make_cast()


async def opened(cast, role=Role.PARTNER_ADMIN):
    page = await screen(SsoState, await sign_in(cast, role), SETTINGS)
    await SsoState.open.fn(page)
    return page


def form(provider: Provider, **more):
    return {"issuer": provider.issuer, "client_id": CLIENT, "secret": SECRET, "role": "partner_analyst", **more}


def test_who_may_press_what():
    for name, function in handlers_of(SsoState).items():
        wanted = {"open": set(), "refresh": {Permission.MEMBERS_READ}, "close": {Permission.MEMBERS_READ}}
        assert audience_of(function).permissions == wanted.get(name, {Permission.MEMBERS_WRITE}), name
    for name, function in handlers_of(PartnerSsoState).items():
        wanted = Permission.PARTNERS_WRITE if name in {"ask", "confirm"} else Permission.PARTNERS_READ
        assert audience_of(function).permissions == {wanted}, name


async def test_it_is_set_up_tested_and_switched_off(acme, provider: Provider):
    page = await opened(acme)
    assert (page.view.status, page.view.is_set, page.domains) == ("Not set up", False, [])
    await SsoState.ask.fn(page, "connection")
    assert page.asking == "connection"
    await SsoState.save.fn(page, form(provider, issuer="http://10.0.0.1"))
    assert page.error_field == "issuer"
    await SsoState.save.fn(page, form(provider, role="partner_admin"))
    assert page.error_field == "role"
    await SsoState.save.fn(page, form(provider, is_only_way=True))
    assert page.error_field == "is_only_way"
    await SsoState.save.fn(page, form(provider))
    assert (page.view.status, page.view.is_on, page.asking) == ("On", True, "")
    await SsoState.claim.fn(page, {"domain": "gmail.com"})
    assert page.error_field == "domain"
    domain = f"s{acme.partner.id.hex[:14]}.example"
    await SsoState.claim.fn(page, {"domain": domain})
    assert [(one.domain, one.is_proven) for one in page.domains] == [(domain, False)]
    await SsoState.test.fn(page)
    assert [one.is_good for one in page.findings] == [True, True, False]
    provider.lie(document="html")
    await SsoState.test.fn(page)
    assert not page.findings[0].is_good
    assert SECRET not in shown(page)
    await SsoState.ask.fn(page, domain)
    assert page.asking == domain
    await SsoState.ask.fn(page, "somebody-elses.example")
    assert page.asking == ""
    await SsoState.ask.fn(page, domain)
    await SsoState.remove.fn(page)
    assert page.domains == []
    await SsoState.ask.fn(page, "off")
    await SsoState.switch_off.fn(page)
    assert page.view.status == "Off"


async def test_saml_is_read_from_metadata_shown_and_kept(acme):
    idp, page = Idp(signer=signer(days=12)), await opened(acme)
    await SsoState.ask.fn(page, "connection")
    await SsoState.choose.fn(page, "kerberos")
    assert page.kind == "oidc"
    await SsoState.choose.fn(page, "saml")
    await SsoState.read_metadata.fn(page, {"metadata": "<html/>"})
    assert page.error_field == "metadata"
    await SsoState.read_metadata.fn(page, {"metadata": idp.metadata})
    assert (page.error_field, page.fields.issuer, page.fields.saml_url) == ("", idp.entity_id, idp.url)
    told = {"issuer": page.fields.issuer, "saml_url": page.fields.saml_url, "role": "partner_analyst"}
    await SsoState.save.fn(page, told | {"certificates": "nothing"})
    assert page.error_field == "certificates"
    await SsoState.save.fn(page, told | {"certificates": page.fields.certificates})
    assert (page.view.kind_words, page.view.saml.saml_url, page.asking) == ("SAML 2.0", idp.url, "")
    assert [bool(one.warning) for one in page.certificates] == [True]
    await SsoState.test.fn(page)
    assert [one.is_good for one in page.findings] == [True, True, False, False]
    await SsoState.refresh.fn(page)
    assert len(page.findings) == 4, "nothing has changed since"
    await SsoState.claim.fn(page, {"domain": f"k{acme.partner.id.hex[:14]}.example"})
    assert page.findings == []
    assert "PRIVATE" not in shown(page)


async def test_others_see_and_press_nothing(acme, provider: Provider):
    for role in (Role.PARTNER_ANALYST, Role.PARTNER_DEVELOPER):
        page = await opened(acme, role)
        assert not page.is_loaded
        with pytest.raises(NotAllowed):
            await SsoState.refresh.fn(page)
        assert "permission" in str(await SsoState.save.fn(page, form(provider))) or "permission" in page.error


async def test_a_stale_session_is_asked_first(acme, provider: Provider):
    reference = await sign_in(acme)
    page = await screen(SsoState, reference, SETTINGS)
    await SsoState.open.fn(page)
    async with transaction(Tenancy.everyone()) as session:
        (await session.get_one(Session, reference)).confirmed_at = None
    with pytest.raises(StepUpRequired):
        await SsoState.save.fn(page, form(provider))
    with pytest.raises(StepUpRequired):
        await SsoState.claim.fn(page, {"domain": "some.example"})
    assert not page.view.is_set


async def at_ops(partner_id, role=Role.OPERATOR):
    _, reference = await staff_in(role)
    page = await screen(PartnerSsoState, reference, f"/ops/partners/{public_id(Prefix.PARTNER, partner_id)}?tab=users")
    await PartnerSsoState.open.fn(page)
    return page


async def test_an_operator_confirms_what_was_asked_and_an_auditor_looks_on(provider: Provider):
    company = await make_company(provider, is_proven=False)
    stranger = await make_company(provider, is_proven=False)
    auditor = await at_ops(company.partner_id, Role.AUDITOR)
    assert [one.domain for one in auditor.domains] == [company.domain]
    auditor.asking = company.domain
    assert "permission" in str(await PartnerSsoState.confirm.fn(auditor))
    page = await at_ops(company.partner_id)
    await PartnerSsoState.ask.fn(page, stranger.domain)
    assert page.asking == ""
    page.asking = stranger.domain
    await PartnerSsoState.confirm.fn(page)
    await PartnerSsoState.ask.fn(page, company.domain)
    await PartnerSsoState.confirm.fn(page)
    assert [(one.domain, one.is_proven) for one in page.domains] == [(company.domain, True)]
    assert stranger.domain not in shown(page)
    async with transaction(Tenancy.everyone()) as session:
        assert not await sso_domains.is_proven(session, stranger.partner_id, f"x@{stranger.domain}")
    rival = await make_company(provider, is_proven=False)
    await sso_domains.claim(actor_of(await make_person(Role.PARTNER_ADMIN, rival.partner_id)), "x" + company.domain)
    await sso_domains.confirm(SYSTEM, rival.partner_id, "x" + company.domain)
