"""The settings of a partner's workspace: who may come in and how, and what applicants read of the company."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from backoffice.models.base import TenantRow, text_array, timestamp

MAX_NETWORKS = 50
MIN_IDLE = 5
"""Minutes; a shorter time would sign people out while they read."""
MAX_BRAND, MAX_CONTACT, MAX_SIGN_OFF = 60, 120, 200
LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3: of text on its ground."""


class WorkspaceSettings(TenantRow, table=True):
    """What holds for one partner; without a row the installation's own rules hold."""

    __tablename__ = "workspace_settings"
    __table_args__ = (
        UniqueConstraint("partner_id"),
        CheckConstraint("session_hours between 1 and 24", name="session_hours_sane"),
        CheckConstraint("idle_minutes between 5 and 1440", name="idle_minutes_sane"),
        CheckConstraint("export_alone >= 0", name="export_alone_sane"),
    )

    version: int = 1
    changed_at: datetime = timestamp(default_now=True)
    changed_by: UUID | None = Field(default=None, foreign_key="members.id")
    requires_second_factor: bool = False
    ip_allowlist: list[str] = text_array()
    """Networks from which people work; none means from everywhere."""
    session_hours: int | None = None
    idle_minutes: int | None = None
    export_alone: int | None = None
    """How many documents one person may take along in a day without a second one's approval."""
    brand_name: str = ""
    brand_color: str = ""
    """As #rrggbb."""
    support_contact: str = ""
    sign_off: str = ""


@dataclass(frozen=True, slots=True)
class Brand:
    """How applicants know the company: what its messages are signed with."""

    name: str = ""
    color: str = ""
    support_contact: str = ""
    sign_off: str = ""


@dataclass(frozen=True, slots=True)
class Security:
    """Who may come in, for how long, and how much one person takes along alone."""

    requires_second_factor: bool = False
    ip_allowlist: tuple[str, ...] = ()
    session_hours: int | None = None
    idle_minutes: int | None = None
    export_alone: int | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """All settings as of one version; 0 is what holds before anybody changed anything."""

    version: int = 0
    security: Security = Security()
    brand: Brand = Brand()
    is_suspended: bool = False
    """Set by us: nobody of the company comes in, whatever the rest says."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change would do at once."""

    sessions_ended: int = 0
    """Sessions of others that would end."""
    ends_own: bool = False
    people_to_enrol: int = 0
    """People without a second factor who would set one up at their next sign-in."""


def contrast(color: str) -> float:
    """Say how a colour stands out from white, from 1 to 21 (WCAG 2.2, relative luminance)."""
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]  # noqa: PLR2004 the standard's own figures
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
