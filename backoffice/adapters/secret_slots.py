"""Opens roots: 32 bytes from which keys are derived, each sealed once for every master secret that may open it.

A master secret wraps roots and nothing else, so changing it writes a handful of rows, and while it is changed both
slots are there: whoever starts with either finds the same roots. The first version of every root is what HKDF
extracts from the master secret, which is what everything was derived from before there were roots: processes of
before and after derive the same, and two that begin at once write the same.
"""

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from backoffice.adapters import signed_notes
from backoffice.adapters.cipher import KEY_BYTES, Tampered, open_, seal

SLOT = "root-slot:1"
ID = "secret-id:1"
ID_BYTES = 4
LOG = "audit-log-signing:1"
"""Checkpoints and exports of the audit log: whoever checks one kind of statement need not believe the other."""


def expand(root: bytes, purpose: str) -> bytes:
    """Derive the key of one purpose from a root (HKDF-Expand with SHA-256, RFC 5869 §2.3)."""
    return HKDFExpand(SHA256(), KEY_BYTES, info=f"backoffice:{purpose}".encode()).derive(root)


def extract(secret: str) -> bytes:
    """Make a root of a master secret (HKDF-Extract without salt, RFC 5869 §2.2)."""
    return hmac.digest(bytes(KEY_BYTES), secret.encode(), hashlib.sha256)


def secret_id(secret: str) -> str:
    """Name a master secret without telling it."""
    return expand(extract(secret), ID)[:ID_BYTES].hex()


def close(secret: str, family: str, version: int, root: bytes) -> bytes:
    """Seal a root for one master secret."""
    return seal(expand(extract(secret), SLOT), root, _place(family, version))


def open_slot(secret: str, family: str, version: int, box: bytes) -> bytes:
    """Open what `close` sealed; Tampered for anything else."""
    return open_(expand(extract(secret), SLOT), box, _place(family, version))


def _place(family: str, version: int) -> bytes:
    return f"{family}:{version}".encode()


def log_name(key: Ed25519PrivateKey) -> str:
    """Name an audit log, which follows from its key and so from nothing that moves."""
    return f"backoffice/audit/{hashlib.sha256(signed_notes.verifier_of('', key).key).hexdigest()[:16]}"


def has_signed(secret: str, note: str) -> bool:
    """Say whether an audit log's checkpoint was signed under a master secret."""
    key = Ed25519PrivateKey.from_private_bytes(expand(extract(secret), LOG))
    return note.partition("\n")[0] == log_name(key)


def has_sealed(secret: str, purpose: str, box: bytes, aad: bytes) -> bool:
    """Say whether a box was sealed with a key that was derived from a master secret itself."""
    try:
        open_(expand(extract(secret), purpose), box, aad)
    except Tampered:
        return False
    return True
