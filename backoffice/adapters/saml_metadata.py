"""Who we are to a SAML provider, who it says that it is, and the question that a browser takes there."""

import base64
import zlib
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from backoffice.adapters.certificates import MOST, pem_of
from backoffice.adapters.saml_documents import DS, MD, Element, Unreadable, children, etree, parsed
from backoffice.errors import Invalid

MAX_METADATA = 256 * 1024
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
EMAIL_FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
PERSISTENT_FORMAT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"


@dataclass(frozen=True, slots=True)
class Described:
    """What a provider's metadata says."""

    entity_id: str
    sign_in_url: str
    certificates: str
    """As PEM, one after the other."""


def read(text: str) -> Described:
    """Read the metadata of a provider. Raises Invalid in words."""
    try:
        root = parsed(text.strip().encode("utf-8", "replace"), most=MAX_METADATA, takes_comments=True)
        entity = _entity(root)
        role = children(entity, f"{MD}IDPSSODescriptor")[0]
    except (Unreadable, etree.LxmlError, IndexError):
        raise _wrong("This is not the metadata of one SAML 2.0 identity provider.") from None
    services = [
        one.get("Location", "") for one in children(role, f"{MD}SingleSignOnService") if one.get("Binding") == REDIRECT
    ]
    if not services:
        raise _wrong("Your provider offers no sign-in by HTTP-Redirect, which is the way we send people there.")
    certificates = _certificates(role)
    if not certificates:
        raise _wrong("There is no signing certificate in it.")
    if len(certificates) > MOST:
        raise _wrong("There are more than two signing certificates in it: paste the two that count by hand.")
    return Described(entity.get("entityID", ""), services[0], "".join(certificates))


def _entity(root: Element) -> Element:
    found = [root] if root.tag == f"{MD}EntityDescriptor" else children(root, f"{MD}EntityDescriptor")
    able = [one for one in found if children(one, f"{MD}IDPSSODescriptor")]
    if len(able) != 1:
        raise Unreadable("wrong_form")
    return able[0]


def _certificates(role: Element) -> list[str]:
    keys = [one for one in children(role, f"{MD}KeyDescriptor") if one.get("use", "signing") == "signing"]
    texts = ["".join((one.text or "").split()) for key in keys for one in key.iter(f"{DS}X509Certificate")]
    return list(dict.fromkeys(pem_of(one) for one in texts if one))


def _wrong(sentence: str) -> Invalid:
    return Invalid(sentence, code="invalid_metadata", pointer="/metadata")


def ours(entity_id: str, place: str) -> str:
    """Write our own metadata for one partner's provider."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<md:EntityDescriptor xmlns:md="{MD[1:-1]}" entityID="{escape(entity_id)}">\n'
        f'  <md:SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true" '
        f'protocolSupportEnumeration="{PROTOCOL}">\n'
        f"    <md:NameIDFormat>{PERSISTENT_FORMAT}</md:NameIDFormat>\n"
        f"    <md:NameIDFormat>{EMAIL_FORMAT}</md:NameIDFormat>\n"
        f'    <md:AssertionConsumerService index="0" isDefault="true" Binding="{POST}" Location="{escape(place)}"/>\n'
        "  </md:SPSSODescriptor>\n"
        "</md:EntityDescriptor>\n"
    )


@dataclass(frozen=True, slots=True)
class Ask:
    """A question for a provider."""

    sign_in_url: str
    entity_id: str
    place: str
    request_id: str
    state: str
    at: str
    is_anew: bool = False
    """Its person is to be asked again, whatever the provider remembers."""


def authorization(ask: Ask) -> str:
    """Write the address at the provider that a browser goes to (SAML bindings §3.4)."""
    anew = ' ForceAuthn="true"' if ask.is_anew else ""
    request = (
        f'<samlp:AuthnRequest xmlns:samlp="{PROTOCOL}" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" '
        f'ID="{escape(ask.request_id)}" Version="2.0" IssueInstant="{escape(ask.at)}"{anew} '
        f'Destination="{escape(ask.sign_in_url)}" ProtocolBinding="{POST}" '
        f'AssertionConsumerServiceURL="{escape(ask.place)}"><saml:Issuer>{escape(ask.entity_id)}</saml:Issuer>'
        '<samlp:NameIDPolicy AllowCreate="true"/></samlp:AuthnRequest>'
    )
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = base64.b64encode(packer.compress(request.encode()) + packer.flush()).decode()
    joint = "&" if "?" in ask.sign_in_url else "?"
    return f"{ask.sign_in_url}{joint}{urlencode({'SAMLRequest': packed, 'RelayState': ask.state})}"
