"""The description of this API: for programs as OpenAPI 3.1, for people as a page of our own without foreign assets."""

from functools import lru_cache
from importlib import resources

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from backoffice.api.auth import client_ip
from backoffice.api.docs_page import page
from backoffice.api.limits import ANONYMOUS, limit
from backoffice.errors import NotFound

router = APIRouter(include_in_schema=False)
MEDIA_TYPES = {"docs.css": "text/css", "docs.js": "text/javascript"}
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
CACHE = "public, max-age=300"


@router.get("/openapi.json")
async def openapi(request: Request) -> JSONResponse:
    """Describe the API for programs."""
    await limit(request, ANONYMOUS, client_ip(request))
    return JSONResponse(request.app.openapi(), headers={"Cache-Control": CACHE})


@router.get("/docs")
async def read(request: Request) -> HTMLResponse:
    """Describe the API for people."""
    await limit(request, ANONYMOUS, client_ip(request))
    if not hasattr(request.app.state, "docs_page"):
        request.app.state.docs_page = page(request.app.openapi())
    headers = {"Content-Security-Policy": PAGE_POLICY, "Cache-Control": CACHE}
    return HTMLResponse(request.app.state.docs_page, headers=headers)


@router.get("/docs/{asset}")
async def asset(request: Request, asset: str) -> Response:
    """Give the page its style and its script."""
    await limit(request, ANONYMOUS, client_ip(request))
    if asset not in MEDIA_TYPES:
        raise NotFound("There is no such address in this API.")
    return Response(_asset(asset), media_type=MEDIA_TYPES[asset], headers={"Cache-Control": CACHE})


@lru_cache(4)
def _asset(name: str) -> bytes:
    return resources.files("backoffice.api.assets").joinpath(name).read_bytes()
