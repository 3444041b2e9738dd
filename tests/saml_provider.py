"""A SAML provider: it signs real responses with real keys, honest until a test tells it in which way to lie."""

import base64
import itertools
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lxml import etree

SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
SIGNATURES = {
    "rsa-sha256": xmlsec.constants.TransformRsaSha256,
    "rsa-sha512": xmlsec.constants.TransformRsaSha512,
    "rsa-sha1": xmlsec.constants.TransformRsaSha1,
    "ecdsa-sha256": xmlsec.constants.TransformEcdsaSha256,
}
DIGESTS = {
    "sha256": xmlsec.constants.TransformSha256,
    "sha512": xmlsec.constants.TransformSha512,
    "sha1": xmlsec.constants.TransformSha1,
}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Signer:
    key: str
    certificate: str


def signer(kind: str = "rsa2048", *, begins: int = -1, days: int = 365) -> Signer:
    key: Any = (
        ec.generate_private_key(ec.SECP256R1())
        if kind == "ec"
        else rsa.generate_private_key(public_exponent=65537, key_size=int(kind.removeprefix("rsa")))
    )
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=begins))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return Signer(pem, made.public_bytes(Encoding.PEM).decode())


@cache
def kept_signer(kind: str = "rsa2048") -> Signer:
    return signer(kind)


def at(seconds: int = 0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def asked_in(url: str) -> dict[str, str]:
    """Read the question in an address, as a provider does."""
    query = parse_qs(urlsplit(url).query)
    request = etree.fromstring(zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15))
    return {
        "id": request.get("ID"),
        "acs": request.get("AssertionConsumerServiceURL"),
        "audience": request.findtext(f"{{{SAML}}}Issuer"),
        "force": request.get("ForceAuthn", ""),
        "destination": request.get("Destination"),
        "state": query["RelayState"][0],
    }


