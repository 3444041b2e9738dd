"""Gives invoices to the browser of whoever may see what they cost."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from backoffice.api.exports import person
from backoffice.api.files import safe_headers
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import invoice_sheets

router = APIRouter(include_in_schema=False)


@router.get("/billing/{invoice}.pdf")
async def fetch(request: Request, invoice: str) -> Response:
    """Write one invoice for the person who is signed in."""
    actor = await person(request)
    file = await invoice_sheets.fetch(actor, parse_public_id(Prefix.INVOICE, invoice))
    headers = safe_headers() | {
        "Content-Disposition": f'attachment; filename="{file.name}"',
        "Cache-Control": "no-store",
    }
    return Response(file.data, media_type="application/pdf", headers=headers)
