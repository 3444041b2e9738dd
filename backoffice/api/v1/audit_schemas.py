"""The shapes of audit entries."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from backoffice.api.v1.schemas import In, PageQuery, Text, Time


class AuditQuery(PageQuery):
    """How to narrow the audit: exact values, and when."""

    action: Text | None = None
    actor_id: Text | None = None
    subject_id: Text | None = None
    request_id: Text | None = None
    created_after: Time | None = None
    created_before: Time | None = None


class ActorOut(BaseModel):
    """Who did it; `staff` are our own people, who have no name here."""

    type: Literal["member", "api_key", "system", "staff"]
    id: str | None
    name: str | None


class AuditSubjectOut(BaseModel):
    """What it was done to; null where a request was about nothing single."""

    type: str
    id: str | None


class AuditEntryOut(BaseModel):
    """One thing that was done; `changes` names fields, ids and codes, never personal data."""

    id: str
    object: Literal["audit_entry"] = "audit_entry"
    created_at: datetime
    actor: ActorOut
    action: str
    subject: AuditSubjectOut | None
    result: str
    changes: dict[str, Any]
    ip: str | None
    request_id: str | None


class CheckpointQuery(In):
    """From which size on the log must be proved to have only grown."""

    since: Annotated[
        int | None, Field(ge=1, le=2**53, description="The size of a checkpoint that you kept.", examples=[1_284_000])
    ] = None


class ConsistencyOut(BaseModel):
    """The proof that the log at `size` begins with all of the log at `since` (RFC 6962 §2.1.2)."""

    since: int = Field(description="The size that you asked from.")
    proof: list[str] = Field(description="The hashes of the proof in base64, in the order of the RFC.")


class CheckpointOut(BaseModel):
    """The head of the sealed audit log: how many entries it has, and the hash that all of them make together."""

    object: Literal["audit_checkpoint"] = "audit_checkpoint"
    origin: str = Field(description="The log's name, the first line of each of its checkpoints.")
    size: int = Field(description="How many entries are sealed, of all partners.")
    root: str = Field(description="The root hash of the Merkle tree (RFC 6962) in base64.")
    signed_at: datetime = Field(description="When it was signed.")
    checkpoint: str = Field(description="The signed checkpoint (C2SP tlog-checkpoint). Keep this text as it is.")
    public_key: str = Field(description="What checks it, in the form `name+hash+key` (C2SP signed-note).")
    consistency: ConsistencyOut | None = Field(description="The proof that you asked for with `since`; else null.")
