"""Gives exports to the browser of whoever may have them, part by part: a file of gigabytes needs no memory."""

from collections.abc import AsyncGenerator

from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from backoffice.adapters.sheets import MIME
from backoffice.api import cookies
from backoffice.api.auth import client_ip
from backoffice.api.files import HEADERS
from backoffice.api.limits import ANONYMOUS, limit
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotSignedIn
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.exports import Export
from backoffice.services import export_parts, exports, sessions
from backoffice.services.access import Actor
from backoffice.services.export_parts import Part

router = APIRouter(include_in_schema=False)


@router.get("/exports/{export}")
async def fetch(request: Request, export: str) -> StreamingResponse:
    """Stream one file to the person who is signed in; every fetch is audited."""
    actor = await person(request)
    async with transaction(actor.tenancy) as session:
        row, key = await exports.opened(session, actor, parse_public_id(Prefix.EXPORT, export))
    name = f"{row.kind}-{row.created_at:%Y-%m-%d}-{export[-6:]}.{row.format}"
    headers = HEADERS | {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(row.size),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_parts(row, key), media_type=MIME[row.format], headers=headers)


async def _parts(row: Export, key: bytes) -> AsyncGenerator[bytes]:
    for number in range(row.parts):
        yield await export_parts.get(row, key, Part.FINAL, number)


async def person(request: Request) -> Actor:
    """Say who is signed in.

    Raises NotSignedIn, which counts against the address.
    """
    async with transaction(Tenancy.everyone()) as session:
        secret = cookies.secret_in(request.scope["headers"])
        found = await sessions.by_secret(session, secret, ip=client_ip(request))
    if found is None:
        await limit(request, ANONYMOUS, client_ip(request))
        raise NotSignedIn("Sign in to fetch this.")
    return sessions.actor_of(*found, ip=client_ip(request), request_id=getattr(request.state, "request_id", ""))
