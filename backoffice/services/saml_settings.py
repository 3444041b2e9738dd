"""What a partner sets so that its provider speaks SAML with us, and what the provider has to know of us."""

import asyncio
from datetime import datetime
from uuid import UUID

from backoffice.adapters import certificates, outbound, saml_metadata, saml_signatures
from backoffice.adapters.certificates import Certificate
from backoffice.adapters.saml_metadata import Described
from backoffice.clock import now
from backoffice.errors import Invalid
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.single_sign_on import (
    MAX_ISSUER,
    MISSING,
    WARN,
    CertificateFacts,
    Draft,
    Finding,
    Kind,
    SamlPlaces,
    SsoConnection,
)
from backoffice.services.access import Actor, Permission
from backoffice.settings import settings

METADATA, ACS = "/auth/sso/saml", "/auth/sso/acs"


def places(partner_id: UUID) -> SamlPlaces:
    """Say who we are to a partner's provider, and where its answers come: addresses of that partner's own."""
    own = public_id(Prefix.PARTNER, partner_id)
    return SamlPlaces(f"{settings().url}{METADATA}/{own}", f"{settings().url}{ACS}/{own}")


def metadata(partner: str) -> str:
    """Write our metadata for one partner's provider; raises NotFound for what is no partner's id.

    It holds nothing but addresses that anybody can write, so that it says of nobody whether they are a customer.
    """
    own = places(parse_public_id(Prefix.PARTNER, partner))
    return saml_metadata.ours(own.entity_id, own.acs_url)


async def read(actor: Actor, text: str) -> Described:
    """Read the metadata that somebody pasted, and keep nothing. Raises Invalid in words."""
    actor.require(Permission.MEMBERS_WRITE)
    return await asyncio.to_thread(saml_metadata.read, text)


def checked(draft: Draft) -> Draft:
    """Tidy what somebody typed. Raises Invalid, whose pointer names the field."""
    if not saml_signatures.is_installed():
        raise Invalid(MISSING, code="saml_missing", pointer="/kind")
    issuer, url = draft.issuer.strip(), draft.saml_url.strip()
    if not 0 < len(issuer) <= MAX_ISSUER or not issuer.isprintable() or " " in issuer:
        sentence = "Write the entity ID of your provider, exactly as its metadata has it."
        raise Invalid(sentence, code="invalid_issuer", pointer="/issuer")
    check_url(url)
    found = certificates.read_all(draft.certificates)
    if all(one.ends <= now() for one in found):
        raise Invalid("This certificate has expired.", code="expired_certificate", pointer="/certificates")
    return Draft(
        issuer, "", "", draft.role, draft.asks_second_factor, draft.is_only_way, draft.version,
        kind=Kind.SAML, saml_url=url, certificates="".join(one.pem for one in found),
    )  # fmt: skip


def check_url(url: str) -> None:
    """See that a browser can be sent there: https, and not into somebody's private network. Raises Invalid."""
    try:
        outbound.check_form(url, allow_hosts=settings().webhook_allow_hosts)
    except (Invalid, ValueError) as error:
        raise Invalid(str(error), code="invalid_url", pointer="/saml_url") from None
    if len(url) > MAX_ISSUER or "#" in url or not url.isascii() or not url.isprintable() or " " in url:
        sentence = "Write the sign-in address of your provider, exactly as its metadata has it."
        raise Invalid(sentence, code="invalid_url", pointer="/saml_url")


def pems(draft: Draft) -> list[str]:
    """List the certificates of a draft that was checked."""
    return [one.pem for one in certificates.read_all(draft.certificates)] if draft.kind == Kind.SAML else []


def valid(connection: SsoConnection, at: datetime) -> list[Certificate]:
    """List the certificates of a connection that are good at a moment."""
    found = [certificates.read(pem) for pem in connection.certificates]
    return [one for one in found if one.begins <= at < one.ends]


def facts(connection: SsoConnection | None) -> tuple[CertificateFacts, ...]:
    """Say of each certificate what people want to know."""
    found = [certificates.read(pem) for pem in connection.certificates] if connection else []
    return tuple(CertificateFacts(one.subject, one.ends, one.fingerprint) for one in found)


def fingerprints(listed: list[str]) -> list[str]:
    """Name certificates in the trail."""
    return [certificates.read(pem).fingerprint for pem in listed]


def findings(connection: SsoConnection) -> list[Finding]:
    """Say what can be said of a connection without anybody signing in: what only the provider knows stays unknown."""
    told = [_installed(), _address(connection.saml_url)]
    told += [_certificate(certificates.read(pem)) for pem in connection.certificates]
    return told


def _installed() -> Finding:
    if saml_signatures.is_installed():
        return Finding(is_good=True, words="SAML is installed here.")
    return Finding(is_good=False, words=MISSING)


def _address(url: str) -> Finding:
    try:
        check_url(url)
    except Invalid as error:
        return Finding(is_good=False, words=str(error))
    return Finding(is_good=True, words="The sign-in address is one that people can be sent to.")


def _certificate(one: Certificate) -> Finding:
    day, at = f"{one.ends:%Y-%m-%d}", now()
    if one.ends <= at:
        return Finding(is_good=False, words=f"A certificate expired on {day}: what it signs is refused.")
    if one.begins > at:
        return Finding(is_good=True, words=f"A certificate begins on {one.begins:%Y-%m-%d}.")
    if one.ends - at < WARN:
        return Finding(is_good=False, words=f"A certificate expires on {day}: add the next one beside it.")
    return Finding(is_good=True, words=f"A certificate holds until {day}.")
