"""Keeps the host of files and the host of everything else apart, when files have one of their own (`FILES_URL`).

There, a link or a pass opens one file and nothing else is answered, whatever cookie comes along. Here, no file is
served: who is signed in and fetches an export or an invoice is sent there with a pass.
"""

from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from backoffice.api.visitors import browser_actor
from backoffice.errors import NotFound
from backoffice.services import file_hosts
from backoffice.services.file_hosts import PASS_PATH
from backoffice.services.files import LINK_PATH

PASSED = "backoffice.passed"
"""Where the session and its mark stand that a pass named; nobody outside can write there."""
API = "/api/v1"
LINKS = f"{LINK_PATH}/"
FETCHED = ("/exports/", "/billing/")
"""What pages link to and a cookie opens where files have no host of their own."""
READS = frozenset({"GET", "HEAD"})
SEE_OTHER = 303
POLICY_VIOLATION = 1008


class FilesHost:
    """Outermost but for the safe headers, so that nothing else ever hears of a request to that host."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell the two hosts apart by the name that the request came for."""
        if scope["type"] not in {"http", "websocket"} or not file_hosts.is_apart():
            await self.app(scope, receive, send)
        elif not file_hosts.is_files_host(Headers(scope=scope).get("host", "")):
            await (await self._here(scope))(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        else:
            inner = _opened(scope)
            await (self.app if inner else _nothing())(inner or scope, receive, send)

    async def _here(self, scope: Scope) -> ASGIApp:
        """Choose who answers on the host of everything else."""
        path = scope["path"].removeprefix(API)
        if scope["type"] != "http" or not path.startswith((LINKS, *FETCHED)):
            return self.app
        if path.startswith(LINKS):
            return _nothing()
        actor = await browser_actor(HTTPConnection(scope)) if scope["method"] in READS else None
        if actor is None or actor.session_id is None:
            return self.app
        target = quote(path) + _query(scope)
        return RedirectResponse(
            file_hosts.pass_to(actor.session_id, actor.mark, target), SEE_OTHER, {"Referrer-Policy": "no-referrer"}
        )


def _opened(scope: Scope) -> Scope | None:
    """Read a request to the files' host as the request for a file, without its cookies; None for anything else."""
    path = scope["path"]
    if scope["method"] not in READS:
        return None
    bare = {**scope, "headers": [(name, value) for name, value in scope["headers"] if name != b"cookie"]}
    if path.startswith(LINKS):
        return bare
    if not path.startswith(f"{PASS_PATH}/"):
        return None
    token, _, rest = path.removeprefix(f"{PASS_PATH}/").partition("/")
    target = f"/{rest}"
    try:
        passed = file_hosts.read_pass(token, quote(target) + _query(scope))
    except NotFound:
        return None
    return {**bare, "path": target, "raw_path": quote(target).encode(), PASSED: passed}


def _query(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return f"?{query}" if query else ""


def _nothing() -> ASGIApp:
    return PlainTextResponse("Not found", 404, {"Cache-Control": "no-store"})
