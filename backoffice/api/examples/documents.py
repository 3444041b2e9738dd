"""Examples of documents, and what their operations refuse."""

from typing import Any

from backoffice.api.examples.common import (
    COMMON,
    EVER,
    ID,
    IDEMPOTENCY,
    IDEMPOTENT,
    JSON_BODY,
    KEY,
    QUERY,
    REQUEST_ID,
    RIGHT,
)

DOCUMENT: dict[str, Any] = {
    "id": f"doc_{ID}",
    "object": "document",
    "livemode": True,
    "version": 5,
    "applicant_id": f"app_{ID}",
    "verification_id": f"ver_{ID}",
    "external_id": "user-8841",
    "type": "passport",
    "issuing_country": "FRA",
    "status": "rejected",
    "attempt": 1,
    "max_attempts": 3,
    "replaces": None,
    "files": [
        {
            "id": f"fil_{ID}",
            "side": "front",
            "mime_type": "image/jpeg",
            "bytes": 214032,
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "width": 1600,
            "height": 1100,
            "masked": None,
        }
    ],
    "extracted": {
        "document_number": {
            "value": "12AB34567",
            "confidence": 0.98,
            "source": "mrz",
            "model": None,
            "box": [0.1, 0.82, 0.3, 0.05],
            "file_id": f"fil_{ID}",
        }
    },
    "checks": [
        {
            "id": f"chk_{ID}",
            "name": "image_quality",
            "status": "failed",
            "score": 0.14,
            "threshold": 0.5,
            "model": "laplacian@1",
            "reasons": ["image_glare"],
            "duration_ms": 84,
        }
    ],
    "risk_score": 0.12,
    "decision": {
        "id": f"dec_{ID}",
        "outcome": "rejected",
        "retryable": True,
        "reasons": [
            {
                "code": "image_glare",
                "applicant_message": "Light reflects on the document. Tilt it a little and take the picture again.",
            }
        ],
        "decided_by": {"type": "reviewer"},
        "message": None,
        "sender": {"name": "Acme", "color": "#1e3a8a", "support_contact": "help@acme.example", "sign_off": None},
        "policy_version": None,
        "decided_at": "2026-11-23T10:04:11.120Z",
    },
    "sla": {"due_at": "2026-11-23T14:00:00.000Z", "breached": False},
    "metadata": {"campaign": "autumn"},
    "created_at": "2026-11-23T10:00:00.000Z",
    "submitted_at": "2026-11-23T10:00:00.000Z",
    "completed_at": "2026-11-23T10:04:11.120Z",
    "retention": {"delete_after": None, "legal_hold": False},
    "redacted_at": None,
}
NEW: dict[str, Any] = {
    **DOCUMENT,
    "version": 1,
    "status": "submitted",
    "extracted": {},
    "checks": [],
    "risk_score": None,
    "decision": None,
    "completed_at": None,
}
CANCELED: dict[str, Any] = {
    **NEW,
    "version": 2,
    "status": "canceled",
    "extracted": None,
    "completed_at": "2026-11-23T10:01:00.000Z",
}
APPEALED: dict[str, Any] = {**DOCUMENT, "version": 6, "status": "in_review", "extracted": None, "completed_at": None}
APPEAL = {"reason": "The light hides nothing that matters: every field can be read."}
PAGE = {"data": [DOCUMENT], "next_cursor": f"doc_{ID}", "has_more": True}
HISTORY = {
    "data": [
        {
            "id": f"evt_{ID}",
            "object": "event",
            "type": "document.created",
            "api_version": "v1",
            "livemode": True,
            "created_at": "2026-11-23T10:00:00.000000Z",
            "subject": {"type": "document", "id": f"doc_{ID}"},
            "sequence": 1,
            "data": {"object": {"id": f"doc_{ID}", "object": "document", "status": "submitted", "version": 1}},
            "request_id": REQUEST_ID,
        }
    ],
    "next_cursor": None,
    "has_more": False,
}
LINK = {"url": "https://kyc.example/api/v1/files/cm9r…", "expires_at": "2026-11-23T10:06:00.000Z"}

