"""The description of this API: for programs as OpenAPI 3.1, for people as a page of our own without foreign assets."""

import gzip
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import JSONResponse, Response

from backoffice.api.auth import client_ip
from backoffice.api.docs_page import page
from backoffice.api.limits import ANONYMOUS, limit
from backoffice.api.portal.html import SLOT, inside
from backoffice.api.portal.reading import portal
from backoffice.errors import NotFound
from backoffice.settings import ROOT

router = APIRouter(include_in_schema=False)
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
CACHE = "public, max-age=300"
ALWAYS_ASK = "public, no-cache"
"""A new version's page must not meet an old one's script."""
ASSETS = ROOT / "assets"
BUILT = ROOT / ".web" / "build" / "client" / "assets"
FONTS = (
    ("Inter Variable", "100 900", "inter-latin-wght-normal-*.woff2"),
    ("Source Sans 3 Variable", "200 900", "source-sans-3-latin-wght-normal-*.woff2"),
    ("Fira Code", "400", "fira-code-latin-400-normal-*.woff2"),
)
DARK = re.compile(r"\.dark, \.dark-theme (\{[^}]*\})")


@dataclass(frozen=True, slots=True)
class Text:
    """Something that is the same for everybody, ready in both encodings."""

    media_type: str
    plain: bytes
    packed: bytes
    etag: str

    @classmethod
    def of(cls, text: str, media_type: str) -> "Text":
        """Pack a text once for everybody."""
        plain = text.encode()
        return cls(media_type, plain, gzip.compress(plain, 9), f'"{hashlib.sha256(plain).hexdigest()[:20]}"')

    def answer(self, request: Request, headers: Mapping[str, str] | None = None) -> Response:
        """Answer it, or say that the browser has it already."""
        said = {"Cache-Control": ALWAYS_ASK, "ETag": self.etag, "Vary": "Accept-Encoding", **(headers or {})}
        if self.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=said)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.packed, media_type=self.media_type, headers=said | {"Content-Encoding": "gzip"})
        return Response(self.plain, media_type=self.media_type, headers=said)


@router.get("/openapi.json")
async def openapi(request: Request) -> JSONResponse:
    """Describe the API for programs."""
    await limit(request, ANONYMOUS, client_ip(request))
    return JSONResponse(request.app.openapi(), headers={"Cache-Control": CACHE})


@router.get("/docs")
async def read(request: Request) -> Response:
    """Describe the API for people."""
    await limit(request, ANONYMOUS, client_ip(request))
    whole = _once(request.app, "page", lambda: page(portal(request.app.openapi())))
    return whole.answer(request, {"Content-Security-Policy": PAGE_POLICY})


@router.get("/docs/inside.html")
async def inner(request: Request) -> Response:
    """Give the partner's own page the same text, without the frame of the plain one."""
    await limit(request, ANONYMOUS, client_ip(request))
    return _once(request.app, "inside", lambda: inside(portal(request.app.openapi()), create_key=SLOT)).answer(request)


@router.get("/docs/{asset}")
async def asset(request: Request, asset: str) -> Response:
    """Give the page its style and its script."""
    await limit(request, ANONYMOUS, client_ip(request))
    if asset not in FILES:
        raise NotFound("There is no such address in this API.")
    return _asset(asset).answer(request)


def _once(app: FastAPI, name: str, write: Callable[[], str]) -> Text:
    """Write a text when it is asked for the first time."""
    known: dict[str, Text] | None = getattr(app.state, "docs", None)
    if known is None:
        known = app.state.docs = {}
    if name not in known:
        known[name] = Text.of(write(), "text/html")
    return known[name]


def _own(name: str) -> str:
    return resources.files("backoffice.api.assets").joinpath(name).read_text()


def _tokens() -> str:
    """Give the product's colours, dark ones too for who asks for them without a script."""
    text = (ASSETS / "tokens.css").read_text()
    dark = DARK.search(text)
    asked = f"@media (prefers-color-scheme: dark) {{ :root:not(.light) {dark[1]} }}" if dark else ""
    return f"{text}\n{asked}\n"


def _fonts() -> str:
    """Point at the fonts that the build bundled; without a build the system's do."""
    faces = [
        f'@font-face {{ font-family: "{family}"; font-weight: {weights}; font-display: swap; '
        f'src: url("/assets/{found.name}") format("woff2"); }}'
        for family, weights, pattern in FONTS
        for found in sorted(BUILT.glob(pattern))[:1]
    ]
    return "\n".join(faces)


FILES: dict[str, tuple[str, Callable[[], str]]] = {
    "docs.css": ("text/css", lambda: _own("docs.css")),
    "page.css": ("text/css", lambda: _own("page.css")),
    "docs.js": ("text/javascript", lambda: _own("docs.js")),
    "theme.js": ("text/javascript", (ASSETS / "theme.js").read_text),
    "mark.svg": ("image/svg+xml", (ASSETS / "mark.svg").read_text),
    "tokens.css": ("text/css", _tokens),
    "fonts.css": ("text/css", _fonts),
}


@lru_cache(8)
def _asset(name: str) -> Text:
    media_type, write = FILES[name]
    return Text.of(write(), media_type)
