"""What of an audit entry is sealed: all that a person wrote or did, in one form, whatever the database makes of it.

Its `sequence` and `transaction_id` are drawn by the database after the hash; the log's order says more than they do.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, cast

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
_texts = cast("Callable[[Mapping[str, Any]], tuple[object, ...]]", itemgetter(*TEXTS))
_UTC = "+00:00"


def sealed_form(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write an entry's values as JSON gives them back."""
    changes = values["changes"]
    form = _form(values, changes if is_plain(changes) else json.loads(json.dumps(changes, default=as_json)))
    return form | {name: None if form[name] is None else str(form[name]) for name in TEXTS}


def _form(values: Mapping[str, Any], changes: object) -> dict[str, Any]:
    texts = dict(zip(TEXTS, _texts(values), strict=True))
    return texts | {"v": FORM, "created_at": moment(values["created_at"]), "changes": changes}


def moment(at: datetime) -> str:
    """Write a moment as the database keeps it: to the microsecond, in UTC."""
    written = at.isoformat(timespec="microseconds")
    if not written.endswith(_UTC):
        written = at.astimezone(UTC).isoformat(timespec="microseconds")
    return f"{written[: -len(_UTC)]}Z"


def leaf_of(values: Mapping[str, Any]) -> bytes:
    """Hash an entry before it is written; the encoder writes ids as text by itself."""
    if is_plain(values["changes"]):
        return leaf_hash(plain(_form(values, values["changes"])))
    return leaf_hash(canonical(sealed_form(values)))


def leaf_of_entry(entry: AuditEntry) -> bytes:
    """Hash an entry that was read back."""
    return leaf_of({name: getattr(entry, name) for name in FIELDS})
