"""Examples and refusals of `/test`."""

from typing import Any

from backoffice.api.examples.common import COMMON, ID, IDEMPOTENT
from backoffice.api.examples.documents import DOCUMENT

BODY = (
    "unsupported_media_type",
    "request_too_large",
    "missing",
    "unknown_field",
    "invalid_type",
    "invalid_json",
    "invalid_encoding",
    "control_characters",
    "card_number",
    "too_long",
)
ADVANCE: dict[str, Any] = {"seconds": 14_400}
CLOCK: dict[str, Any] = {"object": "test_clock", "now": "2026-11-23T14:00:00.000Z", "ahead_seconds": 14_400}
SIMULATE: dict[str, Any] = {"document_id": f"doc_{ID}", "outcome": "rejected", "reasons": ["tampering_suspected"]}
SIMULATED: dict[str, Any] = {
    **DOCUMENT,
    "livemode": False,
    "status": "rejected",
    "extracted": None,
    "checks": [],
    "risk_score": None,
    "decision": {
        "id": f"dec_{ID}",
        "outcome": "rejected",
        "retryable": False,
        "reasons": [{"code": "tampering_suspected", "applicant_message": "We could not accept this document."}],
        "message": None,
        "sender": {"name": "Acme", "color": "#1e3a8a", "support_contact": "help@acme.example", "sign_off": None},
        "decided_by": {"type": "simulation"},
        "policy_version": None,
        "decided_at": "2026-11-23T10:00:02.000Z",
    },
    "completed_at": "2026-11-23T10:00:02.000Z",
}
MAGIC: dict[str, Any] = {
    "data": [
        {
            "object": "test_document",
            "name": "resubmission_blurred",
            "url": "https://kyc.example/api/v1/docs/sandbox/resubmission_blurred.jpg",
            "sha256": "9f2b7c0e5a1d4836b7e08c9d2f6a1e4357c8b0d9e2f1a3c4d5e6f708192a3b4c",
            "says": "Asked for again: the picture is blurred.",
            "outcome": "resubmission_requested",
            "reasons": ["image_blurred"],
            "applicant": {
                "given_names": "Rui Miguel",
                "surname": "dos Santos Leitão",
                "date_of_birth": "1970-12-10",
                "nationality": "PRT",
            },
        }
    ],
    "next_cursor": None,
    "has_more": False,
}
CODES: dict[str, tuple[str, ...]] = {
    "sandbox.clock": (*COMMON, "test_only", "unknown_field"),
    "sandbox.advance": (*COMMON, *IDEMPOTENT, *BODY, "test_only", "out_of_range"),
    "sandbox.simulate": (
        *COMMON,
        *IDEMPOTENT,
        *BODY,
        "test_only",
        "not_found",
        "illegal_move",
        "invalid_choice",
        "invalid_value",
        "reason_unknown",
        "reasons_not_allowed",
    ),
    "sandbox.documents": (*COMMON, "test_only", "unknown_field"),
}
SUCCESSES: dict[tuple[str, str], tuple[str, object]] = {
    ("/test/clock", "get"): ("200", CLOCK),
    ("/test/clock/advance", "post"): ("200", CLOCK),
    ("/test/simulate", "post"): ("200", SIMULATED),
    ("/test/documents", "get"): ("200", MAGIC),
}
