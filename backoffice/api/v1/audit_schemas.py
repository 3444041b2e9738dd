"""The shapes of audit entries."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from backoffice.api.v1.schemas import PageQuery, Text, Time


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
