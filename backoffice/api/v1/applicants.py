"""`/applicants`: keep, list, read, change, erase."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from backoffice.api.auth import needs
from backoffice.api.bodies import json_body
from backoffice.api.description import problems, takes
from backoffice.api.etags import HEADER, IF_MATCH, check_if_match, etag
from backoffice.api.examples.applicants import CHANGES, GIVEN
from backoffice.api.idempotent import Ahead, once
from backoffice.api.texts import read_id
from backoffice.api.v1 import erasure_requests
from backoffice.api.v1.applicant_schemas import ApplicantOut, ApplicantQuery
from backoffice.api.v1.erasure_schemas import ErasureOut
from backoffice.api.v1.representation import listed, moment
from backoffice.api.v1.schemas import ApplicantIn, ListOut, NoQuery
from backoffice.db import transaction
from backoffice.models.applicants import Applicant
from backoffice.models.base import Prefix, public_id
from backoffice.services import applicants, erasures
from backoffice.services.access import Actor, Permission

router = APIRouter(prefix="/applicants", tags=["Applicants"])
Reader = Annotated[Actor, Depends(needs(Permission.APPLICANTS_READ))]
Writer = Annotated[Actor, Depends(needs(Permission.APPLICANTS_WRITE))]
Eraser = Annotated[Actor, Depends(needs(Permission.APPLICANTS_ERASE))]
AT = "/api/v1/applicants/"


@router.post(
    "",
    status_code=201,
    response_model=ApplicantOut,
    summary="Keep an applicant",
    openapi_extra=takes(ApplicantIn, GIVEN, is_required=False),
    responses=problems("applicants.create"),
)
async def create(request: Request, actor: Writer, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Keep what you know of a person, sealed under a key of their own, to send documents for them later."""
    given = _given(await json_body(request, ApplicantIn))
    draft = Ahead(lambda: applicants.draft(actor, given, given.get("external_id")))

    async def work(session: AsyncSession) -> tuple[int, dict[str, Any]]:
        return 201, _body(await applicants.add(session, actor, await draft.ready()), {})

    async def restore(session: AsyncSession, body: dict[str, Any]) -> dict[str, Any]:
        row = await applicants.find(session, actor, read_id(Prefix.APPLICANT, body["id"]))
        return body | (await applicants.shown(session, actor, [row])).get(row.id, {})

    return await once(request, actor, given, work, at=AT, restore=restore, before=draft.ready)


def _given(body: ApplicantIn) -> dict[str, Any]:
    return body.model_dump(mode="json", exclude_unset=True)


@router.get(
    "",
    response_model=ListOut[ApplicantOut],
    summary="List applicants",
    responses=problems("applicants.list"),
)
async def index(actor: Reader, query: Annotated[ApplicantQuery, Query()]) -> JSONResponse:
    """Walk applicants newest first; the walk is stable while new ones arrive."""
    async with transaction(actor.tenancy) as session:
        page = await applicants.page(session, actor, applicants.Filter(**query.model_dump()))
        data = await represent(session, actor, page.rows)
    return JSONResponse(listed(page, data))


@router.get(
    "/{applicant_id}",
    response_model=ApplicantOut,
    summary="Read an applicant",
    responses={200: {"headers": HEADER}, **problems("applicants.read")},
)
async def show(actor: Reader, applicant_id: str, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Read one applicant; every read of personal data is audited. `ETag` names the version for `If-Match`."""
    async with transaction(actor.tenancy) as session:
        row = await applicants.get(session, actor, read_id(Prefix.APPLICANT, applicant_id))
        return await _tagged(session, actor, row)


@router.patch(
    "/{applicant_id}",
    response_model=ApplicantOut,
    summary="Change an applicant",
    openapi_extra=takes(ApplicantIn, CHANGES, is_required=False, is_post=False) | {"parameters": [IF_MATCH]},
    responses={200: {"headers": HEADER}, **problems("applicants.change")},
)
async def change(
    request: Request,
    actor: Writer,
    applicant_id: str,
    query: Annotated[NoQuery, Query()],  # noqa: ARG001 refuses a query
) -> JSONResponse:
    """Merge fields into an applicant: what you leave out stays, `null` clears; with `If-Match` only that version."""
    row_id, changes = read_id(Prefix.APPLICANT, applicant_id), _given(await json_body(request, ApplicantIn))
    async with transaction(actor.tenancy) as session:
        row = await applicants.locked(session, actor, row_id)
        check_if_match(request, row.version)
        await applicants.change(session, actor, row, changes)
        return await _tagged(session, actor, row)


@router.delete(
    "/{applicant_id}",
    status_code=202,
    response_model=ErasureOut,
    summary="Erase an applicant",
    responses=problems("applicants.erase"),
)
async def erase(actor: Eraser, applicant_id: str, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Erase a person for good: data, files, and the key that opens every copy of them; a signed receipt follows.

    From now on nothing can be added to the applicant. Asking again answers the same request.
    """
    async with transaction(actor.tenancy) as session:
        row = await erasures.request(session, actor, read_id(Prefix.APPLICANT, applicant_id))
    body = erasure_requests.represent(row)
    return JSONResponse(body, 202, headers={"Location": f"{erasure_requests.AT}{body['id']}"})


async def _tagged(session: AsyncSession, actor: Actor, row: Applicant) -> JSONResponse:
    return JSONResponse((await represent(session, actor, [row]))[0], headers={"ETag": etag(row.version)})


async def represent(session: AsyncSession, actor: Actor, rows: Sequence[Applicant]) -> list[dict[str, Any]]:
    """Write applicants as this actor may see them."""
    shown = await applicants.shown(session, actor, rows)
    return [_body(row, shown.get(row.id, {})) for row in rows]


def _body(row: Applicant, names: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": public_id(Prefix.APPLICANT, row.id),
        "object": "applicant",
        "livemode": row.livemode,
        "version": row.version,
        "external_id": row.external_id,
        **{name: names.get(name) for name in applicants.PERSONAL_NAMES},
        "language": row.language,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
        "erased_at": moment(row.erased_at),
    }
