"""What a form would change, as it is asked before it is saved."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """One thing that would be another."""

    what: str
    before: str
    after: str
