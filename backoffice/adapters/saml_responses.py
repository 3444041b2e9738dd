"""What a SAML response says, once everything about it was checked: signature, place, time, and whom it answers.

Two readers have to agree: ours, which reads only the bytes that are signed, and `python3-saml`, which also holds the
response against the schema. Everything here computes; callers run it in a thread.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from backoffice.adapters.id_tokens import untrusted
from backoffice.adapters.saml_documents import (
    MAX_BYTES,
    SAML,
    SAMLP,
    Element,
    Unreadable,
    children,
    etree,
    only,
    parsed,
    plain,
    text_of,
)
from backoffice.adapters.saml_signatures import signed_bytes
from backoffice.errors import NotAllowed
from backoffice.i18n import N_

LEEWAY_SECONDS = 60
MAX_AGE_SECONDS = 10 * 60
"""An assertion comes straight from the provider: an old one is a saved one."""
MAX_ATTRIBUTES, MAX_VALUES, MAX_VALUE = 200, 20, 1_000
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
CONDITIONS = frozenset(f"{SAML}{name}" for name in ("AudienceRestriction", "OneTimeUse", "ProxyRestriction"))
ENCRYPTED = tuple(f"{SAML}{name}" for name in ("EncryptedAssertion", "EncryptedID", "EncryptedAttribute"))
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
DECLINED = N_("Your company's provider did not let you in.")
SEALED = N_(
    "Your company's provider encrypts its answers, which we do not read. Ask your administrator to switch it off."
)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a response has to say to be for us, and now."""

    issuer: str
    certificates: tuple[str, ...]
    audience: str
    place: str
    """The address that it was sent to."""
    request_id: str
    at: int
    sign_in_url: str = ""


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a checked response says of somebody."""

    id: str
    name_id: str
    name_format: str
    attributes: Mapping[str, tuple[str, ...]]
    authenticated_at: int
    context: str
    until: int
    """When it is worth nothing any more, whoever brings it."""


def checked(response: str, expected: Expected) -> Assertion:
    """Check a response and answer what it says. Raises NotAllowed with the reason as its code."""
    try:
        data = plain(_decoded(response))
        root = parsed(data)
        _check_outside(root, expected)
        said = _inner(parsed(signed_bytes(root, expected.certificates), most=2 * MAX_BYTES))
        told = _assertion(said, expected)
    except (Unreadable, etree.LxmlError, RecursionError) as error:
        raise untrusted(f"saml_{error}" if isinstance(error, Unreadable) else "saml_no_xml") from error
    _second_opinion(data, expected, told)
    return told


def _decoded(response: str) -> bytes:
    try:
        return base64.b64decode("".join(response.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("no_xml") from None


def _check_outside(root: Element, expected: Expected) -> None:
    """Look at the envelope, which need not be signed: it can only make a response worse."""
    if root.tag != f"{SAMLP}Response" or root.get("Version") != "2.0":
        raise Unreadable("wrong_form")
    if only(only(root, f"{SAMLP}Status"), f"{SAMLP}StatusCode").get("Value") != SUCCESS:
        raise NotAllowed(DECLINED, code="sso_declined")
    if any(next(root.iter(name), None) is not None for name in ENCRYPTED):
        raise NotAllowed(SEALED, code="sso_saml_encrypted")
    assertions = list(root.iter(f"{SAML}Assertion"))
    if len(assertions) != 1 or assertions[0].getparent() is not root:
        raise untrusted("saml_assertions")
    if root.get("Destination") != expected.place:
        raise untrusted("saml_wrong_destination")
    if root.get("InResponseTo") != expected.request_id:
        raise untrusted("saml_not_asked")
    if children(root, f"{SAML}Issuer"):
        _check_issuer(root, expected)


def _inner(signed: Element) -> Element:
    return signed if signed.tag == f"{SAML}Assertion" else only(signed, f"{SAML}Assertion")


def _check_issuer(node: Element, expected: Expected) -> None:
    issuer = only(node, f"{SAML}Issuer")
    if text_of(issuer) != expected.issuer or issuer.get("Format", ENTITY) != ENTITY:
        raise untrusted("saml_wrong_issuer")


def _assertion(node: Element, expected: Expected) -> Assertion:
    identifier = node.get("ID", "")
    if node.get("Version") != "2.0" or not 0 < len(identifier) <= MAX_VALUE:
        raise Unreadable("wrong_form")
    _check_issuer(node, expected)
    made = _moment(node.get("IssueInstant"))
    if not expected.at - MAX_AGE_SECONDS - LEEWAY_SECONDS <= made <= expected.at + LEEWAY_SECONDS:
        raise untrusted("saml_wrong_time")
    subject = only(node, f"{SAML}Subject")
    _check_confirmation(subject, expected)
    _check_conditions(only(node, f"{SAML}Conditions"), expected)
    name = only(subject, f"{SAML}NameID")
    statement = only(node, f"{SAML}AuthnStatement")
    return Assertion(
        id=identifier,
        name_id=text_of(name),
        name_format=name.get("Format", ""),
        attributes=_attributes(node),
        authenticated_at=_authenticated(statement, expected),
        context=_context(statement),
        until=made + MAX_AGE_SECONDS + LEEWAY_SECONDS,
    )


def _check_confirmation(subject: Element, expected: Expected) -> None:
    confirmation = only(subject, f"{SAML}SubjectConfirmation")
    data = only(confirmation, f"{SAML}SubjectConfirmationData")
    if confirmation.get("Method") != BEARER:
        raise untrusted("saml_wrong_confirmation")
    if data.get("Recipient") != expected.place:
        raise untrusted("saml_wrong_recipient")
    if data.get("InResponseTo") != expected.request_id:
        raise untrusted("saml_not_asked")
    _check_window(data, expected)


def _check_conditions(conditions: Element, expected: Expected) -> None:
    if any(node.tag not in CONDITIONS for node in conditions):
        raise untrusted("saml_wrong_condition")
    _check_window(conditions, expected)
    limits = children(conditions, f"{SAML}AudienceRestriction")
    if not limits:
        raise untrusted("saml_wrong_audience")
    for limit in limits:
        if expected.audience not in [text_of(one) for one in children(limit, f"{SAML}Audience")]:
            raise untrusted("saml_wrong_audience")


def _check_window(node: Element, expected: Expected) -> None:
    begins = _moment(node.get("NotBefore")) if node.get("NotBefore") is not None else expected.at
    if begins > expected.at + LEEWAY_SECONDS or _moment(node.get("NotOnOrAfter")) <= expected.at - LEEWAY_SECONDS:
        raise untrusted("saml_wrong_time")


def _authenticated(statement: Element, expected: Expected) -> int:
    at, ends = _moment(statement.get("AuthnInstant")), statement.get("SessionNotOnOrAfter")
    is_over = ends is not None and _moment(ends) <= expected.at - LEEWAY_SECONDS
    if at > expected.at + LEEWAY_SECONDS or is_over:
        raise untrusted("saml_wrong_time")
    return at


def _moment(told: str | None) -> int:
    """Read a time, which SAML writes in UTC only (core §1.3.3)."""
    if told is None or not MOMENT.fullmatch(told):
        raise untrusted("saml_wrong_time")
    try:
        return int(datetime.strptime(told[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise untrusted("saml_wrong_time") from None


def _context(statement: Element) -> str:
    """Answer the last word of how somebody was asked, such as `PasswordProtectedTransport`."""
    told = [text_of(one) for one in statement.iter(f"{SAML}AuthnContextClassRef")]
    return re.split(r"[:/]", told[0])[-1] if told else ""


def _attributes(node: Element) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    listed = [one for part in children(node, f"{SAML}AttributeStatement") for one in children(part, f"{SAML}Attribute")]
    for one in listed[:MAX_ATTRIBUTES]:
        values = [text_of(value) for value in children(one, f"{SAML}AttributeValue")[:MAX_VALUES] if not len(value)]
        name = one.get("Name", "")
        found[name] = found.get(name, ()) + tuple(value[:MAX_VALUE] for value in values)
    return found


def _second_opinion(data: bytes, expected: Expected, told: Assertion) -> None:
    """Have `python3-saml` read the same response; it has to take it, and to see the same person and assertion."""
    library: Any = import_module("onelogin.saml2.response")
    settings: Any = import_module("onelogin.saml2.settings")
    url = urlsplit(expected.place)
    request = {"https": "on" if url.scheme == "https" else "off", "http_host": url.netloc, "script_name": url.path}
    try:
        theirs: Any = library.OneLogin_Saml2_Response(
            settings.OneLogin_Saml2_Settings(_settings(expected)), base64.b64encode(data).decode()
        )
        theirs.is_valid(request, expected.request_id, raise_exceptions=True)
        agreed = (str(theirs.get_nameid()).strip(), theirs.get_assertion_id()) == (told.name_id, told.id)
    except Exception as error:  # whatever the library meets: each means no
        raise untrusted("saml_second_reader") from error
    if not agreed:
        raise untrusted("saml_second_reader")


def _settings(expected: Expected) -> dict[str, object]:
    return {
        "strict": True,
        "debug": False,
        "sp": {"entityId": expected.audience, "assertionConsumerService": {"url": expected.place}},
        "idp": {
            "entityId": expected.issuer,
            "singleSignOnService": {"url": expected.sign_in_url},
            "x509certMulti": {"signing": list(expected.certificates)},
        },
        "security": {
            "rejectDeprecatedAlgorithm": True,
            "wantAttributeStatement": False,
            "wantNameId": True,
            "allowSingleLabelDomains": True,
        },
    }
