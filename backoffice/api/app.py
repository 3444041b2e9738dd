"""The partner API as one ASGI app, mounted by the product under `/api/v1`."""

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException

from backoffice.api import description, docs, exports, files, invoice_files, sandbox_files
from backoffice.api.envelope import Envelope
from backoffice.api.openapi.finish import finish
from backoffice.api.problems import on_backoffice_error, on_http_exception, on_validation_error
from backoffice.api.routing import refuse_names_as_ids
from backoffice.api.v1 import (
    api_keys,
    applicants,
    audit_entries,
    deliveries,
    documents,
    erasure_requests,
    events,
    invoices,
    questions,
    requests,
    sandbox,
    uploads,
    usage,
    usage_records,
    verifications,
    webhook_endpoints,
)
from backoffice.api.v1.schemas import ApplicantIn, Problem
from backoffice.api.webhook_description import add_webhooks
from backoffice.errors import BackofficeError

MOUNTED_AT = "/api/v1"
DESCRIPTION = """\
Send identity documents, follow them, and hear the decision.

**Keys.** `Authorization: Bearer kyc_live_…`. A key has scopes, may be bound to addresses and may expire. Keys that
begin with `kyc_test_` see test data only. A key without `personal:read` gets documents with `extracted` null.

**Errors** are `application/problem+json` (RFC 9457) with a stable `code`, the `request_id` and the place of each wrong
field. What belongs to somebody else does not exist: 404. Fields that are not listed here are refused.

**Idempotency.** Send `Idempotency-Key` with a POST and repeat it freely for 24 hours: the work is done once, and a
repeated answer carries `Idempotent-Replayed: true`.

**Lists** go from the newest to the oldest; go on with `cursor=<next_cursor>`. They are stable while rows arrive.

**Events** are a list without gaps (`GET /events`), a stream with the same cursor (`GET /events/stream`), and webhooks.

**Sandbox.** With a test key, a document that holds one of the pictures of `GET /test/documents` is decided by itself;
`/test/simulate` decides any other, and `/test/clock/advance` lets time pass.

**Limits.** Each key has two: so many requests at once (`burst`) and so many a day (`daily`); both come back steadily.
Requests that change something are counted by themselves as well (`write`, the same number, told with them alone).
`RateLimit-Policy` and `RateLimit` stand on every answer; after a 429 wait as long as `Retry-After` says. What one limit
refuses costs nothing at the other. Documents count per calendar month, see `GET /quota`.

**Rotation.** `POST /api_keys/{key_id}/rotate` makes a new secret beside the old one. Nothing happens until the new one
is used for the first time; then the old one lives through its grace, and `late_uses` counts who still comes with it.
"""


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Describe the API in OpenAPI 3.1, without the answers that the framework would give and we do not."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title,
            version=app.version,
            openapi_version="3.1.0",
            description=app.description,
            routes=app.routes,
            servers=[{"url": MOUNTED_AT}],
        )
        description.complete(schema)
        for name in ("HTTPValidationError", "ValidationError"):
            schema["components"]["schemas"].pop(name, None)
        description.add_shapes(schema, ApplicantIn, Problem)
        add_webhooks(schema)
        finish(schema, app.routes)
        app.openapi_schema = schema
    return app.openapi_schema


def build() -> FastAPI:
    """Build the app; the product builds it once."""
    app = FastAPI(
        title="Partner API",
        version="1.0.0",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        exception_handlers={
            BackofficeError: on_backoffice_error,
            RequestValidationError: on_validation_error,
            HTTPException: on_http_exception,
        },
    )
    app.add_middleware(Envelope)
    app.include_router(documents.router)
    app.include_router(questions.router)
    app.include_router(events.router)
    app.include_router(webhook_endpoints.router)
    app.include_router(deliveries.router)
    app.include_router(uploads.router)
    app.include_router(applicants.router)
    app.include_router(verifications.router)
    app.include_router(erasure_requests.router)
    app.include_router(audit_entries.router)
    app.include_router(usage.router)
    app.include_router(usage_records.router)
    app.include_router(invoices.router)
    app.include_router(invoice_files.router)
    app.include_router(api_keys.router)
    app.include_router(requests.router)
    app.include_router(sandbox.router)
    app.include_router(files.router)
    app.include_router(exports.router)
    app.include_router(sandbox_files.router)
    app.include_router(docs.router)
    refuse_names_as_ids(app)
    app.openapi = lambda: _openapi(app)
    return app


partner_api = build()
