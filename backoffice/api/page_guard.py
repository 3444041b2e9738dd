"""Answers for browser pages by HTTP status: sign in first (303), or not open to your role (403).

The compiled pages hold no data, and the event gate protects what fills them; this is for people and for programs
that look at the status.
"""

from collections.abc import Callable
from posixpath import normpath
from urllib.parse import urlencode

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from backoffice.api import refusals
from backoffice.api.visitors import browser_actor, looking_actor
from backoffice.i18n import speak
from backoffice.i18n.catalogue import ENGLISH
from backoffice.services.audiences import SIGN_IN_PAGE, home_of, is_partners, local_path, pages

SEE_OTHER = 303
START = "/"


class PageGuard:
    """Looks at page requests only; files, API and socket pass."""

    def __init__(self, app: ASGIApp, denied_page: Callable[[str], str]) -> None:
        self.app = app
        self.denied_page = denied_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in the page's stead when it is not open to who asks."""
        answer = await self._answer(scope) if scope["type"] == "http" and scope["method"] in {"GET", "HEAD"} else None
        await (answer or self.app)(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response | None:
        # As the server of files reads it: with the dots resolved, and without the file's own name.
        path = normpath(scope["path"]).removesuffix("/index.html") or START
        audience = pages.audience_of(path)
        if path != START and (audience is None or audience.is_public):
            return None
        actor = await browser_actor(HTTPConnection(scope))
        if actor is None:
            return RedirectResponse(sign_in_url(scope), SEE_OTHER)
        if actor.partner_id is None:
            speak(ENGLISH)
        if path == START:
            return RedirectResponse(home_of(actor), SEE_OTHER)
        if actor.is_staff and is_partners(path):
            actor = await looking_actor(actor)
        if audience is not None and not audience.admits(actor):
            await refusals.note_page(actor, path)
            return HTMLResponse(self.denied_page(audience.refusal(actor)), 403)
        return None


def sign_in_url(scope: Scope) -> str:
    """Say where to sign in and come back from; the start page needs no way back."""
    query = scope["query_string"].decode("latin-1")
    asked = local_path(f"{scope['path']}?{query}" if query else scope["path"], "")
    return f"{SIGN_IN_PAGE}?{urlencode({'next': asked})}" if asked and asked != START else SIGN_IN_PAGE
