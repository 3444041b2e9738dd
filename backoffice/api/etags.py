"""Entity tags: nobody overwrites what they have not seen (RFC 9110 §8.8.3 and §13.1.1)."""

from typing import Any

from fastapi import Request

from backoffice.errors import PreconditionFailed

IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` that you read; with another version nothing happens and the answer is 412.",
    "schema": {"type": "string", "maxLength": 200},
    "example": '"3"',
}
HEADER: dict[str, Any] = {
    "ETag": {"description": "The version; send it back in `If-Match`.", "schema": {"type": "string"}, "example": '"3"'}
}


def etag(version: int) -> str:
    """Write the strong tag of a version."""
    return f'"{version}"'


def check_if_match(request: Request, version: int) -> None:
    """Stop unless the caller means this version, any, or said nothing; weak tags never match.

    Raises PreconditionFailed.
    """
    given = [tag.strip() for line in request.headers.getlist("if-match") for tag in line.split(",")]
    if given and not {"*", etag(version)} & set(given):
        raise PreconditionFailed("This is not the version that you read. Read it again, then decide.")
