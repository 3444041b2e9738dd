"""The two-step upload: announce the files, send each to its own address, submit."""

import asyncio
import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from backoffice.api.auth import client_ip, needs
from backoffice.api.bodies import json_body
from backoffice.api.description import problems, takes
from backoffice.api.examples.common import IDEMPOTENCY
from backoffice.api.examples.uploads import GIVEN, RAW_FILE
from backoffice.api.idempotent import Ahead, attempt_of, once, replayed
from backoffice.api.limits import ANONYMOUS, UPLOAD, limit
from backoffice.api.texts import MAX_JSON_BYTES, read_id
from backoffice.api.uploads import received_file
from backoffice.api.v1.keeping import kept_once
from backoffice.api.v1.representation import created, moment
from backoffice.api.v1.schemas import DocumentOut, ListOut, NoQuery, Nothing
from backoffice.api.v1.upload_schemas import ReceivedOut, UploadingOut, UploadOut, UploadsIn
from backoffice.db import transaction
from backoffice.errors import Invalid, NotFound
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Upload as Reserved
from backoffice.services import idempotency, intake, legal_holds, uploads
from backoffice.services.access import Actor, Permission
from backoffice.services.intake import Stored, Submission, Upload
from backoffice.services.uploads import Address, Place
from backoffice.settings import settings

router = APIRouter(tags=["Documents"])
Writer = Annotated[Actor, Depends(needs(Permission.DOCUMENTS_WRITE))]
SENT_WITH = {"Content-Type": "application/octet-stream"}


