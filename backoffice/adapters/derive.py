"""Keys for single purposes, derived from the one master secret."""

from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backoffice.adapters.cipher import KEY_BYTES
from backoffice.settings import settings


def derive_key(purpose: str) -> bytes:
    """Answer the 256-bit key of one purpose (HKDF-SHA256, RFC 5869), so that no two uses ever share a key.

    Put a version into the purpose ("file-link:1"), so that one use can move to a new key alone.
    """
    return _derived(settings().required("secret_key"), purpose)


@lru_cache(256)
def _derived(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"backoffice:{purpose}".encode()).derive(secret.encode())
