"""`/erasure_requests`: follow an erasure and get its signed receipt; `/keys/erasure` has what checks it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import JSONResponse

from backoffice.adapters import signing
from backoffice.api.auth import client_ip, needs
from backoffice.api.description import problems
from backoffice.api.limits import ANONYMOUS, limit
from backoffice.api.texts import read_id
from backoffice.api.v1.erasure_schemas import ErasureOut, ErasureQuery, KeysOut
from backoffice.api.v1.representation import listed, moment
from backoffice.api.v1.schemas import ListOut, NoQuery
from backoffice.db import transaction
from backoffice.models.base import Prefix, public_id
from backoffice.models.erasure_requests import ErasureRequest, ErasureStatus
from backoffice.services import erasures
from backoffice.services.access import Actor, ActorType, Permission

router = APIRouter(tags=["Erasure"])
Reader = Annotated[Actor, Depends(needs(Permission.APPLICANTS_READ))]
AT = "/api/v1/erasure_requests/"
CACHE = "public, max-age=300"
_REQUESTERS = {ActorType.API_KEY: Prefix.API_KEY, ActorType.MEMBER: Prefix.MEMBER}


@router.get(
    "/erasure_requests",
    response_model=ListOut[ErasureOut],
    summary="List erasure requests",
    responses=problems("erasure_requests.list"),
)
async def index(actor: Reader, query: Annotated[ErasureQuery, Query()]) -> JSONResponse:
    """Walk erasure requests newest first."""
    by = erasures.Filter(
        statuses=tuple(query.status),
        applicant_id=read_id(Prefix.APPLICANT, query.applicant_id) if query.applicant_id else None,
        created_after=query.created_after,
        created_before=query.created_before,
        cursor=query.cursor,
        limit=query.limit,
    )
    async with transaction(actor.tenancy) as session:
        page = await erasures.page(session, actor, by)
    return JSONResponse(listed(page, [represent(row) for row in page.rows]))


@router.get(
    "/erasure_requests/{erasure_request_id}",
    response_model=ErasureOut,
    summary="Follow an erasure",
    responses=problems("erasure_requests.read"),
)
async def show(actor: Reader, erasure_request_id: str, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Read one erasure request; a completed one has the receipt, signed so that anybody can check it offline."""
    async with transaction(actor.tenancy) as session:
        row = await erasures.get(session, actor, read_id(Prefix.ERASURE_REQUEST, erasure_request_id))
    return JSONResponse(represent(row))


@router.get(
    "/keys/erasure",
    response_model=KeysOut,
    summary="Get the keys of receipts",
    responses=problems("erasure_requests.keys"),
)
async def keys(request: Request, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Get the public keys that check receipts, as a JWKS (RFC 7517); keep them beside your receipts. No key needed."""
    await limit(request, ANONYMOUS, client_ip(request))
    return JSONResponse({"keys": [signing.public_key()]}, headers={"Cache-Control": CACHE})


def represent(row: ErasureRequest) -> dict[str, Any]:
    """Write an erasure request as its partner sees it."""
    prefix = _REQUESTERS.get(ActorType(row.requested_by_type))
    return {
        "id": public_id(Prefix.ERASURE_REQUEST, row.id),
        "object": "erasure_request",
        "livemode": row.livemode,
        "applicant_id": public_id(Prefix.APPLICANT, row.applicant_id),
        "status": row.status,
        "requested_by": {
            "type": row.requested_by_type,
            "id": public_id(prefix, row.requested_by_id) if prefix and row.requested_by_id else None,
        },
        "created_at": moment(row.created_at),
        "held_until": moment(row.held_until) if row.status == ErasureStatus.ON_HOLD else None,
        "hold_basis": row.hold_basis if row.status == ErasureStatus.ON_HOLD else None,
        "completed_at": moment(row.completed_at),
        "receipt": row.receipt if row.status == ErasureStatus.COMPLETED else None,
    }
