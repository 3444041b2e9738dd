"""What a key looks like: `kyc_<mode>_<lookup>_<secret>_<checksum>`, and how it is proven."""

import hashlib
import hmac
import re
import secrets
import string
import zlib

from backoffice.adapters.derive import pepper_key
from backoffice.errors import NotSignedIn

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
LOOKUP_LENGTH = 12
SECRET_LENGTH = 27
"""27 letters of 62 carry 160 bits."""
CHECKSUM_LENGTH = 6
TOKEN = re.compile(r"kyc_(live|test)_([0-9A-Za-z]{12})_([0-9A-Za-z]{27})_([0-9A-Za-z]{6})", re.ASCII)


def _random(length: int) -> str:
    return "".join(secrets.choice(BASE62) for _ in range(length))


def checksum(text: str) -> str:
    """Write the CRC-32 of a key's front part in base62, so that a typo is refused before any database is asked."""
    number = zlib.crc32(text.encode())
    letters: list[str] = []
    for _ in range(CHECKSUM_LENGTH):
        number, rest = divmod(number, len(BASE62))
        letters.append(BASE62[rest])
    return "".join(reversed(letters))


def make_token(*, livemode: bool) -> tuple[str, str]:
    """Draw a new key; answer its public part and the whole."""
    lookup = _random(LOOKUP_LENGTH)
    front = f"kyc_{'live' if livemode else 'test'}_{lookup}_{_random(SECRET_LENGTH)}"
    return lookup, f"{front}_{checksum(front)}"


def hmac_of(token: str, version: int) -> str:
    """Write what is kept of a key under one version of the pepper.

    Each secret remembers its own: older ones go on working after a change, and move when they are used.
    """
    return hmac.new(pepper_key(f"api-key-pepper:{version}", version), token.encode(), hashlib.sha256).hexdigest()


def lookup_in(token: str) -> str:
    """Answer the public part of a well-formed key.

    Raises NotSignedIn for anything else, without asking the database.
    """
    match = TOKEN.fullmatch(token)
    if not match or not hmac.compare_digest(checksum(token.rpartition("_")[0]), match[4]):
        raise NotSignedIn("This is not an API key, or it was not copied whole.", code="invalid_api_key")
    return match[2]
