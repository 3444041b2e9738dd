"""Entity tags: a change can name the version that it was written for (RFC 9110 §8.8.3 and §13.1.1)."""

from typing import Any

from fastapi import Request

from backoffice.errors import PreconditionFailed

IF_MATCH: dict[str, Any] = {
    "parameters": [
        {
            "name": "If-Match",
            "in": "header",
            "required": False,
            "description": "The `ETag` that you read; the change is refused when somebody changed it since.",
            "schema": {"type": "string", "maxLength": 200},
            "example": '"3"',
        }
    ]
}
"""The header that a change of one thing takes."""


def etag(version: int) -> str:
    """Write the tag of one version."""
    return f'"{version}"'


def check_if_match(request: Request, version: int) -> None:
    """Stop a change that was written for another version; without `If-Match` every version is fine.

    Raises PreconditionFailed. Weak tags never match, as the comparison is strong.
    """
    values = request.headers.getlist("if-match")
    named = {tag.strip() for value in values for tag in value.split(",")}
    if values and "*" not in named and etag(version) not in named:
        raise PreconditionFailed("This has changed since you read it. Read it again, then send your change anew.")
