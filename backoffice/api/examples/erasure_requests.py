"""Examples of erasure requests, and what their operations refuse."""

from typing import Any

from backoffice.api.examples.common import COMMON, ID, QUERY

RECEIVED: dict[str, Any] = {
    "id": f"era_{ID}",
    "object": "erasure_request",
    "livemode": True,
    "applicant_id": f"app_{ID}",
    "status": "received",
    "requested_by": {"type": "api_key", "id": f"key_{ID}"},
    "created_at": "2026-11-26T12:00:00.000Z",
    "held_until": None,
    "hold_basis": None,
    "completed_at": None,
    "receipt": None,
}
STATEMENT: dict[str, Any] = {
    "object": "erasure_receipt",
    "version": 1,
    "request_id": f"era_{ID}",
    "partner_id": f"ptr_{ID}",
    "applicant_id": f"app_{ID}",
    "livemode": True,
    "requested_at": "2026-11-26T12:00:00.000000+00:00",
    "completed_at": "2026-11-26T12:00:01.400000+00:00",
    "erased": {"documents": 1, "files": 1, "objects": 3, "check_summaries": 12, "notes": 1, "data_keys": 1},
    "document_ids": [f"doc_{ID}"],
    "object_keys_sha256": ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
}
COMPLETED: dict[str, Any] = {
    **RECEIVED,
    "status": "completed",
    "completed_at": "2026-11-26T12:00:01.400Z",
    "receipt": {
        "statement": STATEMENT,
        "jws": "eyJhbGciOiJFZDI1NTE5Iiwia2lkIjoiLi4uIn0.eyJvYmplY3QiOi4uLn0.c2lnbmF0dXJl",
    },
}
KEY = {
    "kty": "OKP",
    "crv": "Ed25519",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
    "alg": "Ed25519",
    "use": "sig",
}
CODES: dict[str, tuple[str, ...]] = {
    "erasure_requests.list": (
        *COMMON,
        *QUERY,
        "not_found",
        "invalid_choice",
        "invalid_cursor",
        "invalid_date",
        "out_of_range",
    ),
    "erasure_requests.read": (*COMMON, "not_found", "unknown_field"),
    "erasure_requests.keys": ("unknown_field", "too_many_requests", "internal_error", "unavailable"),
}
"""The codes that each operation can answer."""
SUCCESSES: dict[tuple[str, str], tuple[str, object]] = {
    ("/erasure_requests", "get"): ("200", {"data": [COMPLETED], "next_cursor": None, "has_more": False}),
    ("/erasure_requests/{erasure_request_id}", "get"): ("200", COMPLETED),
    ("/keys/erasure", "get"): ("200", {"keys": [KEY]}),
}
