"""What of an audit entry is sealed: all that a person wrote or did, in one form, whatever the database makes of it.

Its `sequence` and `transaction_id` are drawn by the database after the hash; the log's order says more than they do.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from backoffice.adapters.canonical import canonical, is_plain, plain
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
TEXTS = tuple(name for name in FIELDS if name not in {"created_at", "changes"})


def sealed_form(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write an entry's values as JSON gives them back."""
    made = {name: None if values[name] is None else str(values[name]) for name in TEXTS}
    changes = values["changes"]
    is_same = is_plain(changes)
    return made | {
        "v": FORM,
        "created_at": moment(values["created_at"]),
        "changes": changes if is_same else json.loads(json.dumps(changes, default=as_json)),
    }


def moment(at: datetime) -> str:
    """Write a moment as the database keeps it: to the microsecond, in UTC."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def leaf_of(values: Mapping[str, Any]) -> bytes:
    """Hash an entry before it is written."""
    form = sealed_form(values)
    return leaf_hash(plain(form) if is_plain(form["changes"]) else canonical(form))


def leaf_of_entry(entry: AuditEntry) -> bytes:
    """Hash an entry that was read back."""
    return leaf_of({name: getattr(entry, name) for name in FIELDS})
