"""The sealed log of audit entries: hashes in their final order, and what was signed about them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, LargeBinary, SmallInteger
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from backoffice.models.base import NamedTable, timestamp


class AuditLeaf(NamedTable, table=True):
    """One entry's place in the log; nobody can take it again."""

    __tablename__ = "audit_leaves"

    index: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    entry_id: UUID = Field(unique=True)
    leaf: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class AuditNode(NamedTable, table=True):
    """The hash of a whole subtree of height 8, 16, 24 …, so that no proof reads more than some hundred rows."""

    __tablename__ = "audit_nodes"

    height: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    index: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class AuditCheckpoint(NamedTable, table=True):
    """What was signed when so many entries were sealed, and where the sealer goes on."""

    __tablename__ = "audit_checkpoints"

    size: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    created_at: datetime = timestamp(default_now=True)
    root: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    note: str
    """The checkpoint as it is published (C2SP tlog-checkpoint)."""
    peaks: list[bytes] = Field(sa_column=Column(ARRAY(LargeBinary), nullable=False))
    """The roots of the whole subtrees, the highest first."""
    last_transaction: int = Field(sa_column=Column(BigInteger, nullable=False))
    last_sequence: int = Field(sa_column=Column(BigInteger, nullable=False))


@dataclass(frozen=True, slots=True)
class Verified:
    """What the last check found, and how much is sealed by now."""

    at: datetime | None = None
    size: int = 0
    root: str = ""
    wrong: int = 0
    first_bad: int = 0
    problem: str = ""
    sealed: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands in the log, and whether it still has the hash it was sealed with."""

    number: int
    is_as_sealed: bool
