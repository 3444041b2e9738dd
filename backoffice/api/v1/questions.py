"""`/documents/{id}/questions`: what reviewers ask, and your answers."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from backoffice.api.auth import needs
from backoffice.api.bodies import json_body
from backoffice.api.description import problems, takes
from backoffice.api.examples.questions import ANSWER
from backoffice.api.idempotent import once
from backoffice.api.texts import read_id
from backoffice.api.v1.questions_schemas import QuestionOut
from backoffice.api.v1.representation import moment
from backoffice.api.v1.schemas import AnswerIn, ListOut, NoQuery
from backoffice.db import transaction
from backoffice.models.base import Prefix, public_id
from backoffice.services import questions
from backoffice.services.access import Actor, Permission
from backoffice.services.questions import Asked

router = APIRouter(prefix="/documents/{document_id}/questions", tags=["Documents"])
Reader = Annotated[Actor, Depends(needs(Permission.DOCUMENTS_READ))]
Writer = Annotated[Actor, Depends(needs(Permission.DOCUMENTS_WRITE))]


@router.get(
    "",
    response_model=ListOut[QuestionOut],
    summary="List questions",
    responses=problems("questions.list"),
)
async def index(actor: Reader, document_id: str, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Read what reviewers asked about one document, oldest first; `document.question_asked` tells of a new one."""
    async with transaction(actor.tenancy) as session:
        rows = await questions.of_document(session, actor, read_id(Prefix.DOCUMENT, document_id))
    return JSONResponse({"data": [_body(one) for one in rows], "next_cursor": None, "has_more": False})


@router.post(
    "/{question_id}/answer",
    response_model=QuestionOut,
    summary="Answer a question",
    openapi_extra=takes(AnswerIn, ANSWER),
    responses=problems("questions.answer"),
)
async def answer(
    request: Request,
    actor: Writer,
    document_id: str,
    question_id: str,
    query: Annotated[NoQuery, Query()],  # noqa: ARG001 refuses a query
) -> JSONResponse:
    """Answer a question once; the review goes on at once, by whoever asked.

    The answer is kept for replays, so the texts are null in it: personal data is not kept there.
    """
    ids = read_id(Prefix.DOCUMENT, document_id), read_id(Prefix.QUESTION, question_id)
    wanted = await json_body(request, AnswerIn)

    async def work(session: AsyncSession) -> tuple[int, dict[str, Any]]:
        row = await questions.answer(session, actor, ids[1], wanted.text, document_id=ids[0])
        return 200, _body(Asked(row, "", ""))

    return await once(request, actor, wanted.model_dump(), work)


def _body(one: Asked) -> dict[str, Any]:
    row = one.question
    status = "open" if row.closed_at is None else "answered" if row.answer_box is not None else "closed"
    return {
        "id": public_id(Prefix.QUESTION, row.id),
        "object": "question",
        "document_id": public_id(Prefix.DOCUMENT, row.document_id),
        "status": status,
        "text": one.text or None,
        "answer": one.answer or None,
        "expires_at": moment(row.expires_at),
        "created_at": moment(row.created_at),
        "closed_at": moment(row.closed_at),
    }
