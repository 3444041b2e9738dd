"""Authenticated encryption of what we store: AES-256-GCM, each box bound to its place by additional data."""

import hashlib
import hmac
import os
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backoffice.errors import BackofficeError

VERSION = b"\x01"
KEY_BYTES = 32
NONCE_BYTES = 12
"""Random; safe below 2³² boxes per key (NIST SP 800-38D §8.3), and a data key seals far fewer."""
TAG_BYTES = 16
INDEX_BYTES = 16


class Tampered(BackofficeError):
    """Stored data was changed, moved to another row, or sealed with another key."""

    code = "data_tampered"

    def __init__(self) -> None:
        super().__init__("This data cannot be opened: it was changed, moved, or its key is not the right one.")


def new_key() -> bytes:
    """Draw a fresh 256-bit key."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Encrypt to `ver(1)‖nonce(12)‖ct‖tag(16)`; `aad` names the place, so that a box is worthless elsewhere."""
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, plaintext, VERSION + aad)


def open_(key: bytes, box: bytes, aad: bytes) -> bytes:
    """Decrypt a box of `seal`; Tampered for anything else."""
    if len(box) < 1 + NONCE_BYTES + TAG_BYTES or box[:1] != VERSION:
        raise Tampered
    try:
        return AESGCM(key).decrypt(box[1 : 1 + NONCE_BYTES], box[1 + NONCE_BYTES :], VERSION + aad)
    except InvalidTag:
        raise Tampered from None


def blind_index(key: bytes, value: str) -> bytes:
    """Answer a keyed fingerprint for exact search; only for values of high entropy (numbers, e-mail, phone)."""
    same = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).casefold())
    return hmac.digest(key, same.encode(), hashlib.sha256)[:INDEX_BYTES]
