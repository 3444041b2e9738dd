"""`/documents`: submit, list, read, follow, see a file, withdraw."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from backoffice.api.auth import needs
from backoffice.api.bodies import json_body
from backoffice.api.description import problems, takes
from backoffice.api.examples.common import IDEMPOTENCY
from backoffice.api.examples.documents import APPEAL, SUBMIT
from backoffice.api.idempotent import attempt_of, once, replayed
from backoffice.api.texts import read_id
from backoffice.api.uploads import received_form
from backoffice.api.v1.keeping import kept_once, location
from backoffice.api.v1.representation import created, listed, moment, represent
from backoffice.api.v1.schemas import (
    AppealIn,
    DocumentOut,
    DocumentQuery,
    EventOut,
    FileLinkOut,
    FileQuery,
    ListOut,
    NoQuery,
    Nothing,
)
from backoffice.api.v1.submission import content_of, submission_of
from backoffice.db import transaction
from backoffice.errors import Conflict
from backoffice.models.base import Prefix
from backoffice.models.documents import File
from backoffice.models.plans import Terms
from backoffice.services import (
    documents,
    events,
    file_hosts,
    files,
    idempotency,
    intake,
    legal_holds,
    quotas,
    reopenings,
    uploads,
    withdrawals,
)
from backoffice.services.access import Actor, Permission
from backoffice.services.api_keys import Caller
from backoffice.settings import settings

router = APIRouter(prefix="/documents", tags=["Documents"])
Reader = Annotated[Actor, Depends(needs(Permission.DOCUMENTS_READ))]
Writer = Annotated[Actor, Depends(needs(Permission.DOCUMENTS_WRITE))]
ImageReader = Annotated[Actor, Depends(needs(Permission.DOCUMENTS_READ, Permission.PERSONAL_READ))]


@router.post(
    "",
    status_code=201,
    response_model=DocumentOut,
    summary="Submit a document",
    response_description="Durable: stored, committed, on its way.",
    openapi_extra=SUBMIT,
    responses=problems("documents.submit"),
)
async def submit(request: Request, actor: Writer, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Send files, applicant and context in one call.

    A 201 means durable: the files are stored encrypted, the rows are committed and screening is on its way.
    """
    caller: Caller = request.state.caller
    await _admit(request, actor, caller)
    async with received_form(request) as form:
        submission = submission_of(form)
        attempt = attempt_of(request, content_of(form))
        if attempt:
            async with transaction(actor.tenancy) as session:
                earlier = await idempotency.recall(session, actor, attempt)
            if earlier:
                return replayed(earlier, location=location(earlier.status, earlier.body))
        stored = await intake.store(actor, submission)
    return await _keep(actor, attempt, stored, caller.terms)


async def _admit(request: Request, actor: Actor, caller: Caller) -> None:
    """Refuse before the body is read when the month is used up, unless an earlier answer may be asked for again."""
    if quotas.is_used_up(actor, caller.terms, caller.documents_used):
        attempt = attempt_of(request, None)
        async with transaction(actor.tenancy) as session:
            is_known = await idempotency.is_known(session, actor, attempt)
        if not is_known:
            await quotas.refuse(actor, caller.terms)


async def _keep(
    actor: Actor, attempt: idempotency.Attempt | None, stored: intake.Stored[File], terms: Terms
) -> JSONResponse:
    async def work(session: AsyncSession) -> tuple[int, dict[str, Any]]:
        document = await intake.keep(session, actor, stored, plan=terms.plan)
        held = await legal_holds.held(session, [document])
        is_read = actor.can(Permission.PERSONAL_READ)
        return 201, created(document, stored.files, can_read_personal=is_read, held=held)

    return await kept_once(actor, attempt, stored.files, work, terms=terms)


@router.get(
    "",
    response_model=ListOut[DocumentOut],
    summary="List documents",
    responses=problems("documents.list"),
)
async def index(actor: Reader, query: Annotated[DocumentQuery, Query()]) -> JSONResponse:
    """Walk documents newest first; the walk is stable while new ones arrive. `q` finds by id or external id."""
    async with transaction(actor.tenancy) as session:
        page = await documents.page(session, actor, _filter(query))
        body = listed(page, await represent(session, actor, page.rows))
    return JSONResponse(body)


