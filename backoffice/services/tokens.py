"""Tokens: a few bytes of ours, signed for one purpose, as one word of an address."""

import base64
import binascii
import hashlib
import hmac

from backoffice.adapters.derive import lasting_key, link_keys
from backoffice.errors import NotFound

LONGEST_MAC = 22


def write(purpose: str, body: bytes, *, is_lasting: bool = False) -> str:
    """Sign `body` for a purpose ("file-link:1") and spell it for an address.

    A lasting one stands in a letter that somebody may open in years; the others end within the hour.
    """
    return base64.urlsafe_b64encode(body + _mac(_keys(purpose, is_lasting=is_lasting)[0], body)).decode()


def read(purpose: str, token: str, size: int, *, is_lasting: bool = False) -> bytes:
    """Read back the `size` bytes that `write` signed for the same purpose.

    Raises NotFound for anything else: whoever asks learns nothing.
    """
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise no_such_link() from None
    body, mac = raw[:size], raw[size:]
    keys = _keys(purpose, is_lasting=is_lasting)
    if len(body) != size or not any(hmac.compare_digest(mac, _mac(key, body)) for key in keys):
        raise no_such_link()
    return body


def no_such_link() -> NotFound:
    """Say that a link was not written by us, or has ended."""
    return NotFound("This link does not exist or has ended. Ask for a new one.", code="link_expired")


def _keys(purpose: str, *, is_lasting: bool) -> list[bytes]:
    return [lasting_key(purpose)] if is_lasting else link_keys(purpose)


def _mac(key: bytes, body: bytes) -> bytes:
    """Answer as many bytes as make the whole a multiple of three, so that a token has exactly one spelling."""
    length = LONGEST_MAC - (len(body) + LONGEST_MAC) % 3
    return hmac.new(key, body, hashlib.sha256).digest()[:length]
