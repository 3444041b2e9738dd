"""ETag and If-Match (RFC 9110 §8.8.3 and §13.1.1): two people who change the same thing notice each other."""

from fastapi import Request

from backoffice.errors import PreconditionFailed


def etag(version: int) -> str:
    """Write a version as a strong entity tag."""
    return f'"{version}"'


def check_if_match(request: Request, version: int) -> None:
    """Go on when the request names this version, any version, or none.

    Raises PreconditionFailed.
    """
    given = request.headers.getlist("if-match")
    if not given:
        return
    tags = [tag.strip() for tag in ",".join(given).split(",")]
    if "*" not in tags and etag(version) not in tags:
        raise PreconditionFailed("Somebody changed this meanwhile. Read it again, and then send its ETag in If-Match.")
