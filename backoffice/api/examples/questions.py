"""Examples of questions, and what their operations refuse."""

from typing import Any

from backoffice.api.examples.common import COMMON, ID, IDEMPOTENT, JSON_BODY

ANSWER = {"text": "Yes: she married in June, and the passport still has her former name."}
QUESTION: dict[str, Any] = {
    "id": f"qst_{ID}",
    "object": "question",
    "document_id": f"doc_{ID}",
    "status": "open",
    "text": "Is the surname on the passport a former name of the applicant?",
    "answer": None,
    "expires_at": "2026-11-26T10:02:00.000Z",
    "created_at": "2026-11-23T10:02:00.000Z",
    "closed_at": None,
}
ANSWERED: dict[str, Any] = {**QUESTION, "status": "answered", "text": None, "closed_at": "2026-11-23T10:30:00.000Z"}
CODES: dict[str, tuple[str, ...]] = {
    "questions.list": (*COMMON, "not_found", "unknown_field"),
    "questions.answer": (*COMMON, *IDEMPOTENT, *JSON_BODY, "not_found", "question_closed", "text_length", "missing"),
}
"""The codes that each operation can answer."""
PAGE = {"data": [QUESTION], "next_cursor": None, "has_more": False}
SUCCESSES: dict[tuple[str, str], tuple[str, object]] = {
    ("/documents/{document_id}/questions", "get"): (
        "200",
        {"data": [QUESTION], "next_cursor": None, "has_more": False},
    ),
    ("/documents/{document_id}/questions/{question_id}/answer", "post"): ("200", ANSWERED),
}
