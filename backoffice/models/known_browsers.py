"""A known browser: one in which a member has signed in, and which may be told from others at their next sign-in."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from backoffice.models.base import Row, timestamp


class KnownBrowser(Row, table=True):
    """What one browser holds a secret of, for one member; only a keyed hash of the secret is kept."""

    __tablename__ = "known_browsers"

    member_id: UUID = Field(foreign_key="members.id", index=True)
    partner_id: UUID | None = Field(default=None, foreign_key="partners.id", index=True)
    secret_hash: str = Field(unique=True)
    pepper_version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    browser: str = ""
    """Its kind, such as Firefox; what else it says of itself is not kept here."""
    system: str = ""
    first_seen_at: datetime = timestamp(default_now=True)
    last_seen_at: datetime = timestamp(default_now=True)
    """When somebody last signed in with it."""
