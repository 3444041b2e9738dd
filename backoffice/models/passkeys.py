"""A passkey: a key pair whose private half never leaves its person's device or password manager."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, LargeBinary
from sqlmodel import Field

from backoffice.models.base import Row, text_array, timestamp


class Passkey(Row, table=True):
    """What one device proves itself with (WebAuthn Level 3 §4); nothing here is a secret."""

    __tablename__ = "passkeys"

    member_id: UUID = Field(foreign_key="members.id", index=True)
    partner_id: UUID | None = Field(default=None, foreign_key="partners.id", index=True)
    credential_id: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    public_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sign_count: int = Field(default=0, sa_type=BigInteger)
    """What the device counted last; devices that share a passkey count nothing and say 0."""
    name: str
    transports: list[str] = text_array()
    aaguid: str = ""
    """The make of the device, as it says itself: nobody vouches for it."""
    is_synced: bool = False
    """Whether the passkey may be copied to other devices of the same person."""
    is_backed_up: bool = False
    last_used_at: datetime | None = timestamp(nullable=True)
