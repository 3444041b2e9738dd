"""`/unsubscribe/<token>`: stops letters of one kind, by a person's press or by a mail program's (RFC 8058)."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from backoffice.api.visitors import visitor_of
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotFound
from backoffice.models.letter_kinds import LetterKind
from backoffice.pages.public import sign_in_html
from backoffice.services import letter_preferences

HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
WORDS = {
    LetterKind.WEBHOOKS: "notices about webhooks",
    LetterKind.EXPORTS: "letters that an export is ready",
    LetterKind.ALERTS: "letters about alerts",
}
SETTINGS = "/partner/settings"


async def ask(request: Request) -> Response:
    """Ask before anything changes: scanners open every link of a letter."""
    try:
        _, kind = letter_preferences.read(request.path_params["token"])
    except NotFound as error:
        return _said(error.status, "This link does not work", str(error))
    body = f"""<div class="card" data-testid="unsubscribe">
<h1>Stop these letters?</h1>
<p>You get no more {WORDS[kind]}. Your settings turn them on again.</p>
<form method="post">
<button class="primary" type="submit" data-testid="unsubscribe-submit">Stop them</button>
</form>
</div>"""
    html = sign_in_html.page("Letters", body, sign_in_html.built_fonts())
    return HTMLResponse(html, headers=HEADERS)


async def stop(request: Request) -> Response:
    """Stop them; again is as good as once."""
    visitor = visitor_of(request)
    try:
        async with transaction(Tenancy.everyone()) as session:
            kind = await letter_preferences.stop(
                session, request.path_params["token"], ip=visitor.ip, request_id=visitor.request_id
            )
    except NotFound as error:
        return _said(error.status, "This link does not work", str(error))
    return _said(200, "Stopped", f"You get no more {WORDS[kind]}. Your settings turn them on again.")


def _said(status: int, title: str, text: str) -> Response:
    html = sign_in_html.message_page(
        status, title, text, actions=(("Settings", SETTINGS),), fonts=sign_in_html.built_fonts()
    )
    return HTMLResponse(html, status, headers=HEADERS)


routes = [
    Route("/unsubscribe/{token}", ask, methods=["GET"]),
    Route("/unsubscribe/{token}", stop, methods=["POST"]),
]