CODES: dict[str, tuple[str, ...]] = {
    "documents.submit": (
        *COMMON,
        *IDEMPOTENT,
        *QUERY,
        "malformed_multipart",
        "not_found",
        "request_timeout",
        "not_replaceable",
        "verification_closed",
        "applicant_erased",
        "file_too_large",
        "request_too_large",
        "unsupported_media_type",
        "missing",
        "duplicate_field",
        "invalid_encoding",
        "invalid_json",
        "invalid_choice",
        "invalid_country",
        "invalid_date",
        "out_of_range",
        "sides_mismatch",
        "metadata_too_large",
        "too_many_files",
        "applicant_conflict",
        "verification_conflict",
        "file_empty",
        "file_corrupt",
        "file_encrypted",
        "image_too_small",
        "too_many_pages",
        "active_content",
        "resubmission_limit_exceeded",
        "quota_exceeded",
    ),
    "documents.list": (
        *COMMON,
        *QUERY,
        "not_found",
        "invalid_choice",
        "invalid_cursor",
        "invalid_date",
        "out_of_range",
    ),
    "documents.read": (*COMMON, "not_found", "unknown_field"),
    "documents.file": (
        *COMMON,
        "not_found",
        "erased",
        "attribute_denied",
        "file_not_ready",
        "file_not_masked",
        "unknown_field",
        "invalid_choice",
    ),
    "documents.cancel": (*COMMON, *IDEMPOTENT, *JSON_BODY, "not_found", "illegal_move"),
    "documents.appeal": (
        *COMMON,
        *IDEMPOTENT,
        *JSON_BODY,
        "not_found",
        "not_reopenable",
        "not_appealable",
        "applicant_erased",
        "reason_length",
        "missing",
    ),
    "documents.served": ("not_found", "link_expired", "erased", *KEY[1:], *RIGHT[1:], *EVER),
}
"""The codes that each operation can answer."""


SUCCESSES: dict[tuple[str, str], tuple[str, object]] = {
    ("/documents", "post"): ("201", NEW),
    ("/documents", "get"): ("200", PAGE),
    ("/documents/{document_id}", "get"): ("200", DOCUMENT),
    ("/documents/{document_id}/history", "get"): ("200", HISTORY),
    ("/documents/{document_id}/files/{file_id}", "get"): ("200", LINK),
    ("/documents/{document_id}/cancel", "post"): ("200", CANCELED),
    ("/documents/{document_id}/appeal", "post"): ("200", APPEALED),
}
KINDS = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/tiff", "application/pdf")
"""What a file can be."""
LINE = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
"""One line with something on it, as other tools read it."""
_ID_FIELD = {"type": "string", "maxLength": 40}
SUBMIT: dict[str, Any] = {
    "parameters": IDEMPOTENCY["parameters"],
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": 6,
                            "items": {"type": "string", "format": "binary"},
                            "description": "JPEG, PNG, WebP, HEIC, TIFF or PDF by content, at most 15 MB each, PDF at "
                            "most 10 pages.",
                        },
                        "sides": {
                            "type": "array",
                            "maxItems": 6,
                            "items": {"type": "string", "enum": ["front", "back", "selfie", "page"]},
                            "description": "One per file in the same order, as repeated fields or separated by commas. "
                            "Without it: front, back, then pages.",
                        },
                        "type": {"$ref": "#/components/schemas/DocumentType"},
                        "issuing_country": {"type": "string", "format": "country"},
                        "applicant": {"$ref": "#/components/schemas/ApplicantIn"},
                        "applicant_id": _ID_FIELD
                        | {"description": "Instead of `applicant`, for somebody you sent before."},
                        "verification_id": _ID_FIELD | {"description": "Made when absent."},
                        "external_id": {
                            "type": "string",
                            "maxLength": 200,
                            "pattern": LINE,
                            "description": "Your own id.",
                        },
                        "replaces": _ID_FIELD
                        | {"description": "The document that waits for a resubmission; it becomes superseded."},
                        "metadata": {"type": "object"},
                    },
                },
                "encoding": {
                    "files": {"contentType": ", ".join(KINDS)},
                    "applicant": {"contentType": "application/json"},
                    "metadata": {"contentType": "application/json"},
                },
                "example": {
                    "files": ["(passport.jpg)"],
                    "sides": ["front"],
                    "type": "passport",
                    "issuing_country": "FRA",
                    "applicant": {"given_names": "Camille", "surname": "Specimen", "date_of_birth": "1990-04-12"},
                    "external_id": "user-8841",
                },
            }
        },
    },
}
