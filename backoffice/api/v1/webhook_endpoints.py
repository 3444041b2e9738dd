"""`/webhook_endpoints`: where you want to be told, what was sent there, and sending it again."""

from datetime import timedelta
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from backoffice.api.auth import needs
from backoffice.api.bodies import json_body
from backoffice.api.description import problems, takes
from backoffice.api.etags import HEADER, IF_MATCH, check_if_match, etag
from backoffice.api.examples.common import IDEMPOTENCY
from backoffice.api.examples.webhook_endpoints import CREATE, PATCH, RECOVER, ROTATE
from backoffice.api.idempotent import once
from backoffice.api.texts import read_id
from backoffice.api.v1 import deliveries as delivery_lines
from backoffice.api.v1.representation import moment
from backoffice.api.v1.schemas import In, ListOut, NoQuery, PageQuery
from backoffice.api.v1.webhook_endpoint_schemas import (
    DeletedOut,
    DeliveryOut,
    DeliveryQuery,
    EndpointIn,
    EndpointOut,
    EndpointPatch,
    EndpointWithSecretOut,
    RecoverIn,
    RecoveryOut,
    RotateIn,
)
from backoffice.db import transaction
from backoffice.errors import Invalid
from backoffice.models.base import Prefix, public_id
from backoffice.models.webhooks import EndpointStatus, WebhookEndpoint
from backoffice.services import deliveries, event_types, webhook_endpoints
from backoffice.services.access import Actor, Permission
from backoffice.services.webhook_endpoints import Wish

router = APIRouter(prefix="/webhook_endpoints", tags=["Webhooks"])
Reader = Annotated[Actor, Depends(needs(Permission.WEBHOOKS_READ))]
Writer = Annotated[Actor, Depends(needs(Permission.WEBHOOKS_WRITE))]
Nothing = Annotated[NoQuery, Query()]
TAGGED: dict[int | str, dict[str, Any]] = {200: {"headers": HEADER}}
"""An answer with its version."""


