"""Who may do what, counted: plain values for the service that reads and the screens that show."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class RoleCount:
    """People of one role who can sign in, and how many of them have a second factor."""

    role: str
    people: int
    with_second_factor: int


@dataclass(frozen=True, slots=True)
class CustomRoleUse:
    """One role of one partner's own, and who has it."""

    id: UUID
    partner_id: UUID
    partner: str
    name: str
    permissions: tuple[str, ...]
    asks_second_factor: bool
    people: int
    with_second_factor: int


@dataclass(frozen=True, slots=True)
class Access:
    """One person or one API key and what it may do, as an access review reads it."""

    kind: str
    """member or api_key."""
    name: str
    login: str
    partner: str
    """Empty for staff."""
    role: str
    permissions: tuple[str, ...]
    second_factor: bool | None
    """None for an API key."""
    state: str
    """active, disabled, suspended, revoked, expired."""
    created_at: datetime
    last_used_at: datetime | None
