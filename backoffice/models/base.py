"""What every table shares: keys, times, names of constraints and the public form of ids."""

from datetime import datetime
from enum import StrEnum
from itertools import count
from typing import Any, ClassVar
from uuid import UUID, uuid4

import uuid_utils.compat as uuids
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    LargeBinary,
    MetaData,
    String,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from backoffice.clock import is_moved, now
from backoffice.errors import NotFound

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
ID_LENGTH = 26
_counter = count()

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention


class Prefix(StrEnum):
    """What stands before an id, so that a person and a log can tell what it names."""

    PARTNER = "ptr"
    MEMBER = "mem"
    API_KEY = "key"
    APPLICANT = "app"
    VERIFICATION = "ver"
    DOCUMENT = "doc"
    FILE = "fil"
    CHECK = "chk"
    REVIEW_TASK = "rvt"
    DECISION = "dec"
    POLICY = "pol"
    WEBHOOK_ENDPOINT = "whk"
    EVENT = "evt"
    DELIVERY = "dlv"
    AUDIT_ENTRY = "aud"
    ERASURE_REQUEST = "era"
    API_REQUEST = "log"
    SAMPLE = "smp"
    QUESTION = "qst"
    EXPORT = "exp"
    USAGE_RECORD = "usg"
    INVOICE = "inv"
    CREDIT = "crd"
    ALERT = "alr"
    LEGAL_HOLD = "hld"
    RETENTION_RULE = "ret"


def new_id() -> UUID:
    """Make a UUIDv7 (RFC 9562 §5.7): sorts by the time it was made."""
    return id_at(now()) if is_moved() else uuids.uuid7()


def id_at(moment: datetime) -> UUID:
    """Make a UUIDv7 as of another moment, counting within the millisecond so that rows keep their order."""
    milliseconds = int(moment.timestamp() * 1000)
    random_bits = uuid4().int & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | (7 << 76) | (next(_counter) % 4096 << 64) | (2 << 62) | random_bits)


def floor_id(moment: datetime) -> UUID:
    """Answer the lowest key of a moment: keys are time-ordered, so that an index by key is one by time.

    No key is older than 1970.
    """
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def public_id(prefix: Prefix, key: UUID | None) -> str:
    """Write a key as partners see it: prefix and 26 characters of Crockford base32, sorting as the key does."""
    if key is None:
        return ""
    number, letters = key.int, []
    for _ in range(ID_LENGTH):
        number, rest = divmod(number, 32)
        letters.append(ALPHABET[rest])
    return f"{prefix}_{''.join(reversed(letters))}"


def parse_public_id(prefix: Prefix, value: str) -> UUID:
    """Read a public id back.

    Raises NotFound for anything that cannot name a thing of this kind: whoever asks learns nothing from the form.
    """
    head, _, tail = value.partition("_")
    number = 0
    try:
        for letter in tail:
            number = number * 32 + ALPHABET.index(letter)
    except ValueError:
        number = -1
    if head != prefix or len(tail) != ID_LENGTH or not 0 <= number < 1 << 128:
        message = f"There is nothing here with the id {value[:40]!r}."
        raise NotFound(message)
    return UUID(int=number)


def timestamp(*, nullable: bool = False, index: bool = False, default_now: bool = False) -> Any:  # noqa: ANN401 SQLModel's Field is untyped
    """Declare an aware time column."""
    options: dict[str, Any] = {"sa_type": DateTime(timezone=True), "nullable": nullable, "index": index}
    if default_now:
        options["default_factory"] = now
    elif nullable:
        options["default"] = None
    return Field(**options)


def json_column(*, nullable: bool = False) -> Any:  # noqa: ANN401 SQLModel's Field is untyped
    """Declare a JSONB column that is empty by default."""
    if nullable:
        return Field(default=None, sa_column=Column(JSONB, nullable=True))
    return Field(default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default="{}"))


def text_array(*, nullable: bool = False) -> Any:  # noqa: ANN401 SQLModel's Field is untyped
    """Declare an array of short texts that is empty by default, or not there."""
    if nullable:
        return Field(default=None, sa_column=Column(ARRAY(String), nullable=True))
    return Field(default_factory=list, sa_column=Column(ARRAY(String), nullable=False, server_default="{}"))


def keys_array() -> Any:  # noqa: ANN401 SQLModel's Field is untyped
    """Declare an array of keys that is empty by default."""
    return Field(default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False, server_default="{}"))


def sealed(*, nullable: bool = True) -> Any:  # noqa: ANN401 SQLModel's Field is untyped
    """Declare a column that holds ciphertext only (`services/vault.py`)."""
    return Field(default=None, sa_column=Column(LargeBinary, nullable=nullable))


def transaction_id() -> Any:  # noqa: ANN401 SQLModel's Field is untyped
    """Declare the id of the writing transaction, filled by the database: readers cut at the snapshot horizon by it."""
    default = text("(pg_current_xact_id()::text)::bigint")
    return Field(default=None, sa_column=Column(BigInteger, nullable=False, server_default=default))


def tenant_key(column: str, table: str) -> ForeignKeyConstraint:
    """Point at a row of the same partner: the database refuses a reference across tenants."""
    return ForeignKeyConstraint(["partner_id", column], [f"{table}.partner_id", f"{table}.id"])


def tenant_unique() -> UniqueConstraint:
    """Let other tables point here together with the partner."""
    return UniqueConstraint("partner_id", "id")


class NamedTable(SQLModel):
    """A table that says its own name, where SQLModel's types ask for a function that does."""

    __tablename__: ClassVar[Any]


class Row(NamedTable):
    """A table row with a time-ordered key."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    created_at: datetime = timestamp(default_now=True)


class TenantRow(Row):
    """A row that belongs to one partner; every such table carries a row-level policy."""

    partner_id: UUID = Field(foreign_key="partners.id", index=False)
