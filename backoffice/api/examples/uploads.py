"""Examples of the two-step upload, and what its operations refuse."""

from typing import Any

from backoffice.api.examples.common import COMMON, ID, IDEMPOTENT, JSON_BODY
from backoffice.api.examples.documents import NEW

GIVEN: dict[str, Any] = {
    "files": [{"side": "front"}, {"side": "back"}],
    "type": "national_id",
    "issuing_country": "FRA",
    "applicant": {"given_names": "Camille", "surname": "Specimen", "date_of_birth": "1990-04-12"},
    "external_id": "user-8841",
}
UPLOAD: dict[str, Any] = {
    "file_id": f"fil_{ID}",
    "side": "front",
    "method": "PUT",
    "url": "https://kyc.example/api/v1/uploads/AZql…",
    "headers": {"Content-Type": "application/octet-stream"},
    "expires_at": "2026-11-26T10:30:00.000Z",
}
ANNOUNCED: dict[str, Any] = {
    **NEW,
    "status": "awaiting_upload",
    "files": [],
    "sla": {"due_at": None, "breached": False},
    "submitted_at": None,
    "uploads": [UPLOAD],
}
RECEIVED = {
    "file_id": f"fil_{ID}",
    "side": "front",
    "bytes": 214032,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}
CODES: dict[str, tuple[str, ...]] = {
    "uploads.announce": (
        *COMMON,
        *IDEMPOTENT,
        *JSON_BODY,
        "not_found",
        "not_replaceable",
        "verification_closed",
        "applicant_erased",
        "missing",
        "invalid_choice",
        "invalid_country",
        "invalid_date",
        "metadata_too_large",
        "applicant_conflict",
        "verification_conflict",
        "resubmission_limit_exceeded",
    ),
    "uploads.addresses": (*COMMON, "not_found", "unknown_field"),
    "uploads.receive": (
        "link_expired",
        "erased",
        "request_timeout",
        "not_awaiting_upload",
        "file_too_large",
        "file_empty",
        "unknown_field",
        "too_many_requests",
        "internal_error",
        "unavailable",
    ),
    "uploads.submit": (
        *COMMON,
        *IDEMPOTENT,
        *JSON_BODY,
        "not_found",
        "not_awaiting_upload",
        "upload_missing",
        "upload_changed",
        "not_replaceable",
        "verification_closed",
        "applicant_erased",
        "file_too_large",
        "file_empty",
        "file_corrupt",
        "file_encrypted",
        "image_too_small",
        "too_many_pages",
        "active_content",
    ),
}
"""The codes that each operation can answer."""
SUCCESSES: dict[tuple[str, str], tuple[str, object]] = {
    ("/documents/uploads", "post"): ("201", ANNOUNCED),
    ("/documents/{document_id}/uploads", "get"): ("200", {"data": [UPLOAD], "next_cursor": None, "has_more": False}),
    ("/uploads/{token}", "put"): ("200", RECEIVED),
    ("/documents/{document_id}/submit", "post"): ("200", {**NEW, "version": 2}),
}
RAW_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The bytes of the file, at most 15 MB.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
