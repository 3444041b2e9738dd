"""What must never be kept unmasked, by jurisdiction and type of document: declared here, asked everywhere else.

A rule says on which documents it holds, by which words and codes a page shows itself to be one, and which numbers are
hidden. Masking is not a setting: the rules are law for whoever keeps the document (docs/decisions/0024).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz
from stdnum import verhoeff

from backoffice.screening.labels import key

_ALIKE = 88.0
_LEAST_ALIKE = 12
"""Shorter words count where they stand alone: a few letters more or less make names and other words of them."""
_ENDS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Number:
    """A number of fixed length with a check digit after Verhoeff, of which only the last digits may be kept."""

    digits: int
    first: str
    shown: int = 4
    is_common: bool = False
    """Whether other numbers look the same, also as they are printed: words must say what it is."""

    def is_valid(self, digits: str) -> bool:
        """Say whether digits are such a number; every tenth one that is not says yes as well."""
        return len(digits) == self.digits and digits[0] in self.first and verhoeff.is_valid(digits)


@dataclass(frozen=True, slots=True)
class Rule:
    """What is hidden on the documents of one kind."""

    name: str
    title: str
    country: str
    types: frozenset[str]
    """Kinds of document that can be one of these, as partners declare them."""
    words: tuple[str, ...]
    """Each of them says that a page is one of these, or about one."""
    hint: re.Pattern[str]
    """It says that a number of the right form is one of these; other documents of the country have it, too."""
    numbers: tuple[Number, ...]
    codes: frozenset[str]
    """Standards of codes that hold the number or what opens more of it; the whole code is covered."""
    why: str
    """The sentence that people read beside a masked document."""


AADHAAR = Rule(
    name="aadhaar",
    title="Aadhaar",
    country="IND",
    types=frozenset({"national_id", "proof_of_address", "other"}),
    words=("aadhaar", "aadhar", "adhaar", "uidai", "uniqueidentificationauthority", "meraaadhaarmeripehchaan"),
    hint=re.compile(r"\b(?:government|govt)\W*of\W*india(?![a-z])", re.IGNORECASE),
    numbers=(Number(16, "123456789", is_common=True), Number(12, "23456789")),
    codes=frozenset({"Aadhaar secure QR", "Aadhaar QR"}),
    why="Its Aadhaar number is kept and shown with the last four digits only, and its QR code is covered, "
    "as India's rules ask. What was sent is not kept.",
)
RULES = (AADHAAR,)
BY_NAME = {rule.name: rule for rule in RULES}
_NUMBERS = frozenset({"document_number", "personal_number", "account_number"})
_SEPARATED = re.compile(r"[\s.\-]*\d(?:[\s.\-]*\d)*[\s.\-]*", re.ASCII)
_INSIDE = re.compile(r"(?<![0-9A-Za-z])\d(?:[ .\-]?\d){11,15}(?![0-9A-Za-z])", re.ASCII)


def may_concern(country: str | None, kind: str | None) -> Rule | None:
    """Find the rule that a document may be under, by what was declared of it; what was not declared may be anything."""
    for rule in RULES:
        if country in {None, rule.country} and (kind is None or kind in rule.types):
            return rule
    return None


def is_named(country: str | None, kind: str | None) -> bool:
    """Say whether what was declared names a rule's country, and no kind that the rule leaves alone."""
    return country is not None and may_concern(country, kind) is not None


def is_said(words: Iterable[str], text: str) -> bool:
    """Say whether a line holds one of the words; a long one also with a letter or two read wrongly."""
    plain, said = key(text), {key(part) for part in _ENDS.split(text)}
    return any(word in said if len(word) < _LEAST_ALIKE else word in plain or _is_alike(word, plain) for word in words)


@lru_cache(4096)
def _is_alike(word: str, plain: str) -> bool:
    if min(len(word), len(plain)) < _LEAST_ALIKE:
        return False
    return fuzz.partial_ratio(word, plain) >= _ALIKE


def declared_under(number: str, country: str | None, nationality: str | None = None) -> Rule | None:
    """Find the rule that a number is under which somebody declares; only a country that is named can speak against it.

    The country of the document counts before the applicant's, and a number without its check digit is no such number.
    """
    said = country or nationality
    plain = digits_of(number)
    for rule in RULES:
        if said in {None, rule.country} and any(form.is_valid(plain) for form in rule.numbers):
            return rule
    return None


def digits_of(number: str) -> str:
    """Write a number without what separates its digits; empty for what is more than digits."""
    return "".join(sign for sign in number if sign.isdigit()) if _SEPARATED.fullmatch(number) else ""


def masked(number: str, shown: int = 4) -> str:
    """Write a number as people write it masked: in groups of four, all but the last digits as X."""
    plain = digits_of(number)
    hidden = "X" * (len(plain) - shown) + plain[-shown:]
    return " ".join(hidden[at : at + 4] for at in range(0, len(hidden), 4))


def masked_value(name: str, value: str, rule: Rule) -> str:
    """Mask a value that was read: one that is a number, whole or in part, and numbers that stand in other ones."""
    plain, shown = digits_of(value), rule.numbers[0].shown
    if name in _NUMBERS and len(plain) > shown:
        return "X" * (len(plain) - shown) + plain[-shown:]
    return without_numbers(value, rule)


def without_numbers(text: str, rule: Rule) -> str:
    """Mask every number of a rule that stands in a text, without separators as values are kept."""

    def hidden(match: re.Match[str]) -> str:
        plain = digits_of(match.group())
        form = next((form for form in rule.numbers if len(plain) == form.digits), None)
        return "X" * (len(plain) - form.shown) + plain[-form.shown :] if form else match.group()

    return _INSIDE.sub(hidden, text)
