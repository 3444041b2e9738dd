"""What makes two documents the same one, as plain text; only a keyed hash of it may ever be kept."""

import re
import unicodedata

from backoffice.screening import names
from backoffice.screening.types import Screening

CONFUSED = str.maketrans("OQDILZSBG", "000112586")
"""Signs that readers exchange; numbers that differ only in them are the same number."""
_LEAST_NUMBER = 6
_LEAST_WORDS = 2
WITHOUT_IDENTITY = frozenset({"proof_of_address", "selfie"})
"""Numbers on a bill are its sender's; one household shares them."""


def same_signs(number: str) -> str:
    """Reduce a number to capital letters and digits, with those exchanged that readers confuse."""
    plain = unicodedata.normalize("NFKC", number).upper()
    return "".join(sign for sign in plain if sign.isalnum()).translate(CONFUSED)


def number_text(screening: Screening, country: str | None) -> str | None:
    """Write number and issuing country; None for a number that is missing, masked or too short to be anybody's own."""
    number = screening.hidden_number or screening.value("document_number") or ""
    plain = same_signs(number)
    if len(plain) < _LEAST_NUMBER or number.upper().startswith("XXXX"):
        return None
    return f"{screening.country_guess or country or ''}:{plain}"


def person_text(screening: Screening) -> str | None:
    """Write name and birth date, whatever the order and the accents of the name; None when one of them is missing."""
    parts = filter(None, (screening.value("given_names"), screening.value("surname")))
    name = screening.value("full_name") or " ".join(parts)
    words = sorted(filter(None, (names.icao_letters(word) for word in re.split(r"[\s\-]+", name))))
    born = screening.value("date_of_birth")
    return f"{' '.join(words)}:{born}" if born and len(words) >= _LEAST_WORDS else None
