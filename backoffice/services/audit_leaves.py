"""What of an audit entry is sealed: all that a person wrote or did, in one form, whatever the database makes of it.

Its `sequence` and `transaction_id` are drawn by the database after the hash; the log's order says more than they do.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from backoffice.adapters.canonical import canonical
from backoffice.adapters.merkle import leaf_hash
from backoffice.db import as_json
from backoffice.models.audit_entries import AuditEntry

FORM = 1
"""Which fields are sealed, and how; another form gets another number."""
FIELDS = (
    "id",
    "created_at",
    "partner_id",
    "actor_type",
    "actor_id",
    "actor_name",
    "session_id",
    "ip",
    "action",
    "subject_type",
    "subject_id",
    "result",
    "changes",
    "request_id",
)


def sealed_form(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write an entry's values as JSON gives them back."""
    made: dict[str, Any] = {"v": FORM}
    for name in FIELDS:
        value = values[name]
        if name == "changes":
            made[name] = json.loads(json.dumps(value, default=as_json))
        elif isinstance(value, datetime):
            made[name] = moment(value)
        else:
            made[name] = None if value is None else str(value)
    return made


def moment(at: datetime) -> str:
    """Write a moment as the database keeps it: to the microsecond, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def leaf_of(values: Mapping[str, Any]) -> bytes:
    """Hash an entry before it is written."""
    return leaf_hash(canonical(sealed_form(values)))


def leaf_of_entry(entry: AuditEntry) -> bytes:
    """Hash an entry that was read back."""
    return leaf_of({name: getattr(entry, name) for name in FIELDS})
