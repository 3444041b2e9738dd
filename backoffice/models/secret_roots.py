"""Roots: random-looking bytes from which the keys of single purposes are derived, sealed under the master secret."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, ForeignKeyConstraint, LargeBinary, SmallInteger
from sqlmodel import Field

from backoffice.models.base import NamedTable, timestamp


class RootFamily(StrEnum):
    """What a root is for, which says what its change would ask for."""

    LASTING = "lasting"
    """What can never be written anew: search, duplicates, signatures, names of accounts. One version, for good."""
    WORKING = "working"
    """What can be sealed again, and links that end by themselves."""
    PEPPER = "pepper"
    """Hashes of what only its holder knows: API keys, passwords, recovery codes, known browsers."""


class SecretRoot(NamedTable, table=True):
    """One version of a root; the bytes themselves stand in its slots."""

    __tablename__ = "secret_roots"

    family: str = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_type=SmallInteger)
    created_at: datetime = timestamp(default_now=True)
    ends_at: datetime | None = timestamp(nullable=True)
    """When what is still under it stops working, where somebody has set that."""
    retired_at: datetime | None = timestamp(nullable=True)
    """Since when nothing opens it any more: its slots are gone."""


class SecretSlot(NamedTable, table=True):
    """A root, sealed under one master secret; while that one is changed there are two."""

    __tablename__ = "secret_slots"
    __table_args__ = (ForeignKeyConstraint(["family", "version"], ["secret_roots.family", "secret_roots.version"]),)

    family: str = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_type=SmallInteger)
    secret_id: str = Field(primary_key=True)
    """Which master secret opens it; says nothing of the secret."""
    box: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = timestamp(default_now=True)
