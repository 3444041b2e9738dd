"""What the documentation shows: one example per operation, and every refusal that it can answer."""

from typing import Any

from backoffice.api.problems import MEDIA_TYPE, TITLES
from backoffice.api.v1.schemas import Problem

ID = "01k9x3h7c2f4v8m6n0p1q5r7s9"
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
        }
    ],
    "extracted": {
        "document_number": {
            "value": "12AB34567",
            "confidence": 0.98,
            "source": "mrz",
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
            "request_id": "req_019ab3f0c2f47d8e9a1b2c3d4e5f6071",
        }
    ],
    "next_cursor": None,
    "has_more": False,
}
ANSWER_HEADERS: dict[str, Any] = {
    "X-Request-Id": {"description": "Name it when you ask us about a request.", "schema": {"type": "string"}},
    "RateLimit": {
        "description": "What is left, and the seconds until more.",
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {"description": "The quota and its window in seconds.", "schema": {"type": "string"}},
}
LINK = {"url": "https://kyc.example/api/v1/files/cm9r…", "expires_at": "2026-11-23T10:06:00.000Z"}

_KEY = ("missing_api_key", "invalid_api_key", "api_key_expired", "api_key_revoked")
_RIGHT = ("insufficient_scope", "ip_not_allowed", "partner_suspended")
_COMMON = (*_KEY, *_RIGHT, "too_many_requests", "internal_error", "unavailable")
_IDEMPOTENT = ("invalid_idempotency_key", "idempotency_in_progress", "idempotency_mismatch")
_QUERY = ("unknown_field", "control_characters", "too_long", "invalid_value", "invalid_type")
CODES: dict[str, tuple[str, ...]] = {
    "submit": (
        *_COMMON,
        *_IDEMPOTENT,
        *_QUERY,
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
    ),
    "list": (*_COMMON, *_QUERY, "not_found", "invalid_choice", "invalid_cursor", "invalid_date", "out_of_range"),
    "read": (*_COMMON, "not_found", "unknown_field"),
    "file": (*_COMMON, "not_found", "file_not_ready", "unknown_field", "invalid_choice"),
    "cancel": (*_COMMON, *_IDEMPOTENT, "not_found", "illegal_move", "unknown_field"),
    "served": ("not_found", "link_expired", "erased", *_KEY[1:], *_RIGHT[1:], "internal_error", "unavailable"),
}
"""The codes that each operation can answer."""


def problems(operation: str) -> dict[int | str, dict[str, Any]]:
    """Describe the refusals of an operation, grouped by status."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for code in dict.fromkeys(CODES[operation]):
        status, title = TITLES[code]
        answer = by_status.setdefault(
            status, {"model": Problem, "description": "", "content": {MEDIA_TYPE: {"examples": {}}}}
        )
        answer["description"] = (answer["description"] + f" `{code}`").strip()
        answer["content"][MEDIA_TYPE]["examples"][code] = {"summary": title, "value": _example(code, status, title)}
    return by_status


def _example(code: str, status: int, title: str) -> dict[str, Any]:
    return {
        "type": f"https://kyc.example/api/v1/docs#error-{code}",
        "title": title,
        "status": status,
        "detail": f"{title}.",
        "code": code,
        "request_id": "req_019ab3f0c2f47d8e9a1b2c3d4e5f6071",
        "errors": [],
    }


SUCCESSES: dict[tuple[str, str], tuple[str, object]] = {
    ("/documents", "post"): ("201", NEW),
    ("/documents", "get"): ("200", PAGE),
    ("/documents/{document_id}", "get"): ("200", DOCUMENT),
    ("/documents/{document_id}/history", "get"): ("200", HISTORY),
    ("/documents/{document_id}/files/{file_id}", "get"): ("200", LINK),
    ("/documents/{document_id}/cancel", "post"): ("200", CANCELED),
}
"""What each operation answers; set after the framework has written its document, because it drops every null."""


def complete(schema: dict[str, Any]) -> None:
    """Put the examples in, and take out what the framework would answer and we do not."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            for status in [status for status, answer in answers.items() if "HTTPValidationError" in str(answer)]:
                if MEDIA_TYPE not in answers[status]["content"]:
                    del answers[status]
            for answer in answers.values():
                if MEDIA_TYPE in answer.get("content", {}):
                    answer["content"].pop("application/json", None)
                    answer["content"][MEDIA_TYPE]["schema"] = {"$ref": "#/components/schemas/Problem"}
                answer["headers"] = ANSWER_HEADERS
            if (path, method) in SUCCESSES:
                status, example = SUCCESSES[path, method]
                answers[status]["content"]["application/json"]["example"] = example


_ID_FIELD = {"type": "string", "maxLength": 40}
SUBMIT: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "1 to 255 printable ASCII letters; the same key within 24 hours gives the same answer.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-\\[\\]-~]+$"},
            "example": "6f1c0e7a-2f0b-4a57-9f4e-0d8a2e1f7c55",
        }
    ],
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
                            "items": {"type": "string", "contentMediaType": "application/octet-stream"},
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
                        "issuing_country": {
                            "type": "string",
                            "pattern": "^[A-Z]{3}$",
                            "description": "ISO 3166-1 alpha-3.",
                        },
                        "applicant": {"$ref": "#/components/schemas/ApplicantIn"},
                        "applicant_id": _ID_FIELD
                        | {"description": "Instead of `applicant`, for somebody you sent before."},
                        "verification_id": _ID_FIELD | {"description": "Made when absent."},
                        "external_id": {"type": "string", "maxLength": 200, "description": "Your own id."},
                        "replaces": _ID_FIELD
                        | {"description": "The document that waits for a resubmission; it becomes superseded."},
                        "metadata": {
                            "type": "object",
                            "description": "Yours, at most 16 KB as JSON; no personal data please.",
                        },
                    },
                },
                "encoding": {
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
IDEMPOTENCY_HEADER: dict[str, Any] = {"parameters": SUBMIT["parameters"]}
