"""What goes soon, in numbers: plain values that the services count and screens show."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class GoingGroup:
    """Documents of one partner and type whose time is over on one day."""

    partner_id: UUID
    partner: str
    type: str
    day: date
    documents: int
    held: int = 0
    """Of these, how many a hold keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What goes in the next days, counted at a moment."""

    counted_at: datetime
    days: int
    groups: list[GoingGroup] = field(default_factory=list)
    is_capped: bool = False
    """There are more than were looked at."""

    @property
    def documents(self) -> int:
        """All of them."""
        return sum(group.documents for group in self.groups)

    @property
    def held(self) -> int:
        """Those that a hold keeps."""
        return sum(group.held for group in self.groups)
