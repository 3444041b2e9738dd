"""Serves the sandbox's pictures to anybody, as it does the documentation that names them."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from backoffice.api.auth import client_ip
from backoffice.api.docs import CACHE
from backoffice.api.limits import ANONYMOUS, limit
from backoffice.services import magic_documents

router = APIRouter(include_in_schema=False)


@router.get("/docs/sandbox/{name}.jpg")
async def picture(request: Request, name: str) -> Response:
    """Give one picture as it is known: byte by byte."""
    await limit(request, ANONYMOUS, client_ip(request))
    magic = magic_documents.named(name)
    headers = {"Content-Disposition": f'inline; filename="{magic.name}.jpg"', "Cache-Control": CACHE}
    return Response(await asyncio.to_thread(magic.read), media_type="image/jpeg", headers=headers)
