"""Single sign-on of a partner in words: the connection, its domains, and what a test found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from backoffice.clock import now
from backoffice.i18n import N_, gettext, ngettext
from backoffice.models.members import Role
from backoffice.models.single_sign_on import (
    WARN,
    CertificateFacts,
    Draft,
    Finding,
    Kind,
    Sso,
    SsoConnection,
    SsoDomain,
    record_of,
)
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.words import plain

KINDS = {Kind.OIDC: "OpenID Connect", Kind.SAML: "SAML 2.0"}
ON, OFF, ONLY, UNSET = N_("On"), N_("Off"), N_("On, the only way in"), N_("Not set up")


@dataclass(frozen=True)
class SamlFields:
    """What stands in the fields of a SAML connection: what holds, or what pasted metadata said."""

    issuer: str = ""
    saml_url: str = ""
    certificates: str = ""
    number: int = 0
    """Another one for each time that they were filled, so that the fields are drawn anew."""


@dataclass(frozen=True)
class SsoView:
    """What stands on the settings page."""

    status: str = ""
    tone: str = "gray"
    is_set: bool = False
    is_on: bool = False
    version: int = 0
    issuer: str = ""
    client_id: str = ""
    role: str = str(Role.PARTNER_ANALYST)
    role_words: str = ""
    asks_second_factor: bool = False
    is_only_way: bool = False
    factor_words: str = ""
    people: str = ""
    redirect_uri: str = ""
    sign_in_url: str = ""
    kind: str = str(Kind.OIDC)
    kind_words: str = ""
    saml: SamlFields = SamlFields()
    entity_id: str = ""
    acs_url: str = ""
    has_saml: bool = True


@dataclass(frozen=True)
class CertificateRow:
    """One certificate of the provider, and whether its end is near."""

    words: str
    fingerprint: str
    ends: str
    warning: str


@dataclass(frozen=True)
class DomainRow:
    """One domain, and the record that proves it."""

    domain: str
    is_proven: bool
    status: str
    tone: str
    record_name: str
    record_text: str
    confirmed_at: str
    confirmed_by: str


@dataclass(frozen=True)
class FindingRow:
    """One thing that a test looked at."""

    words: str
    is_good: bool


def sso_view(sso: Sso) -> SsoView:
    """Show a partner's single sign-on."""
    row = sso.connection
    if row is None:
        return replace(_places(sso), status=gettext(UNSET))
    status, tone = _status(row)
    provider = gettext("The provider asks for it")
    return replace(
        _places(sso),
        status=status,
        tone=tone,
        is_set=True,
        is_on=row.is_on,
        version=row.version,
        issuer=row.issuer,
        client_id=row.client_id,
        role=row.role,
        role_words=plain(row.role),
        asks_second_factor=row.asks_second_factor,
        is_only_way=row.is_only_way,
        factor_words=provider if row.asks_second_factor else gettext("Asked for here, as for everybody"),
        people=ngettext("{count} person has come by it", "{count} people have come by it", sso.people),
        kind=row.kind,
        kind_words=KINDS[Kind(row.kind)],
        saml=SamlFields(row.issuer, row.saml_url, "".join(row.certificates)) if row.kind == Kind.SAML else SamlFields(),
    )


def _places(sso: Sso) -> SsoView:
    """Say what a provider has to know of us."""
    return SsoView(
        redirect_uri=sso.redirect_uri,
        sign_in_url=sso.sign_in_url,
        entity_id=sso.saml.entity_id,
        acs_url=sso.saml.acs_url,
        has_saml=sso.has_saml,
    )


def certificate_rows(sso: Sso) -> list[CertificateRow]:
    """Show the provider's certificates, the end of each, and a warning a month before it."""
    return [_certificate_row(one) for one in sso.certificates]


def _certificate_row(one: CertificateFacts) -> CertificateRow:
    left = one.ends - now()
    warning = ""
    if left <= timedelta():
        warning = gettext("Expired: nobody comes in by it. Add the next one.")
    elif left < WARN:
        warning = ngettext(
            "Expires in {count} day. Add the next one.", "Expires in {count} days. Add the next one.", left.days
        )
    return CertificateRow(one.subject, one.fingerprint, iso(one.ends), warning)


def _status(row: SsoConnection) -> tuple[str, str]:
    if not row.is_on:
        return gettext(OFF), "gray"
    return (gettext(ONLY), "indigo") if row.is_only_way else (gettext(ON), "green")


def domain_rows(domains: Sequence[SsoDomain]) -> list[DomainRow]:
    """Show the domains, each with its record."""
    return [_domain_row(one) for one in domains]


def _domain_row(one: SsoDomain) -> DomainRow:
    is_proven = one.confirmed_at is not None
    status, tone = (gettext("Proven"), "green") if is_proven else (gettext("Waits for its record"), "amber")
    name, text = record_of(one)
    confirmed_at = iso(one.confirmed_at) if one.confirmed_at else ""
    return DomainRow(one.domain, is_proven, status, tone, name, text, confirmed_at, one.confirmed_by)


def finding_rows(findings: Sequence[Finding]) -> list[FindingRow]:
    """Show what a test found."""
    return [FindingRow(one.words, one.is_good) for one in findings]


def read_sso(form: Mapping[str, str | bool], version: int, kind: str) -> Draft:
    """Read what somebody typed."""
    return Draft(
        issuer=str(form.get("issuer", "")),
        client_id=str(form.get("client_id", "")),
        secret=str(form.get("secret", "")),
        role=str(form.get("role", "")),
        asks_second_factor=bool(form.get("asks_second_factor")),
        is_only_way=bool(form.get("is_only_way")),
        version=version,
        kind=kind,
        saml_url=str(form.get("saml_url", "")),
        certificates=str(form.get("certificates", "")),
    )
