"""Examples of webhook endpoints and of the log of deliveries, and what their operations refuse."""

from typing import Any

from backoffice.api.examples.common import COMMON, ID, IDEMPOTENT, JSON_BODY, QUERY
from backoffice.services.event_types import BY_NAME

CREATE: dict[str, Any] = {
    "url": "https://hooks.partner.example/kyc",
    "event_types": ["document.approved", "document.rejected", "document.resubmission_requested"],
    "description": "production",
    "fifo": False,
    "max_per_second": None,
}
PATCH: dict[str, Any] = {"event_types": ["document.approved"], "max_per_second": 20, "paused": False}
ROTATE: dict[str, Any] = {"overlap_seconds": 86400}
RECOVER: dict[str, Any] = {
    "since": "2026-11-23T08:00:00Z",
    "until": "2026-11-23T10:00:00Z",
    "missing": True,
}
ENDPOINT: dict[str, Any] = {
    "id": f"whk_{ID}",
    "object": "webhook_endpoint",
    "livemode": True,
    **CREATE,
    "status": "enabled",
    "disabled_reason": None,
    "paused": False,
    "failing_since": None,
    "secret_changed_at": "2026-11-23T09:00:00.000Z",
    "previous_secret_until": None,
    "version": 1,
    "created_at": "2026-11-23T09:00:00.000Z",
}
NEW = ENDPOINT | {"secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"}
CHANGED = ENDPOINT | PATCH | {"version": 2}
ROTATED = NEW | {
    "version": 3,
    "secret_changed_at": "2026-11-23T11:00:00.000Z",
    "previous_secret_until": "2026-11-24T11:00:00.000Z",
}
DELETED = {"id": f"whk_{ID}", "object": "webhook_endpoint", "deleted": True}
DELIVERY: dict[str, Any] = {
    "id": f"dlv_{ID}",
    "object": "delivery",
    "livemode": True,
    "endpoint_id": f"whk_{ID}",
    "event_id": f"evt_{ID}",
    "event_type": "document.approved",
    "status": "pending",
    "attempt_count": 1,
    "last_status": 503,
    "last_error": None,
    "next_attempt_at": "2026-11-23T10:04:16.500Z",
    "delivered_at": None,
    "created_at": "2026-11-23T10:04:11.120Z",
}
OWED = DELIVERY | {"attempt_count": 0, "last_status": None, "next_attempt_at": "2026-11-23T10:04:11.120Z"}
TEST = OWED | {"event_type": "webhook_endpoint.test"}
REPLAYED = DELIVERY | {"attempt_count": 10, "next_attempt_at": "2026-11-26T14:00:00.000Z"}
ATTEMPT: dict[str, Any] = {
    "number": 1,
    "status": 503,
    "error": None,
    "duration_ms": 184,
    "connected_ms": 61,
    "first_byte_ms": 180,
    "address": "203.0.113.20",
    "request_headers": {
        "content-type": "application/json",
        "webhook-id": f"evt_{ID}",
        "webhook-timestamp": "1795687451",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    "response_headers": {"retry-after": "5"},
    "response_excerpt": "busy",
    "next_attempt_at": "2026-11-23T10:04:16.500Z",
    "created_at": "2026-11-23T10:04:11.310Z",
}
DETAIL = DELIVERY | {"event": BY_NAME["document.approved"].example(), "attempts": [ATTEMPT]}
LOG = {"data": [DELIVERY], "next_cursor": f"dlv_{ID}", "has_more": True}
RECOVERED = {
    "object": "recovery",
    "endpoint_id": f"whk_{ID}",
    "retried": 212,
    "added": 40,
    "has_more": False,
}
_ONE = (*COMMON, "not_found", "unknown_field")
_ACTION = (*_ONE, *IDEMPOTENT, *JSON_BODY)
_WISH = (*JSON_BODY, "unknown_event_type", "url_not_allowed", "invalid_description")
_PAGE = (*COMMON, *QUERY, "invalid_cursor", "out_of_range")

CODES: dict[str, tuple[str, ...]] = {
    "webhook_endpoints.create": (*COMMON, *IDEMPOTENT, *_WISH, "missing", "too_many_endpoints"),
    "webhook_endpoints.list": _PAGE,
    "webhook_endpoints.read": _ONE,
    "webhook_endpoints.change": (*_ONE, *_WISH, "invalid_choice", "precondition_failed"),
    "webhook_endpoints.delete": (*_ONE, "precondition_failed"),
    "webhook_endpoints.rotate": (*_ACTION, "precondition_failed"),
    "webhook_endpoints.test": (*_ACTION, "endpoint_disabled"),
    "webhook_endpoints.deliveries": (*_PAGE, "not_found", "invalid_choice", "invalid_date", "unknown_event_type"),
    "webhook_endpoints.recover": (*_ACTION, "missing", "invalid_date", "endpoint_disabled"),
    "deliveries.read": _ONE,
    "deliveries.replay": (*_ACTION, "endpoint_disabled"),
}
"""The codes that each operation can answer."""

_AT = "/webhook_endpoints/{endpoint_id}"
SUCCESSES: dict[tuple[str, str], tuple[str, object]] = {
    ("/webhook_endpoints", "post"): ("201", NEW),
    ("/webhook_endpoints", "get"): ("200", {"data": [ENDPOINT], "next_cursor": None, "has_more": False}),
    (_AT, "get"): ("200", ENDPOINT),
    (_AT, "patch"): ("200", CHANGED),
    (_AT, "delete"): ("200", DELETED),
    (f"{_AT}/rotate_secret", "post"): ("200", ROTATED),
    (f"{_AT}/test", "post"): ("200", TEST),
    (f"{_AT}/deliveries", "get"): ("200", LOG),
    (f"{_AT}/recover", "post"): ("200", RECOVERED),
    ("/deliveries/{delivery_id}", "get"): ("200", DETAIL),
    ("/deliveries/{delivery_id}/replay", "post"): ("200", REPLAYED),
}
