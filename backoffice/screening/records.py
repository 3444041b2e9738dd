"""What a barcode says about a document, whatever standard it follows."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Record:
    """The values of one code by the names of `EXTRACTED_NAMES`; `wanted` are those that its standard demands."""

    standard: str
    kind: str | None
    country: str | None
    values: Mapping[str, str]
    wanted: tuple[str, ...]
    contradictions: tuple[str, ...] = ()
    """What cannot be true, as ends of a sentence about the code; never a value."""
    hidden: str = field(default="", repr=False)
    """The whole number where only its last digits are among the values; nothing may keep it."""

    @property
    def missing(self) -> tuple[str, ...]:
        """List the demanded values that the code does not give."""
        return tuple(name for name in self.wanted if name not in self.values)


def printable(text: str, longest: int) -> str:
    """Keep what a person could have printed, on one line; hostile codes are full of the rest."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text[:longest]).split())


def decoded(payload: bytes) -> str:
    """Read bytes as UTF-8, else as the Latin-1 that the standards say, which reads anything."""
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError:
        return payload.decode("latin-1")
