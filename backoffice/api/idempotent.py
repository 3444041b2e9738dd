"""Reads the `Idempotency-Key` header (IETF draft-ietf-httpapi-idempotency-key-header)."""

import re
from typing import Any

from fastapi import Request
from starlette.responses import JSONResponse

from backoffice.errors import BadRequest
from backoffice.services.idempotency import Answer, Attempt, fingerprint

BARE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,255}", re.ASCII)
REPLAYED = {"Idempotent-Replayed": "true"}


def attempt_of(request: Request, content: Any) -> Attempt | None:  # noqa: ANN401 any JSON value
    """Read the key, bare or quoted, and hash what is asked; None when no key was sent.

    Raises BadRequest for a key that is empty, too long or not printable ASCII.
    """
    values = request.headers.getlist("idempotency-key")
    if not values:
        return None
    key = values[0].strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if len(values) > 1 or not BARE.fullmatch(key):
        raise BadRequest("An Idempotency-Key is 1 to 255 printable ASCII letters.", code="invalid_idempotency_key")
    route = f"{request.method} {getattr(request.scope.get('route'), 'path', '')}"
    return Attempt(route, key, fingerprint([request.path_params, content]))


def answered(status: int, body: dict[str, Any], *, location: str | None = None) -> JSONResponse:
    """Answer for the first time."""
    return JSONResponse(body, status, headers={"Location": location} if location else None)


def replayed(answer: Answer, *, location: str | None = None) -> JSONResponse:
    """Answer again what was answered before."""
    return JSONResponse(
        answer.body, answer.status, headers={**REPLAYED, **({"Location": location} if location else {})}
    )
