"""Every refusal as `application/problem+json` (RFC 9457), without the value that was sent and without a stack."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from logging import getLogger
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from backoffice.api import refusals
from backoffice.api.auth import client_ip
from backoffice.api.limits import ANONYMOUS, limit
from backoffice.api.ratelimit_fields import QUOTA_TYPE
from backoffice.api.routing import allowed_methods
from backoffice.errors import BackofficeError, Invalid, TooMany
from backoffice.settings import settings

log = getLogger(__name__)
MEDIA_TYPE = "application/problem+json"

TITLES: dict[str, tuple[int, str]] = {
    "bad_request": (400, "The request cannot be read"),
    "malformed_multipart": (400, "The multipart body is damaged"),
    "invalid_idempotency_key": (400, "The Idempotency-Key is not usable"),
    "missing_api_key": (401, "An API key is needed"),
    "invalid_api_key": (401, "The API key is not known"),
    "api_key_expired": (401, "The API key has expired"),
    "api_key_revoked": (401, "The API key has been revoked"),
    "api_key_replaced": (401, "The API key's secret has been replaced"),
    "insufficient_scope": (403, "The API key lacks a scope"),
    "ip_not_allowed": (403, "The address is not allowed"),
    "partner_suspended": (403, "The partner is suspended"),
    "test_only": (403, "This works with test data only"),
    "wider_key": (403, "A key cannot hand on more than it has"),
    "own_key": (403, "A key cannot do this to itself"),
    "attribute_denied": (403, "The API key may not read this attribute"),
    "not_found": (404, "There is no such thing"),
    "erased": (404, "The data has been erased"),
    "link_expired": (404, "The link has ended"),
    "method_not_allowed": (405, "The method is not allowed here"),
    "request_timeout": (408, "The request came in too slowly"),
    "illegal_move": (409, "The document cannot do this now"),
    "not_reopenable": (409, "The document is not decided"),
    "not_appealable": (409, "This cannot be appealed against"),
    "question_closed": (409, "The question is closed"),
    "not_replaceable": (409, "The document does not wait for a replacement"),
    "verification_closed": (409, "The verification is closed"),
    "applicant_erased": (409, "The applicant has been erased"),
    "too_many_endpoints": (409, "There are too many webhook endpoints"),
    "endpoint_disabled": (409, "The webhook endpoint is switched off"),
    "file_not_ready": (409, "The picture is not ready yet"),
    "file_not_masked": (409, "The file may show what must be covered first"),
    "not_awaiting_upload": (409, "The document does not wait for files"),
    "upload_missing": (409, "A file was not sent yet"),
    "upload_changed": (409, "A file was sent again meanwhile"),
    "stale_version": (409, "It has changed at this very moment"),
    "api_key_ended": (409, "The API key has ended"),
    "idempotency_in_progress": (409, "The first request is still running"),
    "precondition_failed": (412, "It has changed since it was read"),
    "file_too_large": (413, "A file is too large"),
    "request_too_large": (413, "The request is too large"),
    "unsupported_media_type": (415, "The content is not supported"),
    "invalid": (422, "The request is wrong"),
    "missing": (422, "A field is missing"),
    "unknown_field": (422, "There is no such field"),
    "duplicate_field": (422, "A field was sent twice"),
    "invalid_encoding": (422, "Text is not UTF-8"),
    "control_characters": (422, "Text holds control characters"),
    "card_number": (422, "Text holds the number of a payment card"),
    "invalid_json": (422, "JSON cannot be read"),
    "invalid_type": (422, "A value has the wrong type"),
    "invalid_value": (422, "A value is wrong"),
    "invalid_choice": (422, "A value is not one of the choices"),
    "invalid_country": (422, "The country is not known"),
    "invalid_date": (422, "The date is not a date"),
    "text_length": (422, "The text is too short or too long"),
    "reason_length": (422, "The reason is too short or too long"),
    "out_of_range": (422, "A value is out of range"),
    "too_long": (422, "A value is too long"),
    "invalid_cursor": (422, "The cursor is not usable"),
    "unknown_event_type": (422, "The event type is not known"),
    "url_not_allowed": (422, "The address cannot be called"),
    "invalid_description": (422, "The description is not usable"),
    "sides_mismatch": (422, "Files and sides do not match"),
    "metadata_too_large": (422, "The metadata is too large"),
    "too_many_files": (422, "There are too many files"),
    "applicant_conflict": (422, "The applicant is not clear"),
    "verification_conflict": (422, "The verification is not clear"),
    "file_empty": (422, "A file is empty"),
    "file_corrupt": (422, "A file is damaged"),
    "file_encrypted": (422, "A file is encrypted"),
    "image_too_small": (422, "A picture is too small"),
    "too_many_pages": (422, "A file has too many pages"),
    "active_content": (422, "A file holds active content"),
    "resubmission_limit_exceeded": (422, "All attempts are used up"),
    "reason_unknown": (422, "There is no such reason"),
    "reasons_not_allowed": (422, "This outcome takes no reasons"),
    "idempotency_mismatch": (422, "The Idempotency-Key was used for another request"),
    "invalid_name": (422, "The name is not usable"),
    "invalid_scope": (422, "The scopes are not usable"),
    "invalid_address": (422, "An address is not usable"),
    "too_many_addresses": (422, "There are too many addresses"),
    "invalid_expiry": (422, "The expiry is not usable"),
    "unknown_attribute": (422, "There is no such attribute"),
    "too_many_requests": (429, "Too many requests"),
    "quota_exceeded": (429, "The month's documents are used up"),
    "internal_error": (500, "Something broke on our side"),
    "unavailable": (503, "A part of the service is away"),
    "region_unavailable": (503, "The region of your data is away"),
}
"""Every code that this API answers, with its status and its title; the documentation lists the same."""

_KINDS: tuple[tuple[str, str, str], ...] = (
    (r"missing", "missing", "This is required."),
    (r"extra_forbidden", "unknown_field", "There is no such field."),
    (r"json_invalid", "invalid_json", "This is not valid JSON."),
    (r"enum|literal_error", "invalid_choice", "This is not one of the choices."),
    (r"string_too_long|too_long", "too_long", "This is too long."),
    (r"string_too_short|too_short", "invalid_value", "This is too short."),
    (r"(greater|less)_than.*", "out_of_range", "This is out of range."),
    (r"(date|time|timezone).*", "invalid_date", "This is not a time of RFC 3339 with its zone."),
    (r".*_(type|parsing)", "invalid_type", "This has the wrong type."),
)


def problem(  # noqa: PLR0913 the members of RFC 9457
    request: Request,
    code: str,
    detail: str,
    *,
    status: int | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """Write one problem; `errors` name each wrong place by JSON pointer."""
    request.state.refusal = {"code": code, "errors": [{"pointer": e["pointer"], "code": e["code"]} for e in errors]}
    known_status, title = TITLES.get(code, (status or 500, HTTPStatus(status or 500).phrase))
    body: dict[str, Any] = {
        "type": f"{settings().url}/api/v1/docs#error-{code}",
        "title": title,
        "status": status or known_status,
        "detail": detail,
        "code": code,
        "request_id": getattr(request.state, "request_id", ""),
        "errors": list(errors),
        **(extra or {}),
    }
    return JSONResponse(body, body["status"], headers=dict(headers or {}), media_type=MEDIA_TYPE)


def entry(pointer: str, detail: str, code: str) -> dict[str, str]:
    """Name one wrong place."""
    return {"pointer": pointer, "detail": detail, "code": code}


async def on_backoffice_error(request: Request, error: Exception) -> JSONResponse:
    """Translate what a service refused."""
    if not isinstance(error, BackofficeError) or error.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request_failed", extra={"error": type(error).__name__, "request_id": request.state.request_id})
        return internal_error(request)
    if error.status == HTTPStatus.FORBIDDEN:
        await refusals.note_request(request, error.code)
    errors = [entry(error.pointer, str(error), error.code)] if error.pointer else []
    if isinstance(error, Invalid) and error.errors:
        errors = [entry(*one) for one in error.errors]
    headers: dict[str, str] = {}
    extra: dict[str, Any] = {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="partner api"'
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after)
        extra = {"type": QUOTA_TYPE, "violated-policies": list(error.policies)}
    if error.code == "idempotency_in_progress" or error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "1"
    return problem(request, error.code, str(error), status=error.status, errors=errors, headers=headers, extra=extra)


async def on_validation_error(request: Request, error: Exception) -> JSONResponse:
    """Translate pydantic's findings into our own sentences: its own may repeat what was sent."""
    found: Sequence[Mapping[str, Any]] = error.errors() if isinstance(error, RequestValidationError) else []
    errors = [_finding(one) for one in found]
    first = errors[0] if errors else entry("", "The request is wrong.", "invalid")
    return problem(request, first["code"], first["detail"], status=422, errors=errors)


