"""Serves what a signed link names: for pictures in a signed-in browser (`/files/…`) and for partners' own links."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from backoffice.api import cookies
from backoffice.api.auth import admitted, client_ip
from backoffice.api.description import problems
from backoffice.api.examples.documents import KINDS
from backoffice.api.limits import ANONYMOUS, limit
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed, NotFound, NotSignedIn
from backoffice.services import copies, file_hosts, files
from backoffice.services.access import Actor
from backoffice.viewmodels import case_files

router = APIRouter(tags=["Documents"])
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}

PICTURE_CACHE = "private, max-age=60"
SERVED = ("application/octet-stream", *KINDS)
"""What a served file can be; the first is for who cannot tell."""


def safe_headers() -> dict[str, str]:
    """Say what goes with every file; from a host of their own the pages of the same site show them."""
    return HEADERS | ({"Cross-Origin-Resource-Policy": "same-site"} if file_hosts.is_apart() else {})


@router.get(
    "/files/{token}",
    summary="Open a signed link",
    response_class=Response,
    responses={
        200: {
            "description": "The file, decrypted for this viewer.",
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in SERVED},
        },
        **problems("documents.served"),
    },
)
async def serve(request: Request, token: str) -> Response:
    """Give the bytes to the viewer whom the link was written for, as long as they may see them."""
    link, actor = await _viewer(request, token)
    if link.target == files.Target.COPY:
        return _sent(await copies.fetch(actor, link.target_id, case_files.sheet), "no-store")
    async with transaction(actor.tenancy) as session:
        sealed = await files.locate(session, actor, link)
    if link.target == files.Target.ORIGINAL:
        return _sent(await files.read(sealed), "no-store")
    return _sent(await files.read_for(sealed, actor), PICTURE_CACHE)


def _sent(served: files.Served, cache: str) -> Response:
    headers = safe_headers() | {
        "Content-Disposition": f'attachment; filename="{served.filename}"',
        "Cache-Control": cache,
    }
    return Response(served.data, media_type=served.mime_type, headers=headers)


async def _viewer(request: Request, token: str) -> tuple[files.Link, Actor]:
    """Say who looks at what; a key's look counts as its request, a try without success by its address."""
    try:
        link = files.read_token(token)
        async with transaction(Tenancy.everyone()) as session:
            viewer = await files.viewer_of(
                session,
                link,
                session_secret=cookies.secret_in(request.scope["headers"]),
                ip=client_ip(request),
                request_id=getattr(request.state, "request_id", ""),
            )
    except (NotFound, NotSignedIn, NotAllowed):
        await limit(request, ANONYMOUS, client_ip(request))
        raise
    return link, viewer if isinstance(viewer, Actor) else await admitted(request, viewer)
