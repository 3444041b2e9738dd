"""Examples of applicants, and what their operations refuse."""

from typing import Any

from backoffice.api.examples.common import COMMON, ID, IDEMPOTENT, JSON_BODY, QUERY
from backoffice.api.examples.erasure_requests import RECEIVED

GIVEN: dict[str, Any] = {
    "given_names": "Camille",
    "surname": "Specimen",
    "date_of_birth": "1990-04-12",
    "nationality": "FRA",
    "email": "camille@example.org",
    "external_id": "user-8841",
    "language": "fr",
}
CHANGES: dict[str, Any] = {"address": "4 rue des Lilas, 75020 Paris", "phone": "+33 1 23 45 67 89"}
APPLICANT: dict[str, Any] = {
    "id": f"app_{ID}",
    "object": "applicant",
    "livemode": True,
    "version": 1,
    "external_id": "user-8841",
    "given_names": "Camille",
    "surname": "Specimen",
    "full_name": None,
    "date_of_birth": "1990-04-12",
    "nationality": "FRA",
    "address": None,
    "email": "camille@example.org",
    "phone": None,
    "document_number": None,
    "language": "fr",
    "created_at": "2026-11-26T10:00:00.000Z",
    "updated_at": "2026-11-26T10:00:00.000Z",
    "erased_at": None,
}
CHANGED = {**APPLICANT, "version": 2, **CHANGES, "updated_at": "2026-11-26T11:00:00.000Z"}
WRONG = ("invalid_country", "invalid_date")
CODES: dict[str, tuple[str, ...]] = {
    "applicants.create": (*COMMON, *IDEMPOTENT, *JSON_BODY, *WRONG),
    "applicants.list": (*COMMON, *QUERY, "invalid_cursor", "invalid_date", "out_of_range"),
    "applicants.read": (*COMMON, "not_found", "unknown_field"),
    "applicants.change": (*COMMON, *JSON_BODY, *WRONG, "not_found", "applicant_erased", "precondition_failed"),
    "applicants.erase": (*COMMON, "not_found", "unknown_field"),
}
"""The codes that each operation can answer."""
SUCCESSES: dict[tuple[str, str], tuple[str, object]] = {
    ("/applicants", "post"): ("201", APPLICANT),
    ("/applicants", "get"): ("200", {"data": [APPLICANT], "next_cursor": f"app_{ID}", "has_more": True}),
    ("/applicants/{applicant_id}", "get"): ("200", APPLICANT),
    ("/applicants/{applicant_id}", "patch"): ("200", CHANGED),
    ("/applicants/{applicant_id}", "delete"): ("202", RECEIVED),
}
