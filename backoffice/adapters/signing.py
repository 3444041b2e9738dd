"""Signs statements that others can check without us: Ed25519 in a compact JWS (RFC 7515, RFC 9864)."""

import base64
import hashlib
import json
from functools import lru_cache
from typing import TypedDict

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from backoffice.adapters import signed_notes
from backoffice.adapters.derive import lasting_key
from backoffice.adapters.secret_slots import LOG, log_name

RECEIPTS = "receipt-signing:1"
"""The key's purpose; it follows from the lasting root, so every host signs with the same one."""


class PublicKey(TypedDict):
    """One key as JWKS lists it (RFC 7517, RFC 8037 §2)."""

    kty: str
    crv: str
    x: str
    kid: str
    alg: str
    use: str


def sign(payload: bytes) -> str:
    """Sign a statement; the answer holds it, so that nothing must be written again in the same way to check it."""
    head = _word(_json({"alg": "Ed25519", "kid": public_key()["kid"]}))
    signed = f"{head}.{_word(payload)}"
    return f"{signed}.{_word(_private_key().sign(signed.encode()))}"


def public_key() -> PublicKey:
    """Describe the key that checks our signatures; its id is its own thumbprint (RFC 7638)."""
    x = _word(_private_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
    thumbprint = hashlib.sha256(_json({"crv": "Ed25519", "kty": "OKP", "x": x})).digest()
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": _word(thumbprint), "alg": "Ed25519", "use": "sig"}


def sign_note(text: str) -> str:
    """Sign a text in the audit log's name (C2SP signed-note)."""
    return signed_notes.sign(text, log_key().name, _log_key())


@lru_cache(1)
def log_key() -> signed_notes.Verifier:
    """Answer the audit log's public key under its name, which follows from the key and so from nothing that moves."""
    return signed_notes.verifier_of(log_name(_log_key()), _log_key())


@lru_cache(1)
def _log_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(lasting_key(LOG))


@lru_cache(1)
def _private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(lasting_key(RECEIPTS))


def _word(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _json(value: dict[str, str]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
