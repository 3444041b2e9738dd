"""Setting SAML up: who may, what is taken, what holds on, and what another kind forgets."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backoffice import clock
from backoffice.adapters import saml_signatures
from backoffice.db import Tenancy, transaction
from backoffice.errors import Invalid, NotAllowed, Unavailable
from backoffice.models.members import Role
from backoffice.models.single_sign_on import CertificateFacts, Draft, Kind, Sso, SsoIdentity
from backoffice.services import saml_settings, sessions, sso_connections, sso_sign_in
from backoffice.viewmodels.single_sign_on import certificate_rows, sso_view
from tests.oidc_provider import CLIENT, SECRET, Provider
from tests.saml_cast import make_saml_company
from tests.saml_provider import Idp, kept_signer, signer
from tests.services.people import actor_of, make_person, visitor
from tests.sso_cast import EVERYONE, trail

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(180)]


async def test_only_administrators_read_metadata_and_it_fills_the_fields():
    idp = Idp()
    company = await make_saml_company(idp)
    analyst = actor_of(await make_person(Role.PARTNER_ANALYST, company.partner_id))
    with pytest.raises(NotAllowed):
        await saml_settings.read(analyst, idp.metadata)
    told = await saml_settings.read(company.actor, f"\n<!-- ours -->{idp.metadata}")
    assert (told.entity_id, told.sign_in_url) == (idp.entity_id, idp.url)
    assert told.certificates == idp.signer.certificate


@pytest.mark.parametrize(
    ("bend", "words"),
    [
        (lambda _: "", "not the metadata"),
        (lambda _: "<html/>", "not the metadata"),
        (lambda x: "<!DOCTYPE a [<!ENTITY b 'c'>]>" + x, "not the metadata"),
        (lambda x: x.replace("IDPSSODescriptor", "SPSSODescriptor"), "not the metadata"),
        (lambda x: x.replace("HTTP-Redirect", "HTTP-POST"), "HTTP-Redirect"),
        (lambda x: x.replace('use="signing"', 'use="encryption"'), "no signing certificate"),
        (lambda x: x.replace("<KeyD", f"<!--{300_000 * 'x'}--><KeyD"), "not the metadata"),
    ],
)
async def test_metadata_that_does_not_do_is_told_in_words(bend, words):
    admin = actor_of(await make_person(Role.PARTNER_ADMIN))
    with pytest.raises(Invalid, match=words) as refused:
        await saml_settings.read(admin, bend(Idp().metadata))
    assert refused.value.pointer == "/metadata"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("issuer", "", "entity ID"),
        ("issuer", "a b", "entity ID"),
        ("saml_url", "http://idp.example/sign-in", "https"),
        ("saml_url", "https://10.0.0.1/sign-in", "private|public"),
        ("saml_url", "javascript:alert(1)", "https"),
        ("saml_url", "https://idp.example/#x", "sign-in address"),
        ("certificates", "", "Paste"),
        ("certificates", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "cannot be read"),
        ("certificates", "three", "at most"),
        ("certificates", "weak", "too weak"),
        ("certificates", "expired", "has expired"),
        ("role", "partner_admin", "analysts or developers"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(field: str, value: str, words: str):
    made = {
        "three": lambda: "".join(signer().certificate for _ in range(3)),
        "weak": lambda: kept_signer("rsa1024").certificate,
        "expired": lambda: signer(begins=-30, days=-1).certificate,
    }
    company = await make_saml_company()
    with pytest.raises(Invalid, match=words) as refused:
        await company.change(**{field: made[value]() if value in made else value})
    assert refused.value.pointer == f"/{field}"


async def test_another_kind_forgets_everybody_and_a_new_certificate_nobody(provider: Provider):
    company = await make_saml_company()
    step = await company.enter(company.somebody())
    await company.change(certificates=signer().certificate)
    assert await linked(company) == 1
    async with transaction(EVERYONE) as session:
        assert await sessions.by_secret(session, step.secret) is not None
    oidc = Draft(issuer=company.idp.entity_id, client_id=CLIENT, version=company.version)
    async with transaction(company.actor.tenancy) as session:
        with pytest.raises(Invalid, match="secret"):
            await sso_connections.save(session, company.actor, oidc)
    oidc = Draft(issuer=provider.issuer, client_id=CLIENT, secret=SECRET, version=company.version)
    async with transaction(company.actor.tenancy) as session:
        row = await sso_connections.save(session, company.actor, oidc)
        company.version = row.version
        assert (row.kind, row.saml_url, row.certificates) == (Kind.OIDC, "", [])
    assert await linked(company) == 0
    async with transaction(EVERYONE) as session:
        assert await sessions.by_secret(session, step.secret) is None
    await company.change()
    async with transaction(EVERYONE) as session:
        row = await sso_connections.of(session, company.partner_id)
        assert (row.kind, row.client_id, row.secret_box) == (Kind.SAML, "", None)


async def linked(company) -> int:
    async with transaction(EVERYONE) as session:
        rows = await session.execute(select(SsoIdentity).where(SsoIdentity.partner_id == company.partner_id))
        return len(rows.scalars().all())


async def test_the_trail_names_certificates_by_their_fingerprints():
    company = await make_saml_company()
    await company.change(certificates=signer().certificate)
    changes = [about["certificates"] for action, _, about in await trail(company.partner_id) if "certificates" in about]
    assert [len(before) for before, _ in changes] == [0, 1]
    assert {len(mark) for before, after in changes for mark in before + after} == {64}


async def test_the_test_says_what_can_be_said():
    ending = signer(days=10)
    company = await make_saml_company(certificates=ending.certificate + signer().certificate)
    found = [(one.is_good, one.words) for one in await sso_connections.try_out(company.actor)]
    assert [good for good, _ in found] == [True, True, False, True, True]
    assert "expires on" in found[2][1]
    assert "holds until" in found[3][1]


async def test_a_certificate_warns_a_month_before_its_end():
    rows = [
        certificate_rows(Sso(certificates=(CertificateFacts("CN=idp", clock.now() + timedelta(days=days), "f"),)))[0]
        for days in (-1, 2, 29, 31)
    ]
    assert [bool(one.warning) for one in rows] == [True, True, True, False]
    assert "Expired" in rows[0].warning
    assert "28 days" in rows[2].warning


async def test_a_rival_sees_and_changes_nothing_of_it():
    company = await make_saml_company()
    rival = await make_person(Role.PARTNER_ADMIN)
    async with transaction(actor_of(rival).tenancy) as session:
        assert await sso_connections.of(session, company.partner_id) is None
        moved = await session.execute(text("update sso_connections set certificates = '{}'"))
        assert moved.rowcount == 0
    async with transaction(company.actor.tenancy) as session:
        seen = sso_view(await sso_connections.look(session, company.actor))
    assert (seen.kind_words, seen.saml.saml_url) == ("SAML 2.0", company.idp.url)


async def test_the_database_keeps_a_connection_whole():
    company = await make_saml_company()
    for change in ("saml_url = ''", "kind = 'other'"):
        with pytest.raises(DBAPIError, match="kind_is_whole"):
            async with transaction(Tenancy.of(company.partner_id)) as session:
                await session.execute(text(f"update sso_connections set {change}"))


async def test_without_the_extra_it_says_so_and_nobody_is_sent_away(monkeypatch: pytest.MonkeyPatch):
    company = await make_saml_company()
    monkeypatch.setattr(saml_signatures, "is_installed", lambda: False)
    with pytest.raises(Invalid, match="the extra “saml”"):
        await company.change()
    with pytest.raises(Unavailable, match="the extra “saml”"):
        await sso_sign_in.begin(company.slug, "", visitor())
    found = await sso_connections.try_out(company.actor)
    assert not found[0].is_good
    async with transaction(company.actor.tenancy) as session:
        assert not sso_view(await sso_connections.look(session, company.actor)).has_saml