@dataclass
class Idp:
    """One provider; `lies` change a response before it is signed, by the name of what they change."""

    entity_id: str = "https://idp.example/saml"
    url: str = "https://localhost/saml/sign-in"
    signer: Signer = field(default_factory=kept_signer)
    lies: dict[str, Any] = field(default_factory=dict)

    @property
    def metadata(self) -> str:
        body = "".join(self.signer.certificate.splitlines()[1:-1])
        return (
            f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{escape(self.entity_id)}">'
            f'<IDPSSODescriptor protocolSupportEnumeration="{SAMLP}"><KeyDescriptor use="signing">'
            '<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>'
            f"{body}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>"
            f'<SingleSignOnService Binding="{REDIRECT}" Location="{escape(self.url)}"/>'
            "</IDPSSODescriptor></EntityDescriptor>"
        )

    def answer(self, url: str, email: str, **lies: Any) -> dict[str, str]:
        """Sign somebody in; answers the form that their browser posts."""
        asked = asked_in(url)
        return {"SAMLResponse": encoded(self.signed(asked, email, **lies)), "RelayState": asked["state"]}

    def signed(self, asked: dict[str, str], email: str, **lies: Any) -> etree._Element:
        told = self.lies | lies
        root = self.made(asked, email, **told)
        if told.get("shape"):
            told["shape"](root)
        for part in told.get("signs", ("assertion",)):
            self.sign(root if part == "response" else root.find(f"{{{SAML}}}Assertion"), **told)
        return root

    def made(self, asked: dict[str, str], email: str, **told: Any) -> etree._Element:
        """Write the response, unsigned."""
        number = f"{next(_numbers)}-{uuid4().hex}"
        says: dict[str, Any] = {
            "issuer": self.entity_id, "destination": asked["acs"], "recipient": asked["acs"],
            "audience": asked["audience"],
            "answers": asked["id"], "begins": -5, "ends": 300, "made": 0, "at": 0, "id": f"_a{number}",
            "name_id": f"user-{email.partition('@')[0]}", "format": PERSISTENT, "emails": [email], "status": SUCCESS,
            "email_name": "email", "response_issuer": told.get("issuer", self.entity_id), "extra": "",
        }  # fmt: skip
        says |= {name: value for name, value in told.items() if name in says}
        escaped = {
            name: escape(value) if isinstance(value, str) and name != "extra" else value for name, value in says.items()
        }
        values = "".join(f"<saml:AttributeValue>{escape(one)}</saml:AttributeValue>" for one in says["emails"])
        answers = f' InResponseTo="{escaped["answers"]}"' if says["answers"] else ""
        return etree.fromstring(
            f'<samlp:Response xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="_r{number}" Version="2.0" '
            f'IssueInstant="{at()}" Destination="{escaped["destination"]}"{answers}>'
            f"<saml:Issuer>{escaped['response_issuer']}</saml:Issuer>"
            f'<samlp:Status><samlp:StatusCode Value="{escaped["status"]}"/></samlp:Status>'
            f'<saml:Assertion ID="{escaped["id"]}" Version="2.0" IssueInstant="{at(says["made"])}">'
            f"<saml:Issuer>{escaped['issuer']}</saml:Issuer>"
            "<saml:Subject>"
            f'<saml:NameID Format="{escaped["format"]}">{escaped["name_id"]}</saml:NameID>'
            '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f'<saml:SubjectConfirmationData Recipient="{escaped["recipient"]}" '
            f'NotOnOrAfter="{at(says["ends"])}"{answers}/>'
            "</saml:SubjectConfirmation></saml:Subject>"
            f'<saml:Conditions NotBefore="{at(says["begins"])}" NotOnOrAfter="{at(says["ends"])}">'
            f"<saml:AudienceRestriction><saml:Audience>{escaped['audience']}</saml:Audience></saml:AudienceRestriction>"
            "</saml:Conditions>"
            f'<saml:AuthnStatement AuthnInstant="{at(says["at"])}"><saml:AuthnContext>'
            f"<saml:AuthnContextClassRef>{PASSWORD}</saml:AuthnContextClassRef></saml:AuthnContext>"
            "</saml:AuthnStatement>"
            f'<saml:AttributeStatement><saml:Attribute Name="{escaped["email_name"]}">{values}</saml:Attribute>'
            '<saml:Attribute Name="displayName"><saml:AttributeValue>Ines Moreau</saml:AttributeValue></saml:Attribute>'
            f"</saml:AttributeStatement>{says['extra']}</saml:Assertion></samlp:Response>"
        )

    def sign(
        self, node: Any, *, algorithm: str = "rsa-sha256", digest: str = "sha256", by: Signer | None = None, **_: Any
    ) -> None:
        """Sign an element where the schema wants its signature: after its issuer."""
        signature = xmlsec.template.create(
            node, xmlsec.constants.TransformExclC14N, SIGNATURES[algorithm], ns="ds"
        )  # fmt: skip
        node.insert(1, signature)
        reference = xmlsec.template.add_reference(signature, DIGESTS[digest], uri=f"#{node.get('ID')}")
        xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
        xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory((by or self.signer).key.encode(), xmlsec.constants.KeyDataFormatPem)
        context.register_id(node, "ID")
        context.sign(signature)

    @contextmanager
    def served(self) -> Iterator["Idp"]:
        """Serve a sign-in page to browsers."""
        idp = self

        class Pages(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                form = f'<form method="post" action="{escape(self.path)}">'
                asks = '<label>E-mail <input name="email" id="email"></label><button>Sign in at the provider</button>'
                _page(self, f"<title>Provider</title>{form}{asks}</form>")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                form = idp.answer(self.path, parse_qs(body)["email"][0])
                fields = "".join(f'<input type="hidden" name="{k}" value="{escape(v)}">' for k, v in form.items())
                acs = escape(asked_in(self.path)["acs"])
                _page(
                    self,
                    f'<form method="post" action="{acs}">{fields}</form><script>document.forms[0].submit()</script>',
                )

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        # Another site than the product's `localhost`, which other ports of it are not (RFC 6265bis §5.2).
        self.url = f"http://127.0.0.1:{server.server_address[1]}/sign-in?tenant=a"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()


def _page(handler: BaseHTTPRequestHandler, html: str) -> None:
    body = f"<!doctype html>{html}".encode()
    handler.send_response(200)
    handler.send_header("content-type", "text/html; charset=utf-8")
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def encoded(root: Any) -> str:
    return base64.b64encode(root if isinstance(root, bytes) else etree.tostring(root)).decode()
