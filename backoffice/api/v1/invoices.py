"""`/invoices`: what a month costs, provisional while it lasts and final after it, line by line and as PDF."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import JSONResponse, Response

from backoffice.api.auth import needs
from backoffice.api.description import problems
from backoffice.api.files import HEADERS
from backoffice.api.texts import read_id
from backoffice.api.v1.invoice_schemas import InvoiceOut, InvoiceQuery
from backoffice.api.v1.representation import listed, moment
from backoffice.api.v1.schemas import ListOut, NoQuery
from backoffice.db import transaction
from backoffice.models.base import Prefix, public_id
from backoffice.models.invoices import Bill, InvoiceStatus, Line
from backoffice.services import invoice_sheets, invoices
from backoffice.services.access import Actor, Permission

router = APIRouter(prefix="/invoices", tags=["Invoices"])
Reader = Annotated[Actor, Depends(needs(Permission.BILLING_READ))]
PDF = "application/pdf"
SERVED = ("application/octet-stream", PDF)
"""The first is for programs that know no other."""


@router.get("", response_model=ListOut[InvoiceOut], summary="List invoices", responses=problems("invoices.list"))
async def index(actor: Reader, query: Annotated[InvoiceQuery, Query()]) -> JSONResponse:
    """Walk invoices, newest month first; the present month's is a draft. There is none where nothing is billed."""
    async with transaction(actor.tenancy) as session:
        page = await invoices.listed(session, actor, cursor=query.cursor, limit=query.limit)
    return JSONResponse(listed(page, [represent(bill) for bill in page.rows]))


@router.get("/{invoice_id}", response_model=InvoiceOut, summary="Read an invoice", responses=problems("invoices.read"))
async def show(actor: Reader, invoice_id: str, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Read one invoice; `GET /usage_records` with its id and a line lists what that line counts."""
    async with transaction(actor.tenancy) as session:
        bill = await invoices.get(session, actor, read_id(Prefix.INVOICE, invoice_id))
    return JSONResponse(represent(bill))


@router.get(
    "/{invoice_id}/pdf",
    summary="Fetch an invoice as PDF",
    response_class=Response,
    responses={
        200: {
            "description": "The invoice; a draft says on every page that it is provisional.",
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in SERVED},
        },
        **problems("invoices.pdf"),
    },
)
async def pdf(actor: Reader, invoice_id: str, query: Annotated[NoQuery, Query()]) -> Response:  # noqa: ARG001 refuses a query
    """Fetch one invoice as a file to print or to keep."""
    file = await invoice_sheets.fetch(actor, read_id(Prefix.INVOICE, invoice_id))
    headers = HEADERS | {
        "Content-Disposition": f'attachment; filename="{file.name}"',
        "Cache-Control": "no-store",
    }
    return Response(file.data, media_type=PDF, headers=headers)


def represent(bill: Bill) -> dict[str, Any]:
    """Write an invoice as its partner sees it."""
    return {
        "id": public_id(Prefix.INVOICE, bill.id),
        "object": "invoice",
        "livemode": bill.livemode,
        "number": bill.number,
        "month": bill.month.label,
        "period": {"starts_at": moment(bill.month.starts), "ends_at": moment(bill.month.ends)},
        "status": bill.status,
        "provisional": bill.status == InvoiceStatus.DRAFT,
        "currency": bill.currency,
        "plan": bill.plan,
        "total": bill.total,
        "lines": [_line(line) for line in bill.lines],
        "finalized_at": moment(bill.finalized_at),
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "position": line.position,
        "kind": line.kind,
        "description": line.description,
        "quantity": line.quantity,
        "unit_price": f"{line.unit_price.normalize():f}",
        "amount": line.amount,
        "plan": line.plan,
        "tier_from": line.tier_from,
        "tier_to": line.tier_to,
        "starts_at": moment(line.starts),
        "ends_at": moment(line.ends),
    }
