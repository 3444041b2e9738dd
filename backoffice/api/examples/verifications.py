"""Examples of verifications, and what their operations refuse."""

from typing import Any

from backoffice.api.examples.common import COMMON, ID, IDEMPOTENT, JSON_BODY, QUERY

GIVEN: dict[str, Any] = {
    "applicant_id": f"app_{ID}",
    "required_types": ["passport", "proof_of_address"],
    "external_id": "onboarding-8841",
}
NEW: dict[str, Any] = {
    "id": f"ver_{ID}",
    "object": "verification",
    "livemode": True,
    "applicant_id": f"app_{ID}",
    "external_id": "onboarding-8841",
    "status": "created",
    "required_types": ["passport", "proof_of_address"],
    "missing": ["passport", "proof_of_address"],
    "documents": [],
    "created_at": "2026-11-26T10:00:00.000Z",
    "updated_at": "2026-11-26T10:00:00.000Z",
    "canceled_at": None,
}
VERIFICATION: dict[str, Any] = {
    **NEW,
    "status": "processing",
    "missing": ["proof_of_address"],
    "documents": [{"id": f"doc_{ID}", "type": "passport", "status": "processing"}],
    "updated_at": "2026-11-26T10:05:00.000Z",
}
CANCELED: dict[str, Any] = {
    **VERIFICATION,
    "status": "canceled",
    "missing": ["passport", "proof_of_address"],
    "documents": [{"id": f"doc_{ID}", "type": "passport", "status": "canceled"}],
    "updated_at": "2026-11-26T10:06:00.000Z",
    "canceled_at": "2026-11-26T10:06:00.000Z",
}
CODES: dict[str, tuple[str, ...]] = {
    "verifications.create": (
        *COMMON,
        *IDEMPOTENT,
        *JSON_BODY,
        "not_found",
        "applicant_erased",
        "missing",
        "invalid_choice",
        "invalid_country",
        "invalid_date",
        "applicant_conflict",
    ),
    "verifications.list": (
        *COMMON,
        *QUERY,
        "not_found",
        "invalid_choice",
        "invalid_cursor",
        "invalid_date",
        "out_of_range",
    ),
    "verifications.read": (*COMMON, "not_found", "unknown_field"),
    "verifications.cancel": (*COMMON, *IDEMPOTENT, *JSON_BODY, "not_found", "illegal_move", "stale_version"),
}
"""The codes that each operation can answer."""
SUCCESSES: dict[tuple[str, str], tuple[str, object]] = {
    ("/verifications", "post"): ("201", NEW),
    ("/verifications", "get"): ("200", {"data": [VERIFICATION], "next_cursor": f"ver_{ID}", "has_more": True}),
    ("/verifications/{verification_id}", "get"): ("200", VERIFICATION),
    ("/verifications/{verification_id}/cancel", "post"): ("200", CANCELED),
}
