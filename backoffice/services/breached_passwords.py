"""Passwords that were stolen elsewhere: some half a million that are shipped, and a whole download where one is set.

Nobody is asked: what somebody types never leaves this process. The shipped ones are of SecLists (Mark Burnett's ten
million, MIT), as prints; `scripts/breached_passwords.py` says how they were made.
"""

import hashlib
from bisect import bisect_left
from functools import lru_cache
from logging import getLogger
from pathlib import Path

from backoffice.adapters.pwned_passwords import FEW_SAMPLES, SAMPLES, PwnedPasswords
from backoffice.errors import Unavailable
from backoffice.settings import SettingsError, settings

log = getLogger(__name__)
LIST = Path(__file__).with_name("words") / "breached_passwords.bin"
PRINT_BYTES = 5


def print_of(text: str) -> bytes:
    """Shorten a password to what the shipped list keeps of it."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).digest()[:PRINT_BYTES]


@lru_cache(1)
def _shipped() -> bytes:
    return LIST.read_bytes()


def is_shipped(text: str) -> bool:
    """Answer whether a password in lower case is on the list that we bring along."""
    kept, wanted = _shipped(), print_of(text)
    count = len(kept) // PRINT_BYTES
    at = bisect_left(range(count), wanted, key=lambda place: _at(kept, place))
    return at < count and _at(kept, at) == wanted


def _at(kept: bytes, place: int) -> bytes:
    return kept[place * PRINT_BYTES : (place + 1) * PRINT_BYTES]


def download() -> PwnedPasswords | None:
    """Open the download that this installation was given, if any."""
    path = settings().breached_passwords
    return PwnedPasswords(path) if path else None


def is_in_download(password: str) -> bool:
    """Answer whether a password is in the installation's download, by some forty short reads; run it in a thread.

    Raises Unavailable when the file is damaged or away: then no password is taken rather than any.
    """
    known = download()
    try:
        return known is not None and known.holds(password)
    except Unavailable as error:
        log.warning("breached_passwords_unreadable", extra={"error": str(error.__cause__)})
        raise


def fault(samples: int = SAMPLES) -> str:
    """Say what is wrong with the installation's download, by so many places; nothing when all is fine."""
    known = download()
    return known.fault(samples) if known else ""


def check_download() -> None:
    """Refuse to start with a download that cannot be read or is in another order.

    Raises SettingsError naming what is wrong.
    """
    if wrong := fault(FEW_SAMPLES):
        raise SettingsError(f"The setting BACKOFFICE_BREACHED_PASSWORDS is not usable: {wrong}")