def _finding(found: Mapping[str, Any]) -> dict[str, str]:
    place = [str(part) for part in found["loc"][1:]]
    return entry(pointer(*place), *describe(str(found["type"])))


def describe(kind: str) -> tuple[str, str]:
    """Say what pydantic found, as (sentence, code)."""
    for pattern, code, sentence in _KINDS:
        if re.fullmatch(pattern, kind):
            return sentence, code
    if kind in TITLES:
        return TITLES[kind][1] + ".", kind
    return "This value is wrong.", "invalid_value"


def pointer(*parts: str) -> str:
    """Write a JSON pointer (RFC 6901); a name that we do not know is cut, so that nobody prints a book through us."""
    return "".join("/" + part[:64].replace("~", "~0").replace("/", "~1") for part in parts)


async def on_http_exception(request: Request, error: Exception) -> JSONResponse:
    """Translate what the framework itself answers: no such route, wrong method.

    No key was asked for, so the request counts by its address.
    """
    try:
        await limit(request, ANONYMOUS, client_ip(request))
    except TooMany as refusal:
        return await on_backoffice_error(request, refusal)
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = allowed_methods(request)
    code = {404: "not_found", 405: "method_not_allowed", 413: "request_too_large", 415: "unsupported_media_type"}
    detail = {404: "There is no such address in this API.", 405: "This address does not answer that method."}
    return problem(
        request,
        code.get(status, "bad_request"),
        detail.get(status, "The request cannot be read."),
        status=status,
        headers=headers,
    )


def unread(request: Request) -> JSONResponse:
    """Say that a body ended before it was whole, to whoever still listens: a damaged body looks like a client's end."""
    return problem(request, "bad_request", "The body ended early or is damaged. Send the request again.")


def internal_error(request: Request) -> JSONResponse:
    """Say that it is our fault, and nothing about how."""
    return problem(request, "internal_error", "Something broke on our side. Tell us the request id and try again.")
