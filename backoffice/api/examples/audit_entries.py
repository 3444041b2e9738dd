"""Examples of audit entries, and what their operation refuses."""

from typing import Any

from backoffice.api.examples.common import COMMON, ID, QUERY, REQUEST_ID

ENTRY: dict[str, Any] = {
    "id": f"aud_{ID}",
    "object": "audit_entry",
    "created_at": "2026-11-26T10:00:00.000Z",
    "actor": {"type": "api_key", "id": f"key_{ID}", "name": "backend"},
    "action": "applicant.updated",
    "subject": {"type": "applicant", "id": f"app_{ID}"},
    "result": "ok",
    "changes": {"fields": ["address"]},
    "ip": "203.0.113.7",
    "request_id": REQUEST_ID,
}
CODES: dict[str, tuple[str, ...]] = {
    "audit_entries.list": (*COMMON, *QUERY, "not_found", "invalid_cursor", "invalid_date", "out_of_range"),
}
"""The codes that each operation can answer."""
SUCCESSES: dict[tuple[str, str], tuple[str, object]] = {
    ("/audit_entries", "get"): ("200", {"data": [ENTRY], "next_cursor": f"aud_{ID}", "has_more": True}),
}
