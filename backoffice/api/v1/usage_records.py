"""`/usage_records`: every billable thing that was done, and which of them a line of an invoice counts."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from backoffice.api.auth import needs
from backoffice.api.description import problems
from backoffice.api.texts import read_id
from backoffice.api.v1.invoice_schemas import UsageRecordOut, UsageRecordQuery
from backoffice.api.v1.representation import listed, moment
from backoffice.api.v1.schemas import ListOut
from backoffice.db import transaction
from backoffice.models.base import Prefix, public_id
from backoffice.models.invoices import Line
from backoffice.models.usage_records import UsageRecord
from backoffice.services import invoices, usage_records
from backoffice.services.access import Actor, Permission

router = APIRouter(prefix="/usage_records", tags=["Usage"])
Reader = Annotated[Actor, Depends(needs(Permission.USAGE_READ))]


@router.get(
    "", response_model=ListOut[UsageRecordOut], summary="List usage records", responses=problems("usage_records.list")
)
async def index(actor: Reader, query: Annotated[UsageRecordQuery, Query()]) -> JSONResponse:
    """Walk billable things newest first; each kind is there at most once per document, and only live ones count."""
    async with transaction(actor.tenancy) as session:
        by = usage_records.Filter(
            kind=query.kind,
            line=await _line(session, actor, query),
            created_after=query.created_after,
            created_before=query.created_before,
            cursor=query.cursor,
            limit=query.limit,
        )
        page = await usage_records.page(session, actor, by)
    return JSONResponse(listed(page, [represent(row) for row in page.rows]))


async def _line(session: AsyncSession, actor: Actor, query: UsageRecordQuery) -> Line | None:
    if query.invoice_id is None and query.line is None:
        return None
    bill = await invoices.get(session, actor, read_id(Prefix.INVOICE, query.invoice_id or ""))
    return bill.line(query.line or 0)


def represent(row: UsageRecord) -> dict[str, Any]:
    """Write a record as its partner sees it."""
    return {
        "id": public_id(Prefix.USAGE_RECORD, row.id),
        "object": "usage_record",
        "livemode": row.livemode,
        "kind": row.kind,
        "document_id": public_id(Prefix.DOCUMENT, row.document_id),
        "document_type": row.document_type,
        "key_id": public_id(Prefix.API_KEY, row.key_id) or None,
        "created_at": moment(row.created_at),
    }