def represent(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """Write an endpoint without its secret."""
    return {
        "id": public_id(Prefix.WEBHOOK_ENDPOINT, endpoint.id),
        "object": "webhook_endpoint",
        "livemode": endpoint.livemode,
        "url": endpoint.url,
        "description": endpoint.description,
        "event_types": list(endpoint.event_types),
        "fifo": endpoint.fifo,
        "max_per_second": endpoint.max_per_second,
        "status": endpoint.status,
        "disabled_reason": endpoint.disabled_reason or None,
        "paused": endpoint.is_paused,
        "failing_since": moment(endpoint.failing_since),
        "secret_changed_at": moment(endpoint.secret_changed_at),
        "previous_secret_until": moment(endpoint.previous_secret_until),
        "version": endpoint.version,
        "created_at": moment(endpoint.created_at),
    }


def _answer(endpoint: WebhookEndpoint) -> JSONResponse:
    return JSONResponse(represent(endpoint), headers={"ETag": etag(endpoint.version)})


@router.post(
    "",
    status_code=201,
    response_model=EndpointWithSecretOut,
    summary="Make a webhook endpoint",
    openapi_extra=takes(EndpointIn, CREATE),
    responses=problems("webhook_endpoints.create") | {201: {"headers": HEADER}},
)
async def create(request: Request, actor: Writer, query: Nothing) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Say where we should POST events to; everything that happens from then on is owed to it.

    The answer holds `secret`, by which you verify that a message is ours. Keep it: nobody is shown it again.
    """
    given = await json_body(request, EndpointIn)
    wish = given.model_dump()

    async def work(session: AsyncSession) -> tuple[int, dict[str, Any]]:
        endpoint, secret = await webhook_endpoints.create(session, actor, livemode=bool(actor.livemode), **wish)
        return 201, represent(endpoint) | {"secret": secret}

    check = partial(webhook_endpoints.check_url, given.url)
    place = "/api/v1/webhook_endpoints/"
    return await once(request, actor, wish, work, at=place, before=check, is_versioned=True)


@router.get(
    "",
    response_model=ListOut[EndpointOut],
    summary="List webhook endpoints",
    responses=problems("webhook_endpoints.list"),
)
async def index(actor: Reader, query: Annotated[PageQuery, Query()]) -> JSONResponse:
    """Walk your endpoints newest first."""
    async with transaction(actor.tenancy) as session:
        page = await webhook_endpoints.page(session, actor, cursor=query.cursor, limit=query.limit)
    body = {"data": [represent(row) for row in page.rows], "next_cursor": page.next_cursor, "has_more": page.has_more}
    return JSONResponse(body)


@router.get(
    "/{endpoint_id}",
    response_model=EndpointOut,
    summary="Read a webhook endpoint",
    responses=problems("webhook_endpoints.read") | TAGGED,
)
async def show(actor: Reader, endpoint_id: str, query: Nothing) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Read one endpoint; its `ETag` is what `If-Match` asks for."""
    async with transaction(actor.tenancy) as session:
        return _answer(await webhook_endpoints.get(session, actor, read_id(Prefix.WEBHOOK_ENDPOINT, endpoint_id)))


@router.patch(
    "/{endpoint_id}",
    response_model=EndpointOut,
    summary="Change a webhook endpoint",
    openapi_extra=takes(EndpointPatch, PATCH, is_post=False) | {"parameters": [IF_MATCH]},
    responses=problems("webhook_endpoints.change") | TAGGED,
)
async def change(request: Request, actor: Writer, endpoint_id: str, query: Nothing) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Change what you name and leave the rest; switch it off and on by `status`, hold it back by `paused`."""
    row_id = read_id(Prefix.WEBHOOK_ENDPOINT, endpoint_id)
    given = await json_body(request, EndpointPatch)
    if "url" in given.model_fields_set:
        await webhook_endpoints.check_url(given.url)
    async with transaction(actor.tenancy) as session:
        endpoint = await webhook_endpoints.to_change(session, actor, row_id)
        check_if_match(request, endpoint.version)
        await webhook_endpoints.change(session, actor, row_id, **_wish(given))
        if "status" in given.model_fields_set:
            switch = webhook_endpoints.enable if given.status == EndpointStatus.ENABLED else webhook_endpoints.disable
            await switch(session, actor, row_id)
        return _answer(endpoint)


def _wish(given: EndpointPatch) -> Wish:
    """Take over what is named; the pause has another name inside."""
    wish = Wish()
    named = given.model_dump(exclude_unset=True, exclude={"status"})
    if "paused" in named:
        wish["is_paused"] = named.pop("paused")
    wish.update(named)  # pyright: ignore[reportArgumentType, reportCallIssue] the same names
    return wish


@router.delete(
    "/{endpoint_id}",
    response_model=DeletedOut,
    summary="Delete a webhook endpoint",
    openapi_extra={"parameters": [IF_MATCH]},
    responses=problems("webhook_endpoints.delete"),
)
async def delete(request: Request, actor: Writer, endpoint_id: str, query: Nothing) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Take an endpoint away: nothing is sent to it any more, what it is owed is canceled."""
    row_id = read_id(Prefix.WEBHOOK_ENDPOINT, endpoint_id)
    async with transaction(actor.tenancy) as session:
        endpoint = await webhook_endpoints.to_change(session, actor, row_id)
        check_if_match(request, endpoint.version)
        await webhook_endpoints.delete(session, actor, row_id)
    body = {"id": public_id(Prefix.WEBHOOK_ENDPOINT, row_id), "object": "webhook_endpoint", "deleted": True}
    return JSONResponse(body)


@router.post(
    "/{endpoint_id}/rotate_secret",
    response_model=EndpointWithSecretOut,
    summary="Rotate the secret",
    openapi_extra=takes(RotateIn, ROTATE, is_required=False) | {"parameters": [*IDEMPOTENCY["parameters"], IF_MATCH]},
    responses=problems("webhook_endpoints.rotate") | TAGGED,
)
async def rotate_secret(request: Request, actor: Writer, endpoint_id: str, query: Nothing) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Get a new secret. Both sign until the overlap ends (a day unless you say otherwise, 0 to 7 days)."""
    row_id = read_id(Prefix.WEBHOOK_ENDPOINT, endpoint_id)
    given = await json_body(request, RotateIn)
    overlap = timedelta(seconds=given.overlap_seconds)

    async def work(session: AsyncSession) -> tuple[int, dict[str, Any]]:
        endpoint = await webhook_endpoints.to_change(session, actor, row_id)
        check_if_match(request, endpoint.version)
        _, secret = await webhook_endpoints.rotate_secret(session, actor, row_id, overlap=overlap)
        return 200, represent(endpoint) | {"secret": secret}

    return await once(request, actor, given.model_dump(), work, is_versioned=True)


@router.post(
    "/{endpoint_id}/test",
    response_model=DeliveryOut,
    summary="Send a test",
    openapi_extra=IDEMPOTENCY,
    responses=problems("webhook_endpoints.test"),
)
async def test(request: Request, actor: Writer, endpoint_id: str, query: Nothing) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Send this endpoint, and no other, `webhook_endpoint.test`, whatever types it asked for."""
    row_id = read_id(Prefix.WEBHOOK_ENDPOINT, endpoint_id)
    await json_body(request, In)

    async def work(session: AsyncSession) -> tuple[int, dict[str, Any]]:
        event = await webhook_endpoints.send_test(session, actor, row_id)
        return 200, delivery_lines.represent(await deliveries.entry_of(session, actor, row_id, event.id))

    return await once(request, actor, None, work)


@router.get(
    "/{endpoint_id}/deliveries",
    response_model=ListOut[DeliveryOut],
    summary="List deliveries",
    responses=problems("webhook_endpoints.deliveries"),
)
async def log(actor: Reader, endpoint_id: str, query: Annotated[DeliveryQuery, Query()]) -> JSONResponse:
    """Walk what this endpoint was owed, newest first: how often it was tried, what came back, when it is tried next."""
    if query.event_type and query.event_type not in event_types.BY_NAME:
        raise Invalid("There is no such event type.", code="unknown_event_type", pointer="/event_type")
    async with transaction(actor.tenancy) as session:
        page = await deliveries.page(
            session,
            actor,
            read_id(Prefix.WEBHOOK_ENDPOINT, endpoint_id),
            state=query.status,
            event_type=query.event_type,
            event_id=read_id(Prefix.EVENT, query.event_id) if query.event_id else None,
            created_after=query.created_after,
            created_before=query.created_before,
            cursor=query.cursor,
            limit=query.limit,
        )
    rows = [delivery_lines.represent(entry) for entry in page.rows]
    return JSONResponse({"data": rows, "next_cursor": page.next_cursor, "has_more": page.has_more})


@router.post(
    "/{endpoint_id}/recover",
    response_model=RecoveryOut,
    summary="Recover a range of time",
    openapi_extra=takes(RecoverIn, RECOVER),
    responses=problems("webhook_endpoints.recover"),
)
async def recover(request: Request, actor: Writer, endpoint_id: str, query: Nothing) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Send again what was given up of what happened in a range; with `missing`, also what was never owed."""
    row_id = read_id(Prefix.WEBHOOK_ENDPOINT, endpoint_id)
    given = await json_body(request, RecoverIn)

    async def work(session: AsyncSession) -> tuple[int, dict[str, Any]]:
        done = await deliveries.recover(session, actor, row_id, given.since, until=given.until, missing=given.missing)
        return 200, {
            "object": "recovery",
            "endpoint_id": public_id(Prefix.WEBHOOK_ENDPOINT, row_id),
            "retried": done.retried,
            "added": done.added,
            "has_more": done.has_more,
        }

    return await once(request, actor, given.model_dump(mode="json"), work)
