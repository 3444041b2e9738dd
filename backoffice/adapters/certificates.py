"""Certificates with which a provider signs: one or two, each with a key that is strong enough."""

import re
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from backoffice.adapters.id_tokens import LEAST_RSA_BITS
from backoffice.errors import Invalid

BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")
BARE = re.compile(r"[A-Za-z0-9+/=\s]{100,}")
LINE = 64
MOST = 2
MAX_TEXT = 20_000
CURVES = frozenset({"secp256r1", "secp384r1", "secp521r1"})


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is worth knowing of one."""

    pem: str
    subject: str
    begins: datetime
    ends: datetime
    fingerprint: str


def pem_of(base64_text: str) -> str:
    """Write the text of a certificate as PEM."""
    tidy = "".join(base64_text.split())
    lines = (tidy[start : start + LINE] for start in range(0, len(tidy), LINE))
    return "\n".join(("-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""))


def read_all(text: str) -> list[Certificate]:
    """Read the one or two certificates that somebody pasted, with or without their PEM lines.

    Raises Invalid in words.
    """
    if len(text) > MAX_TEXT:
        raise _wrong("This is more than two certificates.")
    bodies = BLOCK.findall(text) or ([text] if BARE.fullmatch(text.strip()) else [])
    pems = list(dict.fromkeys(pem_of(body) for body in bodies))
    if not pems:
        raise _wrong("Paste the signing certificate of your provider: -----BEGIN CERTIFICATE----- …")
    if len(pems) > MOST:
        raise _wrong("Two certificates at most: the one in use, and the one that follows it.")
    return [read(pem) for pem in pems]


def read(pem: str) -> Certificate:
    """Read one certificate. Raises Invalid for one that cannot be read, or whose key is too weak."""
    try:
        found = x509.load_pem_x509_certificate(pem.encode())
        key = found.public_key()
        subject = found.subject.rfc4514_string()
        digest = found.fingerprint(SHA256()).hex()
        text = found.public_bytes(Encoding.PEM).decode()
        begins, ends = found.not_valid_before_utc, found.not_valid_after_utc
    except (ValueError, UnsupportedAlgorithm):
        raise _wrong("This certificate cannot be read.") from None
    is_strong = (isinstance(key, RSAPublicKey) and key.key_size >= LEAST_RSA_BITS) or (
        isinstance(key, EllipticCurvePublicKey) and key.curve.name in CURVES
    )
    if not is_strong:
        raise _wrong("The key of this certificate is too weak: RSA of at least 2048 bits, or P-256, P-384 or P-521.")
    shown = "".join(one for one in subject[:120] if one.isprintable())
    return Certificate(text, shown, begins, ends, digest)


def _wrong(sentence: str) -> Invalid:
    return Invalid(sentence, code="invalid_certificate", pointer="/certificates")
