"""A partner's people as a list knows them: plain values for the service that reads and the screen that shows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Colleague:
    """One person of the partner."""

    id: UUID
    name: str
    email: str
    role: str
    """One of ours, or the key of one of the partner's own."""
    role_name: str
    """What the partner calls its own; empty for ours."""
    permissions: tuple[str, ...]
    asks_second_factor: bool
    has_second_factor: bool
    is_removed: bool
    is_oneself: bool
    sessions: int
    last_active_at: datetime | None
    joined_at: datetime
    keys: int
    """API keys in use that this person made."""


@dataclass(frozen=True, slots=True)
class Invitee:
    """Somebody who was invited and has not come yet."""

    id: UUID
    name: str
    email: str
    role: str
    role_name: str
    """What the partner calls a role of its own; empty for ours."""
    invited_by: str
    invited_at: datetime
    expires_at: datetime
    is_expired: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Anybody with a login, as operators see them."""

    id: UUID
    name: str
    email: str
    role: str
    role_name: str
    """What their company calls a role of its own; empty for ours."""
    permissions: tuple[str, ...]
    asks_second_factor: bool
    partner_id: UUID | None
    partner: str
    """Empty for staff."""
    is_suspended: bool
    """Whether the partner is."""
    is_disabled: bool
    has_second_factor: bool
    sessions: int
    last_active_at: datetime | None
    is_oneself: bool
