"""The shapes of `/documents/{id}/questions`."""

from datetime import datetime
from typing import Literal

from backoffice.api.v1.schemas import Out


class QuestionOut(Out):
    """What a reviewer wants to know before deciding; the texts are null for a key without `personal:read`."""

    id: str
    object: Literal["question"]
    document_id: str
    status: Literal["open", "answered", "closed"]
    """`closed` when the review went on without an answer."""
    text: str | None
    """What the reviewer asks."""
    answer: str | None
    """What you answered."""
    expires_at: datetime
    """When the review goes on without an answer."""
    created_at: datetime
    closed_at: datetime | None
    """When it was answered, or waited for no longer."""
