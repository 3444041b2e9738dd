"""Reads a JSON body strictly: counted as it arrives, valid JSON once, no field that is not listed."""

from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from backoffice.api.problems import describe, pointer
from backoffice.api.texts import clean_text, read_object
from backoffice.errors import Invalid, TooLarge, Unsupported

MAX_BODY_BYTES = 64 * 1024
M = TypeVar("M", bound=BaseModel)
JSON_TYPES = frozenset({"", "application/json"})


async def json_body(request: Request, model: type[M]) -> M:
    """Read the body as one object of a known shape; an absent body counts as an empty object.

    Raises Unsupported for another media type, TooLarge, and Invalid with every wrong place.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = await _bytes(request)
    if raw and media_type not in JSON_TYPES:
        raise Unsupported("Send JSON with Content-Type: application/json.")
    return shaped(read_object(clean_text(raw, "") or "{}", ""), model)


async def _bytes(request: Request) -> bytes:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BODY_BYTES:
            raise TooLarge(f"A JSON body has at most {MAX_BODY_BYTES // 1024} KB.", code="request_too_large")
    return bytes(raw)


def shaped(given: dict[str, Any], model: type[M], place: str = "") -> M:
    """Check an object against a shape.

    Raises Invalid with our own sentences: the validator's may repeat what was sent.
    """
    try:
        return model.model_validate(given)
    except ValidationError as error:
        errors = tuple(
            (place + pointer(*(str(part) for part in one["loc"])), *describe(str(one["type"])))
            for one in error.errors(include_input=False, include_url=False, include_context=False)
        )
        raise Invalid(errors[0][1], code=errors[0][2], errors=errors) from None
