"""Examples of API keys, and what their operations refuse."""

from typing import Any

from backoffice.api.examples.common import COMMON, ID, IDEMPOTENCY, IDEMPOTENT, QUERY

IF_MATCH: dict[str, Any] = {
    "parameters": [
        {
            "name": "If-Match",
            "in": "header",
            "required": False,
            "description": "The ETag that was read; the change is refused when somebody changed it meanwhile.",
            "schema": {"type": "string", "maxLength": 100},
            "example": '"3"',
        }
    ]
}
"""The header of changes to what several people change."""
REPEATED_IF_MATCH: dict[str, Any] = {"parameters": [*IDEMPOTENCY["parameters"], *IF_MATCH["parameters"]]}
NEW_KEY: dict[str, object] = {
    "name": "Onboarding server",
    "scopes": ["documents:read", "documents:write"],
    "ip_allowlist": ["203.0.113.0/24"],
    "denied_attributes": ["personal_number"],
    "expires_at": "2027-11-23T00:00:00Z",
}
CHANGE: dict[str, object] = {"name": "Onboarding server, Paris", "expires_at": None}
ROTATE: dict[str, object] = {"grace_seconds": 86_400}
SECRET: dict[str, object] = {
    "state": "active",
    "prefix": "kyc_test_7Xk2mQ9vLb4R",
    "last_four": "a8Zq",
    "created_at": "2026-11-23T10:00:00.000Z",
    "activated_at": "2026-11-23T10:00:00.000Z",
    "ends_at": None,
    "late_uses": 0,
    "last_used_at": "2026-11-23T10:04:11.120Z",
    "last_used_ip": "203.0.113.9",
}
PENDING: dict[str, object] = {
    **SECRET,
    "state": "pending",
    "prefix": "kyc_test_Pq81sD0aTz5M",
    "last_four": "K2wf",
    "activated_at": None,
    "last_used_at": None,
    "last_used_ip": None,
}
KEY: dict[str, object] = {
    "id": f"key_{ID}",
    "object": "api_key",
    "livemode": False,
    "version": 1,
    **NEW_KEY,
    "status": "active",
    "secrets": [SECRET],
    "created_at": "2026-11-23T10:00:00.000Z",
    "expires_at": "2027-11-23T00:00:00.000Z",
    "last_used_at": "2026-11-23T10:04:11.120Z",
    "last_used_ip": "203.0.113.9",
    "revoked_at": None,
}
MADE: dict[str, object] = {**KEY, "secret": "kyc_test_7Xk2mQ9vLb4R_(27 letters)_(checksum)"}
ROTATED: dict[str, object] = {
    **KEY,
    "version": 2,
    "secrets": [PENDING, SECRET],
    "secret": "kyc_test_Pq81sD0aTz5M_(27 letters)_(checksum)",
}
CHANGED: dict[str, object] = {**KEY, **CHANGE, "version": 2}
REVOKED: dict[str, object] = {
    **KEY,
    "version": 2,
    "status": "revoked",
    "revoked_at": "2026-11-23T12:00:00.000Z",
}
BODY = (
    "unknown_field",
    "unsupported_media_type",
    "request_too_large",
    "invalid_encoding",
    "control_characters",
    "card_number",
    "invalid_json",
    "invalid_type",
    "too_long",
)
FIELDS = (
    "invalid_value",
    "invalid_name",
    "invalid_scope",
    "invalid_address",
    "invalid_date",
    "invalid_expiry",
    "unknown_attribute",
)
OTHERS = ("not_found", "wider_key", "precondition_failed")
CODES: dict[str, tuple[str, ...]] = {
    "api_keys.create": (*COMMON, *IDEMPOTENT, *BODY, *FIELDS, "missing", "wider_key"),
    "api_keys.list": (*COMMON, *QUERY, "invalid_cursor", "out_of_range"),
    "api_keys.read": (*COMMON, "not_found", "unknown_field"),
    "api_keys.change": (*COMMON, *BODY, *FIELDS, *OTHERS, "api_key_ended"),
    "api_keys.rotate": (*COMMON, *IDEMPOTENT, *BODY, *OTHERS, "out_of_range", "api_key_ended"),
    "api_keys.revoke": (*COMMON, *OTHERS, "unknown_field", "own_key"),
}
SUCCESSES: dict[tuple[str, str], tuple[str, object]] = {
    ("/api_keys", "post"): ("201", MADE),
    ("/api_keys", "get"): ("200", {"data": [KEY], "next_cursor": None, "has_more": False}),
    ("/api_keys/{key_id}", "get"): ("200", KEY),
    ("/api_keys/{key_id}", "patch"): ("200", CHANGED),
    ("/api_keys/{key_id}/rotate", "post"): ("200", ROTATED),
    ("/api_keys/{key_id}", "delete"): ("200", REVOKED),
}
