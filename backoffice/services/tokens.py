"""Tokens: a few bytes of ours, signed for one purpose, as one word of an address."""

import base64
import binascii
import hashlib
import hmac

from backoffice.adapters.derive import derive_key
from backoffice.errors import NotFound

LONGEST_MAC = 22


def write(purpose: str, body: bytes) -> str:
    """Sign `body` for a purpose ("file-link:1") and spell it for an address."""
    return base64.urlsafe_b64encode(body + _mac(purpose, body)).decode()


def read(purpose: str, token: str, size: int) -> bytes:
    """Read back the `size` bytes that `write` signed for the same purpose.

    Raises NotFound for anything else: whoever asks learns nothing.
    """
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise no_such_link() from None
    body, mac = raw[:size], raw[size:]
    if len(body) != size or not hmac.compare_digest(mac, _mac(purpose, body)):
        raise no_such_link()
    return body


def no_such_link() -> NotFound:
    """Say that a link was not written by us, or has ended."""
    return NotFound("This link does not exist or has ended. Ask for a new one.", code="link_expired")


def _mac(purpose: str, body: bytes) -> bytes:
    """Answer as many bytes as make the whole a multiple of three, so that a token has exactly one spelling."""
    length = LONGEST_MAC - (len(body) + LONGEST_MAC) % 3
    return hmac.new(derive_key(purpose), body, hashlib.sha256).digest()[:length]
