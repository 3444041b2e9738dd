"""The way to a provider that speaks SAML and back: what it is asked, and who its checked response says that it is."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

from backoffice.adapters import saml_metadata, saml_responses, saml_signatures
from backoffice.adapters.id_tokens import untrusted
from backoffice.adapters.saml_metadata import EMAIL_FORMAT, Ask
from backoffice.adapters.saml_responses import Assertion, Expected
from backoffice.clock import now
from backoffice.errors import NotAllowed, Unavailable
from backoffice.i18n import N_
from backoffice.models.single_sign_on import MISSING, Kind, Person, SsoConnection
from backoffice.services import saml_settings, sso_people, sso_requests
from backoffice.services.sso_requests import Asked, Question

FIELD = "SAMLResponse"
KEPT_LONGER_SECONDS = 60
"""So that a used assertion is remembered until it is worth nothing, by whichever clock."""
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
PASSING = N_("Your company's provider gives you another name each time. Ask your administrator for a lasting one.")
CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
EMAILS = (f"{CLAIMS}/emailaddress", "urn:oid:0.9.2342.19200300.100.1.3", "email", "mail", "emailaddress", "user.email")
NAMES = (
    "http://schemas.microsoft.com/identity/claims/displayname", "urn:oid:2.16.840.1.113730.3.1.241", "displayname",
    "name", f"{CLAIMS}/name",
)  # fmt: skip
GIVEN = (f"{CLAIMS}/givenname", "urn:oid:2.5.4.42", "givenname", "firstname")
SURNAMES = (f"{CLAIMS}/surname", "urn:oid:2.5.4.4", "surname", "sn", "lastname")


async def ask(connection: SsoConnection, *, next_url: str, session_id: UUID | None) -> Question:
    """Keep a question for the provider. Raises Unavailable where SAML is not installed, Away without Redis."""
    if not saml_signatures.is_installed():
        raise Unavailable(MISSING, code="sso_saml_missing")
    return await sso_requests.keep(
        connection.partner_id, connection.issuer, connection.client_id, next_url=next_url, session_id=session_id,
        kind=Kind.SAML,
    )  # fmt: skip


def authorization(connection: SsoConnection, question: Question) -> str:
    """Write the address at the provider that a browser goes to; for a session its person is asked anew."""
    places, asked = saml_settings.places(connection.partner_id), question.asked
    return saml_metadata.authorization(
        Ask(
            sign_in_url=connection.saml_url,
            entity_id=places.entity_id,
            place=places.acs_url,
            request_id=asked.request_id,
            state=question.state,
            at=now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            is_anew=bool(asked.session_id),
        )
    )


async def person_of(connection: SsoConnection, asked: Asked, response: str) -> Person:
    """Check a response, use its assertion up, and answer its person.

    Raises NotAllowed with what did not fit as its code, Away where nobody can say whether it was used before.
    """
    if not saml_signatures.is_installed():
        raise Unavailable(MISSING, code="sso_saml_missing")
    moment = now()
    certificates = tuple(one.pem for one in saml_settings.valid(connection, moment))
    if not certificates:
        raise untrusted("saml_certificate")
    places = saml_settings.places(connection.partner_id)
    expected = Expected(
        issuer=connection.issuer, certificates=certificates, audience=places.entity_id, place=places.acs_url,
        request_id=asked.request_id, at=int(moment.timestamp()), sign_in_url=connection.saml_url,
    )  # fmt: skip
    told = await asyncio.to_thread(saml_responses.checked, response, expected)
    if not await sso_requests.use_once(asked, told.id, told.until - expected.at + KEPT_LONGER_SECONDS):
        raise untrusted("saml_replayed")
    return _person(told, connection.issuer)


def _person(told: Assertion, issuer: str) -> Person:
    if told.name_format == TRANSIENT:
        raise NotAllowed(PASSING, code="sso_saml_transient")
    attributes: dict[str, tuple[str, ...]] = {}
    for name, values in told.attributes.items():
        attributes[name.lower()] = attributes.get(name.lower(), ()) + values
    email = sso_people.address(_email(told, attributes))
    is_address = told.name_format == EMAIL_FORMAT
    name = _first(attributes, NAMES) or f"{_first(attributes, GIVEN)} {_first(attributes, SURNAMES)}"
    return Person(
        issuer=issuer,
        subject=sso_people.subject(told.name_id.lower() if is_address else told.name_id),
        email=email,
        name=sso_people.name(name, email),
        amr=sso_people.methods([told.context]),
        auth_time=told.authenticated_at,
    )


def _email(told: Assertion, attributes: Mapping[str, tuple[str, ...]]) -> str:
    """Find the one address of an assertion; two that differ are none."""
    found = {one.strip().lower() for name in EMAILS for one in attributes.get(name, ())}
    if len(found) > 1:
        raise NotAllowed(sso_people.NO_ADDRESS, code="sso_two_emails")
    return found.pop() if found else told.name_id if told.name_format == EMAIL_FORMAT else ""


def _first(attributes: Mapping[str, tuple[str, ...]], names: tuple[str, ...]) -> str:
    return next((attributes[name][0] for name in names if attributes.get(name)), "")
