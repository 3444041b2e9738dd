"""`/test`: the sandbox's clock, its hand and its pictures; test keys only."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from backoffice import clock
from backoffice.api.auth import needs
from backoffice.api.bodies import json_body
from backoffice.api.description import problems, takes
from backoffice.api.examples.sandbox import ADVANCE, SIMULATE
from backoffice.api.idempotent import once
from backoffice.api.texts import read_id
from backoffice.api.v1.representation import moment, represent
from backoffice.api.v1.sandbox_schemas import AdvanceIn, ClockOut, MagicDocumentOut, SimulateIn
from backoffice.api.v1.schemas import DocumentOut, ListOut, NoQuery
from backoffice.db import transaction
from backoffice.models.base import Prefix
from backoffice.services import magic_documents, simulations, test_clocks
from backoffice.services.access import Actor, Permission
from backoffice.services.magic_documents import MagicDocument
from backoffice.settings import settings

router = APIRouter(prefix="/test", tags=["Sandbox"])
Reader = Annotated[Actor, Depends(needs(Permission.DOCUMENTS_READ))]
Writer = Annotated[Actor, Depends(needs(Permission.DOCUMENTS_WRITE))]


@router.get("/clock", response_model=ClockOut, summary="Read the test clock", responses=problems("sandbox.clock"))
async def read_clock(actor: Reader, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Read in which time your test data lives."""
    async with transaction(actor.tenancy) as session:
        return JSONResponse(_clock(await test_clocks.read(session, actor)))


@router.post(
    "/clock/advance",
    response_model=ClockOut,
    summary="Advance the test clock",
    openapi_extra=takes(AdvanceIn, ADVANCE),
    responses=problems("sandbox.advance"),
)
async def advance(request: Request, actor: Writer, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Let time pass for your test data: deadlines of review, what waits for you, retries of webhooks.

    At most 90 days at once and ten years in all. A clock never goes back. Live data does not notice.
    """
    test_clocks.require_test(actor)
    wanted = await json_body(request, AdvanceIn)

    async def work(session: AsyncSession) -> tuple[int, dict[str, Any]]:
        return 200, _clock(await test_clocks.advance(session, actor, timedelta(seconds=wanted.seconds)))

    return await once(request, actor, wanted.model_dump(), work)


def _clock(ahead: timedelta) -> dict[str, Any]:
    return {"object": "test_clock", "now": moment(clock.wall() + ahead), "ahead_seconds": int(ahead.total_seconds())}


@router.post(
    "/simulate",
    response_model=DocumentOut,
    summary="Simulate an outcome",
    openapi_extra=takes(SimulateIn, SIMULATE),
    responses=problems("sandbox.simulate"),
)
async def simulate(request: Request, actor: Writer, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Decide one of your test documents yourself, by every move and with every event that a real one would make.

    The last attempt that is asked for again is rejected, as always. The answer is kept for replays, so `extracted` is
    null in it: personal data is not kept there.
    """
    test_clocks.require_test(actor)
    wanted = await json_body(request, SimulateIn)
    row_id = read_id(Prefix.DOCUMENT, wanted.document_id, "/document_id")

    async def work(session: AsyncSession) -> tuple[int, dict[str, Any]]:
        document = await simulations.force(session, actor, row_id, wanted.outcome, wanted.reasons)
        return 200, (await represent(session, actor, [document], with_personal=False))[0]

    return await once(request, actor, wanted.model_dump(mode="json"), work)


@router.get(
    "/documents",
    response_model=ListOut[MagicDocumentOut],
    summary="List magic documents",
    responses=problems("sandbox.documents"),
)
async def documents(actor: Reader, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """List the pictures that decide a test document by themselves.

    They are known by their SHA-256, so send them as they are. In live mode they are ordinary documents.
    """
    test_clocks.require_test(actor)
    data = [_magic(one) for one in magic_documents.shipped()]
    return JSONResponse({"data": data, "next_cursor": None, "has_more": False})


def _magic(one: MagicDocument) -> dict[str, Any]:
    return {
        "object": "test_document",
        "name": one.name,
        "url": f"{settings().url}/api/v1/docs/sandbox/{one.name}.jpg",
        "sha256": one.sha256,
        "says": one.says,
        "outcome": one.outcome or "in_review",
        "reasons": list(one.reasons),
        "applicant": dict(one.applicant),
    }