def _filter(query: DocumentQuery) -> documents.Filter:
    return documents.Filter(
        statuses=tuple(query.status),
        type=query.type,
        applicant_id=read_id(Prefix.APPLICANT, query.applicant_id) if query.applicant_id else None,
        verification_id=read_id(Prefix.VERIFICATION, query.verification_id) if query.verification_id else None,
        external_id=query.external_id,
        created_after=query.created_after,
        created_before=query.created_before,
        q=query.q,
        cursor=query.cursor,
        limit=query.limit,
    )


@router.get(
    "/{document_id}",
    response_model=DocumentOut,
    summary="Read a document",
    responses=problems("documents.read"),
)
async def show(actor: Reader, document_id: str, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Read one document with its checks and its decision; `extracted` is null for a key without `personal:read`."""
    async with transaction(actor.tenancy) as session:
        document = await documents.get(session, actor, read_id(Prefix.DOCUMENT, document_id))
        return JSONResponse((await represent(session, actor, [document]))[0])


@router.get(
    "/{document_id}/history",
    response_model=ListOut[EventOut],
    summary="Follow a document",
    responses=problems("documents.read"),
)
async def history(actor: Reader, document_id: str, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Read every event of one document, oldest first, without gaps in `sequence`."""
    async with transaction(actor.tenancy) as session:
        rows = await documents.history(session, actor, read_id(Prefix.DOCUMENT, document_id))
    return JSONResponse({"data": [events.envelope(row) for row in rows], "next_cursor": None, "has_more": False})


@router.get(
    "/{document_id}/files/{file_id}",
    response_model=FileLinkOut,
    summary="See a file",
    responses=problems("documents.file"),
)
async def file(
    actor: ImageReader, document_id: str, file_id: str, query: Annotated[FileQuery, Query()]
) -> JSONResponse:
    """Get a short-lived address of one file: a safe picture of its first page (`view`), or what was sent (`original`).

    The address works for this key only, and every read of an original is audited.
    """
    ids = read_id(Prefix.DOCUMENT, document_id), read_id(Prefix.FILE, file_id)
    async with transaction(actor.tenancy) as session:
        row, picture = await files.file_of(session, actor, *ids, is_whole=query.variant == "original")
    if query.variant == "view" and picture is None:
        raise Conflict("The picture is made during screening. Try again shortly.", code="file_not_ready")
    path = files.file_link(actor, picture) if query.variant == "view" and picture else files.original_link(actor, row)
    url = path if file_hosts.is_apart() else f"{settings().url}/api/v1{path}"
    return JSONResponse({"url": url, "expires_at": moment(files.expiry())})


@router.post(
    "/{document_id}/cancel",
    response_model=DocumentOut,
    summary="Withdraw a document",
    openapi_extra=IDEMPOTENCY,
    responses=problems("documents.cancel"),
)
async def cancel(
    request: Request,
    actor: Writer,
    document_id: str,
    query: Annotated[NoQuery, Query()],  # noqa: ARG001 refuses a query
) -> JSONResponse:
    """Withdraw a document that is not decided yet; it leaves the reviewers' queue at once.

    The answer is kept for replays, so `extracted` is null in it: personal data is not kept there.
    """
    row_id = read_id(Prefix.DOCUMENT, document_id)
    await json_body(request, Nothing)

    async def work(session: AsyncSession) -> tuple[int, dict[str, Any]]:
        document = await withdrawals.cancel_document(session, actor, row_id)
        return 200, (await represent(session, actor, [document], with_personal=False))[0]

    answer = await once(request, actor, None, work)
    await uploads.drop(actor, [row_id])
    return answer


@router.post(
    "/{document_id}/appeal",
    response_model=DocumentOut,
    summary="Appeal against a rejection",
    openapi_extra=takes(AppealIn, APPEAL),
    responses=problems("documents.appeal"),
)
async def appeal(
    request: Request,
    actor: Writer,
    document_id: str,
    query: Annotated[NoQuery, Query()],  # noqa: ARG001 refuses a query
) -> JSONResponse:
    """Ask that a rejection is looked at again, once per document; nobody who signed it decides the appeal.

    The document is `in_review` again and keeps its decision until a new one supersedes it. `reason` is stored sealed.
    The answer is kept for replays, so `extracted` is null in it.
    """
    row_id = read_id(Prefix.DOCUMENT, document_id)
    wanted = await json_body(request, AppealIn)

    async def work(session: AsyncSession) -> tuple[int, dict[str, Any]]:
        document = await reopenings.appeal(session, actor, row_id, why=wanted.reason)
        return 200, (await represent(session, actor, [document], with_personal=False))[0]

    return await once(request, actor, wanted.model_dump(), work)
