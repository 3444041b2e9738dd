"""`/requests`: what was asked with the partner's keys, and how it was answered."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import JSONResponse

from backoffice.api.auth import needs
from backoffice.api.description import problems
from backoffice.api.texts import read_id
from backoffice.api.v1.representation import moment
from backoffice.api.v1.requests_schemas import ApiRequestOut, RequestQuery
from backoffice.api.v1.schemas import ListOut, NoQuery
from backoffice.db import transaction
from backoffice.models.base import Prefix, public_id
from backoffice.models.usage import ApiRequest
from backoffice.services import api_requests
from backoffice.services.access import Actor, Permission

router = APIRouter(prefix="/requests", tags=["Usage"])
Reader = Annotated[Actor, Depends(needs(Permission.USAGE_READ))]


@router.get("", response_model=ListOut[ApiRequestOut], summary="List API requests", responses=problems("requests.list"))
async def index(actor: Reader, query: Annotated[RequestQuery, Query()]) -> JSONResponse:
    """Walk the requests of the last 30 days, newest first; each is here about a second after its answer.

    A page may be short and still have a next one: a search looks through so many lines at a time.
    """
    async with transaction(actor.tenancy) as session:
        page = await api_requests.page(session, actor, _filter(query))
    data = [_request(row) for row in page.rows]
    return JSONResponse({"data": data, "next_cursor": page.next_cursor, "has_more": page.has_more})


def _filter(query: RequestQuery) -> api_requests.Filter:
    status = query.status or ""
    return api_requests.Filter(
        method=query.method,
        route=query.route,
        status=int(status) if status.isdecimal() else None,
        status_class=int(status[0]) if status.endswith("xx") else None,
        code=query.code,
        key_id=read_id(Prefix.API_KEY, query.key_id) if query.key_id else None,
        request_id=query.request_id,
        created_after=query.created_after,
        created_before=query.created_before,
        cursor=query.cursor,
        limit=query.limit,
    )


@router.get(
    "/{log_id}", response_model=ApiRequestOut, summary="Read an API request", responses=problems("requests.read")
)
async def show(actor: Reader, log_id: str, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Read one line of the log; find it by `request_id` in the list."""
    async with transaction(actor.tenancy) as session:
        return JSONResponse(_request(await api_requests.get(session, actor, read_id(Prefix.API_REQUEST, log_id))))


def _request(row: ApiRequest) -> dict[str, Any]:
    return {
        "id": public_id(Prefix.API_REQUEST, row.id),
        "object": "api_request",
        "livemode": row.livemode,
        "key_id": public_id(Prefix.API_KEY, row.key_id),
        "method": row.method,
        "route": row.route,
        "path": row.path,
        "status": row.status,
        "code": row.code or None,
        "errors": row.detail.get("errors", []),
        "duration_ms": row.duration_ms,
        "ip": row.ip,
        "request_id": row.request_id,
        "request_bytes": row.request_bytes,
        "is_replay": row.is_replay,
        "created_at": moment(row.created_at),
    }
