"""How a reading is judged against the truth: exact after normalisation, and a value that is not there is wrong too."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from anyascii import anyascii

from backoffice.screening.names import icao_letters

_NAMES = {"surname", "given_names", "full_name", "father_name"}
_NUMBERS = {"document_number", "personal_number", "account_number", "address"}
DERIVED = {"issuing_country", "postal_code"}
"""Follow from the document's kind and the address; not counted."""


def is_right(name: str, value: str, truth: str) -> bool:
    """Compare one value: names without regard to case and to how accents are written, numbers without separators."""
    if name in _NAMES:
        return _same_words(_words(value), _words(truth))
    if name in _NUMBERS:
        return _signs(value) == _signs(truth)
    return value.upper() == truth.upper()


def _same_words(words: list[str], wanted: list[str]) -> bool:
    """Pair every word with one of the other side, each in either way of writing accents."""
    left = list(map(_plain, words))
    for word in wanted:
        found = next((spelt for spelt in (_plain(word), icao_letters(word)) if spelt in left), None)
        if found is None:
            return False
        left.remove(found)
    return not left


def _plain(text: str) -> str:
    return re.sub(r"[^A-Z]", "", anyascii(text).upper())


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\s\-,]+", name) if word]


def _signs(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", anyascii(text).upper())


@dataclass
class Tally:
    """Counts of one row of the table."""

    documents: int = 0
    classified: int = 0
    wanted: int = 0
    returned: int = 0
    right: int = 0
    zones: int = 0
    zones_checked: int = 0
    zones_exact: int = 0
    wrong: list[tuple[str, str, str, str]] = field(default_factory=list)
    missing: Counter[str] = field(default_factory=Counter)

    def add(self, label: str, truth: Mapping[str, str], values: Mapping[str, str], *, is_classified: bool) -> None:
        """Count one document's fields."""
        self.documents += 1
        self.classified += is_classified
        self.wanted += len(truth)
        for name, value in values.items():
            if name in DERIVED or (name == "full_name" and name not in truth):
                continue
            self.returned += 1
            if name in truth and is_right(name, value, truth[name]):
                self.right += 1
            else:
                self.wrong.append((label, name, value, truth.get(name, "")))
        self.missing.update(f"{label} {name}" for name in truth if name not in values)

    def add_zone(self, zone: tuple[str, ...], lines: tuple[str, ...], *, is_valid: bool) -> None:
        """Count one zone: whether its digits fit, and whether every sign is the printed one."""
        if zone:
            self.zones += 1
            self.zones_checked += is_valid
            self.zones_exact += lines == zone

    @property
    def cells(self) -> tuple[str, ...]:
        """Write the row: classified, fields, precision, coverage, zones whose digits fit, zones exact."""
        return (
            _share(self.classified, self.documents), _share(self.right, self.wanted), _share(self.right, self.returned),
            _share(min(self.returned, self.wanted), self.wanted), _of(self.zones_checked, self.zones),
            _of(self.zones_exact, self.zones),
        )  # fmt: skip

    def plus(self, other: "Tally") -> "Tally":
        """Add up two rows."""
        return Tally(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "–"


def _of(part: int, whole: int) -> str:
    return f"{part}/{whole}" if whole else "–"
