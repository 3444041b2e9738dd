"""The answer for an address that is none of ours, in words and looks like every other page."""

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOT_FOUND = 404


class MissingPages:
    """Puts our page in the place of the one that Reflex keeps for wrong addresses."""

    def __init__(self, app: ASGIApp, missing_page: Callable[[], str]) -> None:
        self.app = app
        self.missing_page = missing_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let every answer pass but that one."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_missing = False

        async def told(message: Message) -> None:
            nonlocal is_missing
            if message["type"] == "http.response.start":
                is_missing = _is_kept_page(message)
                if is_missing:
                    await HTMLResponse(self.missing_page(), NOT_FOUND)(scope, receive, send)
            if not is_missing:
                await send(message)

        await self.app(scope, receive, told)


def _is_kept_page(answer: Message) -> bool:
    """Tell the compiled page, which is a file with a tag, from what our own code says with the same status."""
    headers = Headers(raw=answer["headers"])
    is_page = headers.get("content-type", "").startswith("text/html")
    return answer["status"] == NOT_FOUND and is_page and "etag" in headers