@router.post(
    "/documents/uploads",
    status_code=201,
    response_model=UploadingOut,
    summary="Announce a document",
    response_description="The document waits for its files for 24 hours.",
    openapi_extra=takes(UploadsIn, GIVEN),
    responses=problems("uploads.announce"),
)
async def announce(request: Request, actor: Writer, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Say what will come and get an address for each file, so that it need not pass through your own server.

    Then PUT every file to its address and submit the document. A repeated call under the same `Idempotency-Key` gives
    fresh addresses.
    """
    given = await json_body(request, UploadsIn)
    reserved = _reserved(actor, given)

    async def work(session: AsyncSession) -> tuple[int, dict[str, Any]]:
        document = await uploads.begin(session, actor, await reserved.ready())
        held = await legal_holds.held(session, [document])
        return 201, created(document, can_read_personal=actor.can(Permission.PERSONAL_READ), held=held)

    async def restore(session: AsyncSession, body: dict[str, Any]) -> dict[str, Any]:
        fresh = await uploads.addresses(session, actor, read_id(Prefix.DOCUMENT, body["id"]))
        return body | {"uploads": [_address(one) for one in fresh]}

    content = given.model_dump(mode="json", exclude_unset=True)
    return await once(request, actor, content, work, at="/api/v1/documents/", restore=restore, before=reserved.ready)


def _reserved(actor: Actor, given: UploadsIn) -> Ahead[Stored[Reserved]]:
    """Check the form, and draw up the document where there is not one already under the same `Idempotency-Key`."""
    submission = _submission(given)

    async def reserve() -> Stored[Reserved]:
        case = await intake.open_case(actor, submission)
        return uploads.reserve(actor, submission, case, [file.side for file in given.files])

    return Ahead(reserve)


def _submission(given: UploadsIn) -> Submission:
    if len(json.dumps(given.metadata, ensure_ascii=False).encode()) > MAX_JSON_BYTES:
        raise Invalid("Metadata holds at most 16 KB.", code="metadata_too_large", pointer="/metadata")
    personal = given.applicant.model_dump(mode="json", exclude_none=True) if given.applicant else {}
    external_id = personal.pop("external_id", None)
    return Submission(
        uploads=(),
        type=given.type,
        issuing_country=given.issuing_country,
        personal=personal,
        applicant_external_id=external_id,
        has_applicant=given.applicant is not None,
        applicant_id=_id(Prefix.APPLICANT, given.applicant_id, "/applicant_id"),
        verification_id=_id(Prefix.VERIFICATION, given.verification_id, "/verification_id"),
        external_id=given.external_id,
        replaces_id=_id(Prefix.DOCUMENT, given.replaces, "/replaces"),
        metadata=given.metadata,
    )


def _id(prefix: Prefix, value: str | None, place: str) -> UUID | None:
    return read_id(prefix, value, place) if value else None


def _address(one: Address) -> dict[str, Any]:
    return {
        "file_id": public_id(Prefix.FILE, one.upload.id),
        "side": one.upload.side,
        "method": "PUT",
        "url": one.url or f"{settings().url}/api/v1{one.path}",
        "headers": SENT_WITH,
        "expires_at": moment(one.expires_at),
    }


@router.get(
    "/documents/{document_id}/uploads",
    response_model=ListOut[UploadOut],
    summary="Get fresh addresses",
    responses=problems("uploads.addresses"),
)
async def addresses(actor: Writer, document_id: str, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Get fresh addresses for the files of a document that waits for them; there are none once it does not."""
    async with transaction(actor.tenancy) as session:
        fresh = await uploads.addresses(session, actor, read_id(Prefix.DOCUMENT, document_id))
    return JSONResponse({"data": [_address(one) for one in fresh], "next_cursor": None, "has_more": False})


@router.put(
    "/uploads/{token}",
    response_model=ReceivedOut,
    summary="Send a file",
    openapi_extra=RAW_FILE,
    responses=problems("uploads.receive"),
)
async def receive(request: Request, token: str, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Send one file to an address that `POST /documents/uploads` gave; no key is needed, the address is the right.

    It may be sent again until the document is submitted; the last one counts.
    """
    place = await _place(request, token)
    async with received_file(request) as file:
        await uploads.put(place, await asyncio.to_thread(Upload(place.side, file.source).read))
    body = {"file_id": public_id(Prefix.FILE, place.upload_id), "side": place.side}
    return JSONResponse(body | {"bytes": file.bytes, "sha256": file.sha256})


async def _place(request: Request, token: str) -> Place:
    """Find what an address stands for, and count: each place by itself, guesses by who makes them."""
    try:
        place = await uploads.place_of(token)
    except NotFound:
        await limit(request, ANONYMOUS, client_ip(request))
        raise
    await limit(request, UPLOAD, str(place.upload_id))
    return place


@router.post(
    "/documents/{document_id}/submit",
    response_model=DocumentOut,
    summary="Submit an announced document",
    response_description="Durable: stored, committed, on its way.",
    openapi_extra=IDEMPOTENCY,
    responses=problems("uploads.submit"),
)
async def submit(
    request: Request,
    actor: Writer,
    document_id: str,
    query: Annotated[NoQuery, Query()],  # noqa: ARG001 refuses a query
) -> JSONResponse:
    """Submit a document whose files have been sent; they are judged as those of `POST /documents` are.

    After a refusal nothing has changed: send the file that `errors` names again, and submit again.
    """
    row_id = read_id(Prefix.DOCUMENT, document_id)
    await json_body(request, Nothing)
    attempt = attempt_of(request, None)
    if attempt:
        async with transaction(actor.tenancy) as session:
            earlier = await idempotency.recall(session, actor, attempt)
        if earlier:
            return replayed(earlier)
    received = await uploads.store(actor, row_id)

    async def work(session: AsyncSession) -> tuple[int, dict[str, Any]]:
        document = await uploads.keep(session, actor, received, plan=request.state.terms.plan)
        held, is_read = await legal_holds.held(session, [document]), actor.can(Permission.PERSONAL_READ)
        return 200, created(document, received.files, can_read_personal=is_read, held=held)

    answer = await kept_once(actor, attempt, received.files, work, terms=request.state.terms)
    await uploads.drop(actor, [row_id])
    return answer
