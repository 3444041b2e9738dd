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
CHECKPOINT: dict[str, Any] = {
    "object": "audit_checkpoint",
    "origin": "backoffice/audit/7dde555fc3c1dbab",
    "size": 1_284_332,
    "root": "SBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=",
    "signed_at": "2026-11-26T10:00:00.000Z",
    "checkpoint": (
        "backoffice/audit/7dde555fc3c1dbab\n1284332\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n\n"
        "— backoffice/audit/7dde555fc3c1dbab "
        "bpLohYWQBMc6kHBjePAnVTjBAAqmyjBmXRbiB7E+YMZcZPVRUDLSn2l7Oi0vDmvHk1V3XLkhA71ctS7dOzFOdRiwXg4=\n"
    ),
    "public_key": "backoffice/audit/7dde555fc3c1dbab+6e92e885+Ad/g1fljx0jDHyG1XdkMPJx0r9Riwwo/+I8OAR3vTRtE",
    "consistency": {"since": 1_284_000, "proof": ["a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s="]},
}
CODES: dict[str, tuple[str, ...]] = {
    "audit_entries.list": (*COMMON, *QUERY, "not_found", "invalid_cursor", "invalid_date", "out_of_range"),
    "audit.checkpoint": (
        "unknown_field",
        "invalid_type",
        "out_of_range",
        "not_found",
        "too_many_requests",
        "internal_error",
        "unavailable",
    ),
}
"""The codes that each operation can answer."""
SUCCESSES: dict[tuple[str, str], tuple[str, object]] = {
    ("/audit_entries", "get"): ("200", {"data": [ENTRY], "next_cursor": f"aud_{ID}", "has_more": True}),
    ("/audit/checkpoint", "get"): ("200", CHECKPOINT),
}
