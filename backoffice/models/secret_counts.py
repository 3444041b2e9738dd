"""How far a change of secrets is: plain values for the service that counts and the screen or command that shows."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that is sealed or hashed under a root, and how much of it is under an older version."""

    name: str
    older: int
    moves: str
    """How the rest comes to the newest version."""


@dataclass(frozen=True, slots=True)
class RootStanding:
    """One root: its newest version, those before it that still live, and what is under them."""

    family: str
    newest: int
    made_at: datetime
    older: tuple[int, ...] = ()
    ends_at: datetime | None = None
    """When what is under the older ones stops working, where somebody has set that."""
    uses: tuple[Use, ...] = ()

    @property
    def left(self) -> int:
        """Count what is under an older version."""
        return sum(use.older for use in self.uses)


@dataclass(frozen=True, slots=True)
class SecretStanding:
    """Which master secrets open the roots, and how each root stands."""

    secret_id: str
    others: dict[str, int] = field(default_factory=dict)
    """Other master secrets, and how many roots each of them still opens."""
    roots: tuple[RootStanding, ...] = ()

    @property
    def is_turning(self) -> bool:
        """Say whether a change is under way."""
        return bool(self.others) or any(root.older for root in self.roots)

    @property
    def left(self) -> int:
        """Count everything that is under an older version."""
        return sum(root.left for root in self.roots)
