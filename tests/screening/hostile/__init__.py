"""Files that want to hurt: made by code, each with what the gate must say; a code of None means it is accepted."""

from collections.abc import Callable
from dataclasses import dataclass

Make = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Hostile:
    """One file of the corpus; it is made when it is needed, because bombs are large."""

    name: str
    make: Make
    code: str | None = None

    def __str__(self) -> str:
        return self.name
