"""`/verifications`: begin, list, read, withdraw."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from backoffice.api.auth import needs
from backoffice.api.bodies import json_body
from backoffice.api.description import problems, takes
from backoffice.api.examples.common import IDEMPOTENCY
from backoffice.api.examples.verifications import GIVEN
from backoffice.api.idempotent import Ahead, once
from backoffice.api.texts import read_id
from backoffice.api.v1.representation import listed, moment
from backoffice.api.v1.schemas import ListOut, NoQuery, Nothing
from backoffice.api.v1.verification_schemas import VerificationIn, VerificationOut, VerificationQuery
from backoffice.db import transaction
from backoffice.errors import Invalid
from backoffice.models.base import Prefix, public_id
from backoffice.models.verifications import Verification
from backoffice.services import applicants, references, uploads, verifications, withdrawals
from backoffice.services.access import Actor, Permission
from backoffice.services.verifications import Part

router = APIRouter(prefix="/verifications", tags=["Verifications"])
Reader = Annotated[Actor, Depends(needs(Permission.VERIFICATIONS_READ))]
Writer = Annotated[Actor, Depends(needs(Permission.VERIFICATIONS_WRITE))]
AT = "/api/v1/verifications/"


@router.post(
    "",
    status_code=201,
    response_model=VerificationOut,
    summary="Begin a verification",
    openapi_extra=takes(VerificationIn, GIVEN),
    responses=problems("verifications.create"),
)
async def create(request: Request, actor: Writer, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Say whose identity is to be checked and by which documents; send them with `verification_id`.

    It is approved when a document of every required type is.
    """
    given = await json_body(request, VerificationIn)
    whose = _whose(actor, given)

    async def work(session: AsyncSession) -> tuple[int, dict[str, Any]]:
        if isinstance(whose, UUID):
            applicant = await references.applicant(session, actor, whose, lock=True)
        else:
            applicant = await applicants.add(session, actor, await whose.ready())
        row = await verifications.create(
            session, actor, applicant, required_types=given.required_types, external_id=given.external_id
        )
        return 201, _body(row, [])

    content = given.model_dump(mode="json", exclude_unset=True)
    before = whose.ready if isinstance(whose, Ahead) else None
    return await once(request, actor, content, work, at=AT, before=before)


def _whose(actor: Actor, given: VerificationIn) -> UUID | Ahead[applicants.Draft]:
    """Read who is meant; a new applicant's key is made ahead of the transaction, as that may ask a distant service."""
    if given.applicant is None:
        if given.applicant_id is None:
            raise Invalid("Say whose identity is to be checked.", code="missing", pointer="/applicant_id")
        return read_id(Prefix.APPLICANT, given.applicant_id, "/applicant_id")
    if given.applicant_id is not None:
        message = "Send either applicant data or an id that names the applicant already."
        raise Invalid(message, code="applicant_conflict", pointer="/applicant")
    known = given.applicant.model_dump(mode="json", exclude_none=True)
    return Ahead(lambda: applicants.draft(actor, known, known.get("external_id")))


@router.get(
    "",
    response_model=ListOut[VerificationOut],
    summary="List verifications",
    responses=problems("verifications.list"),
)
async def index(actor: Reader, query: Annotated[VerificationQuery, Query()]) -> JSONResponse:
    """Walk verifications newest first; the walk is stable while new ones arrive."""
    by = verifications.Filter(
        statuses=tuple(query.status),
        applicant_id=read_id(Prefix.APPLICANT, query.applicant_id) if query.applicant_id else None,
        external_id=query.external_id,
        created_after=query.created_after,
        created_before=query.created_before,
        cursor=query.cursor,
        limit=query.limit,
    )
    async with transaction(actor.tenancy) as session:
        page = await verifications.page(session, actor, by)
        data = await _represent(session, page.rows)
    return JSONResponse(listed(page, data))


@router.get(
    "/{verification_id}",
    response_model=VerificationOut,
    summary="Read a verification",
    responses=problems("verifications.read"),
)
async def show(actor: Reader, verification_id: str, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Read one verification with where each of its documents stands, and what is still missing."""
    async with transaction(actor.tenancy) as session:
        row = await verifications.get(session, actor, read_id(Prefix.VERIFICATION, verification_id))
        return JSONResponse((await _represent(session, [row]))[0])


@router.post(
    "/{verification_id}/cancel",
    response_model=VerificationOut,
    summary="Withdraw a verification",
    openapi_extra=IDEMPOTENCY,
    responses=problems("verifications.cancel"),
)
async def cancel(
    request: Request,
    actor: Writer,
    verification_id: str,
    query: Annotated[NoQuery, Query()],  # noqa: ARG001 refuses a query
) -> JSONResponse:
    """Withdraw a verification and every document of it that is not decided yet; it takes no document any more."""
    row_id = read_id(Prefix.VERIFICATION, verification_id)
    await json_body(request, Nothing)

    async def work(session: AsyncSession) -> tuple[int, dict[str, Any]]:
        row = await withdrawals.cancel_verification(session, actor, row_id)
        return 200, (await _represent(session, [row]))[0]

    answer = await once(request, actor, None, work)
    async with transaction(actor.tenancy) as session:
        parts = (await verifications.parts_of(session, [row_id])).get(row_id, [])
    await uploads.drop(actor, [part.id for part in parts])
    return answer


async def _represent(session: AsyncSession, rows: Sequence[Verification]) -> list[dict[str, Any]]:
    parts = await verifications.parts_of(session, [row.id for row in rows])
    return [_body(row, parts.get(row.id, [])) for row in rows]


def _body(row: Verification, parts: Sequence[Part]) -> dict[str, Any]:
    return {
        "id": public_id(Prefix.VERIFICATION, row.id),
        "object": "verification",
        "livemode": row.livemode,
        "applicant_id": public_id(Prefix.APPLICANT, row.applicant_id),
        "external_id": row.external_id,
        "status": row.status,
        "required_types": row.required_types,
        "missing": verifications.missing(row.required_types, [(part.type, part.status) for part in parts]),
        "documents": [
            {"id": public_id(Prefix.DOCUMENT, part.id), "type": part.type, "status": part.status} for part in parts
        ],
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
        "canceled_at": moment(row.canceled_at),
    }
