"""What the examples of several nouns share: an id, and the refusals that any operation can answer."""

from typing import Any

ID = "01k9x3h7c2f4v8m6n0p1q5r7s9"
REQUEST_ID = "req_019ab3f0c2f47d8e9a1b2c3d4e5f6071"
KEY = ("missing_api_key", "invalid_api_key", "api_key_expired", "api_key_revoked", "api_key_replaced")
RIGHT = ("insufficient_scope", "ip_not_allowed", "partner_suspended")
EVER = ("too_many_requests", "internal_error", "unavailable", "region_unavailable")
COMMON = (*KEY, *RIGHT, *EVER)
IDEMPOTENT = ("invalid_idempotency_key", "idempotency_in_progress", "idempotency_mismatch")
QUERY = ("unknown_field", "control_characters", "too_long", "invalid_value", "invalid_type")
JSON_BODY = (
    "request_too_large",
    "unsupported_media_type",
    "invalid_encoding",
    "invalid_json",
    "invalid_type",
    "invalid_value",
    "unknown_field",
    "control_characters",
    "card_number",
    "too_long",
    "out_of_range",
)
"""What can be wrong with any JSON body."""
IDEMPOTENCY: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "1 to 255 printable ASCII letters; the same key within 24 hours gives the same answer.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-\\[\\]-~]+$"},
            "example": "6f1c0e7a-2f0b-4a57-9f4e-0d8a2e1f7c55",
        }
    ]
}
"""The header that every POST takes."""
