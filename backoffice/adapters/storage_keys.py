"""What an object's key may look like."""

import re

KEY = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9._-]*)*")
KEY_LENGTH = 200


def checked_key(key: str) -> str:
    """Refuse a key that could have come from a person: names of files never become keys (ASVS 5.3.2)."""
    if len(key) > KEY_LENGTH or not KEY.fullmatch(key):
        raise ValueError(f"not a storage key: {key[:KEY_LENGTH]!r}")
    return key
